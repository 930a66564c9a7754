-- causeway: breaking
-- The whole schema of the first version. Every table of the model (what gateways are compiled from) is guarded: it can be written only
-- in a model transaction (model-transaction.ts), which bumps wpc.revision and appends events in the same transaction.

-- Regions are a catalogue of names; which of them has a gateway of its own is the table gateway.
create table region (
  id text primary key check (id ~ '^[a-z]{2}(-[a-z0-9]+)+$'),
  continent text not null,
  country text not null,
  country_iso char(2) not null,
  name text not null
);

insert into region (id, continent, country, country_iso, name) values
  ('us-east-1', 'North America', 'United States', 'US', 'Ashburn'),
  ('us-east-2', 'North America', 'United States', 'US', 'Columbus'),
  ('us-west-1', 'North America', 'United States', 'US', 'San Jose'),
  ('us-west-2', 'North America', 'United States', 'US', 'Portland'),
  ('us-ord', 'North America', 'United States', 'US', 'Chicago'),
  ('us-mci', 'North America', 'United States', 'US', 'Kansas City'),
  ('us-cmh', 'North America', 'United States', 'US', 'Columbus'),
  ('us-mia', 'North America', 'United States', 'US', 'Miami'),
  ('us-dal', 'North America', 'United States', 'US', 'Dallas'),
  ('ca-central-1', 'North America', 'Canada', 'CA', 'Montreal'),
  ('mx-qro', 'North America', 'Mexico', 'MX', 'Queretaro'),
  ('br-gru', 'South America', 'Brazil', 'BR', 'Sao Paulo'),
  ('sa-east-1', 'South America', 'Brazil', 'BR', 'Sao Paulo'),
  ('eu-central-1', 'Europe', 'Germany', 'DE', 'Frankfurt'),
  ('de-fra', 'Europe', 'Germany', 'DE', 'Frankfurt'),
  ('eu-west-1', 'Europe', 'Ireland', 'IE', 'Dublin'),
  ('eu-west-2', 'Europe', 'United Kingdom', 'GB', 'London'),
  ('eu-west-3', 'Europe', 'France', 'FR', 'Paris'),
  ('eu-south-1', 'Europe', 'Italy', 'IT', 'Milan'),
  ('it-mxp', 'Europe', 'Italy', 'IT', 'Milan'),
  ('eu-north-1', 'Europe', 'Sweden', 'SE', 'Stockholm'),
  ('ap-south-1', 'Asia', 'India', 'IN', 'Mumbai'),
  ('ap-southeast-1', 'Asia', 'Singapore', 'SG', 'Singapore'),
  ('ap-northeast-1', 'Asia', 'Japan', 'JP', 'Tokyo'),
  ('ap-northeast-2', 'Asia', 'South Korea', 'KR', 'Seoul'),
  ('ap-southeast-2', 'Oceania', 'Australia', 'AU', 'Sydney'),
  ('au-syd', 'Oceania', 'Australia', 'AU', 'Sydney'),
  ('me-central-1', 'Asia', 'United Arab Emirates', 'AE', 'Dubai'),
  ('af-south-1', 'Africa', 'South Africa', 'ZA', 'Cape Town');

-- One installation is one WPC: one row. Locking it (select ... for update) is what puts writers of the model in order.
create table wpc (
  singleton boolean primary key default true check (singleton),
  cloud_id text not null default 'wpc' check (cloud_id ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
  name text not null default 'My WPC',
  revision bigint not null default 0,
  event_seq bigint not null default 0,
  tunnel_ranges cidr[] not null default '{100.96.0.0/11}'
    check (cardinality(tunnel_ranges) >= 1 and array_position(tunnel_ranges, null) is null),
  topology text not null default 'FULL_MESH' check (topology in ('FULL_MESH', 'CUSTOM')),
  default_region text not null default 'eu-central-1' references region (id),
  default_internet_access text not null default 'SPLIT_TUNNEL_ON'
    check (default_internet_access in ('SPLIT_TUNNEL_ON', 'SPLIT_TUNNEL_OFF', 'RESTRICTED_INTERNET')),
  device_allowance int not null default 3 check (device_allowance between 1 and 1000),
  vpn_port int not null default 1194 check (vpn_port between 1 and 65535)
);
insert into wpc default values;

create table gateway (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  region text not null unique references region (id),
  token_sha256 bytea unique check (octet_length(token_sha256) = 32),
  -- Where endpoints connect to; null: the installation's own hostname.
  hostname text,
  vpn_port int not null default 1194 check (vpn_port between 1 and 65535),
  user_lanes int not null default 1 check (user_lanes between 1 and 16),
  connector_lanes int not null default 256 check (connector_lanes between 0 and 999),
  cores int,
  openvpn_version text,
  agent_version text,
  -- The last report (contract/gateway.ts).
  applied_revision bigint,
  lanes jsonb not null default '[]',
  problems jsonb not null default '[]',
  reported_at timestamptz,
  created_at timestamptz not null default now()
);

-- "number" gives lists a stable order in which what is new comes last; ids are random.
create table network (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity unique,
  name text not null check (name <> ''),
  description text not null default '',
  nat text not null default 'masquerade' check (nat in ('masquerade', 'routed')),
  internet_access text not null default 'SPLIT_TUNNEL_ON'
    check (internet_access in ('SPLIT_TUNNEL_ON', 'SPLIT_TUNNEL_OFF', 'RESTRICTED_INTERNET')),
  egress boolean not null default false,
  created_at timestamptz not null default now()
);

create table network_route (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity unique,
  network_id uuid not null references network (id) on delete cascade,
  prefix cidr not null,
  description text not null default '',
  created_at timestamptz not null default now(),
  -- No address behind two networks, nor twice behind one. The code proposes, this judges.
  constraint network_route_no_overlap exclude using gist (prefix inet_ops with &&)
);
create index network_route_network on network_route (network_id);

create table host (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity unique,
  name text not null check (name <> ''),
  description text not null default '',
  domain text,
  internet_access text not null default 'SPLIT_TUNNEL_ON'
    check (internet_access in ('SPLIT_TUNNEL_ON', 'SPLIT_TUNNEL_OFF', 'RESTRICTED_INTERNET')),
  created_at timestamptz not null default now()
);

create table connector (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity unique,
  name text not null check (name <> ''),
  description text not null default '',
  network_id uuid references network (id) on delete cascade,
  host_id uuid references host (id) on delete cascade,
  region text not null references region (id),
  suspended boolean not null default false,
  created_at timestamptz not null default now(),
  constraint connector_at_one_site check (num_nonnulls(network_id, host_id) = 1)
);
create index connector_network on connector (network_id);
create index connector_host on connector (host_id);

create table user_group (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity unique,
  name text not null check (name <> ''),
  internet_access text not null default 'SPLIT_TUNNEL_ON'
    check (internet_access in ('SPLIT_TUNNEL_ON', 'SPLIT_TUNNEL_OFF', 'RESTRICTED_INTERNET')),
  max_device int not null default 3 check (max_device between 1 and 1000),
  connect_auth text not null default 'NO_AUTH' check (connect_auth in ('NO_AUTH', 'ON_PRIOR_AUTH', 'EVERY_TIME')),
  all_regions_included boolean not null default true,
  regions text[] not null default '{}',
  gateways_ids text[] not null default '{}',
  tunnel_bypass cidr[] not null default '{}',
  created_at timestamptz not null default now()
);

create table app_user (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity unique,
  username text not null check (username <> ''),
  first_name text not null default '',
  last_name text not null default '',
  email text not null default '',
  group_id uuid not null references user_group (id) on delete restrict,
  secondary_group_ids uuid[] not null default '{}',
  role text not null default 'MEMBER' check (role in ('OWNER', 'ADMIN', 'MEMBER')),
  status text not null default 'ACTIVE' check (status in ('INVITED', 'ACTIVE', 'SUSPENDED')),
  created_at timestamptz not null default now()
);
create unique index app_user_username on app_user (lower(username));
create index app_user_group on app_user (group_id);

create table device (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity unique,
  user_id uuid not null references app_user (id) on delete cascade,
  name text not null check (name <> ''),
  description text not null default '',
  client_uuid text not null default '',
  -- The user lane that its profile names first (core/lanes.ts).
  user_lane int not null default 0 check (user_lane between 0 and 15),
  created_at timestamptz not null default now()
);
create index device_user on device (user_id);

-- An address that was released stays here without an owner, so that it is not given to somebody else at once.
create table tunnel_address (
  address inet primary key check (masklen(address) = case family(address) when 4 then 32 else 128 end),
  connector_id uuid unique references connector (id) on delete set null,
  device_id uuid unique references device (id) on delete set null,
  released_at timestamptz,
  constraint tunnel_address_owned_or_released check (num_nonnulls(connector_id, device_id, released_at) = 1)
);

create function release_tunnel_address() returns trigger language plpgsql as $$
begin
  if num_nonnulls(new.connector_id, new.device_id) = 0 and new.released_at is null then
    new.released_at := now();
  end if;
  return new;
end $$;
create trigger tunnel_address_release before update on tunnel_address
  for each row execute function release_tunnel_address();

-- Writers of the model are in order (the row lock on wpc), so the two directions of each rule cannot pass each other.
create function check_tunnel_address() returns trigger language plpgsql as $$
begin
  if new.released_at is null and not exists (select from wpc where new.address <<= any (tunnel_ranges)) then
    raise exception 'tunnel address % lies outside the tunnel ranges', host(new.address)
      using errcode = 'check_violation', constraint = 'tunnel_address_in_range';
  end if;
  return null;
end $$;
create trigger tunnel_address_in_range after insert or update on tunnel_address
  for each row execute function check_tunnel_address();

create function check_network_route() returns trigger language plpgsql as $$
begin
  if exists (select from wpc where new.prefix && any (tunnel_ranges)) then
    raise exception 'prefix % overlaps a tunnel range', new.prefix
      using errcode = 'check_violation', constraint = 'network_route_outside_tunnel_ranges';
  end if;
  return null;
end $$;
create trigger network_route_outside_tunnel_ranges after insert or update of prefix on network_route
  for each row execute function check_network_route();

create function check_tunnel_ranges() returns trigger language plpgsql as $$
declare
  stranded inet;
  collision cidr;
begin
  select address into stranded from tunnel_address
    where released_at is null and not address <<= any (new.tunnel_ranges) order by address limit 1;
  if found then
    raise exception 'tunnel address % would lie outside the tunnel ranges', host(stranded)
      using errcode = 'check_violation', constraint = 'tunnel_address_in_range';
  end if;
  select prefix into collision from network_route where prefix && any (new.tunnel_ranges) order by prefix limit 1;
  if found then
    raise exception 'prefix % would overlap a tunnel range', collision
      using errcode = 'check_violation', constraint = 'network_route_outside_tunnel_ranges';
  end if;
  return null;
end $$;
create trigger wpc_tunnel_ranges after update of tunnel_ranges on wpc
  for each row execute function check_tunnel_ranges();

-- A certificate outlives its endpoint as a revoked one: the revocation list needs its serial until it has expired.
create table certificate (
  serial text primary key check (serial ~ '^[0-9a-f]{32}$'),
  connector_id uuid references connector (id) on delete set null,
  device_id uuid references device (id) on delete set null,
  key_sha256 bytea check (octet_length(key_sha256) = 32),
  not_before timestamptz not null,
  not_after timestamptz not null,
  revoked_at timestamptz,
  first_used_at timestamptz,
  created_at timestamptz not null default now(),
  constraint certificate_bound_or_revoked check (num_nonnulls(connector_id, device_id) = 1 or revoked_at is not null)
);
create index certificate_connector on certificate (connector_id);
create index certificate_device on certificate (device_id);
create index certificate_not_after on certificate (not_after);

create function revoke_unbound_certificate() returns trigger language plpgsql as $$
begin
  if num_nonnulls(new.connector_id, new.device_id) = 0 and new.revoked_at is null then
    new.revoked_at := now();
  end if;
  return new;
end $$;
create trigger certificate_revoke_unbound before update on certificate
  for each row execute function revoke_unbound_certificate();

create table lane_assignment (
  connector_id uuid primary key references connector (id) on delete cascade,
  lane int not null unique check (lane between 0 and 999)
);

create table install_token (
  id uuid primary key default gen_random_uuid(),
  token_sha256 bytea not null unique check (octet_length(token_sha256) = 32),
  connector_id uuid not null references connector (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  -- The first key that used it: only this one may use it again.
  used_by_key_sha256 bytea check (octet_length(used_by_key_sha256) = 32)
);
create index install_token_connector on install_token (connector_id);

create table agent_credential (
  id uuid primary key default gen_random_uuid(),
  secret_sha256 bytea not null unique check (octet_length(secret_sha256) = 32),
  connector_id uuid not null references connector (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  first_used_at timestamptz
);
create index agent_credential_connector on agent_credential (connector_id);

create table api_credential (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity unique,
  name text not null check (name <> ''),
  client_id text not null unique,
  secret_sha256 bytea not null check (octet_length(secret_sha256) = 32),
  permissions text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz
);

create table access_token (
  token_sha256 bytea primary key check (octet_length(token_sha256) = 32),
  api_credential_id uuid not null references api_credential (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index access_token_credential on access_token (api_credential_id);
create index access_token_expires on access_token (expires_at);

-- What a gateway reported. The names are those of the time, and stay when the objects are deleted.
create table session (
  id uuid primary key default gen_random_uuid(),
  gateway_id uuid not null references gateway (id) on delete cascade,
  key text not null,
  lane text not null,
  connector_id uuid,
  device_id uuid,
  user_id uuid,
  serial text not null,
  state text not null check (state in ('established', 'ended', 'refused')),
  reason text,
  client_address text not null,
  tunnel_address inet,
  region text not null,
  connector_name text,
  site_name text,
  user_name text,
  device_name text,
  client_version text,
  platform text,
  bytes_in bigint not null default 0,
  bytes_out bigint not null default 0,
  started_at timestamptz not null,
  ended_at timestamptz,
  updated_at timestamptz not null default now(),
  unique (gateway_id, key)
);
create index session_started on session (started_at desc, id desc);
create index session_live on session (gateway_id) where state = 'established';
create index session_connector_live on session (connector_id) where state = 'established';
create index session_device_live on session (device_id) where state = 'established';

-- The latest raw text of each section that a connector's agent posts; judged in core, never here.
create table observation (
  connector_id uuid not null references connector (id) on delete cascade,
  section text not null,
  body text not null,
  observed_at timestamptz not null,
  primary key (connector_id, section)
);

-- seq is given under the lock on wpc, so that the order of seq is the order of commits (an identity column would not promise that).
create table event (
  seq bigint primary key,
  revision bigint not null,
  topic text not null,
  entity text not null,
  entity_id text not null,
  payload jsonb not null default '{}',
  at timestamptz not null default now()
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  principal_kind text not null,
  principal_id text,
  principal_name text not null,
  source_address text,
  request_id text,
  action text not null,
  entity text not null,
  entity_id text not null,
  before jsonb,
  after jsonb
);
create index audit_at on audit (at desc);
create index audit_entity on audit (entity, entity_id);

-- What openvpn-connector-setup fetches without authentication: found by the hash of its 40 character reference.
create table encrypted_profile (
  reference_sha256 bytea primary key check (octet_length(reference_sha256) = 32),
  connector_id uuid not null references connector (id) on delete cascade,
  blob text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index encrypted_profile_connector on encrypted_profile (connector_id);

-- AES-256-GCM with a key that lies outside the database (secret-box.ts).
create table secret (
  name text primary key,
  nonce bytea not null check (octet_length(nonce) = 12),
  ciphertext bytea not null,
  created_at timestamptz not null default now()
);

-- The guard: a write to the model outside a model transaction would change gateways' configuration without a revision.
create function guard_model() returns trigger language plpgsql as $$
begin
  -- Writing what is there already changes nothing.
  if tg_op = 'UPDATE' and old is not distinct from new then
    return null;
  end if;
  if coalesce(current_setting('causeway.model_transaction', true), '') <> 'on' then
    raise exception 'table % belongs to the model and is written only in a model transaction', tg_table_name
      using errcode = 'object_not_in_prerequisite_state', hint = 'use inModelTransaction';
  end if;
  perform set_config('causeway.model_changed', 'on', true);
  return null;
end $$;

create trigger model after insert or delete or update on network for each row execute function guard_model();
create trigger model after insert or delete or update on network_route for each row execute function guard_model();
create trigger model after insert or delete or update on host for each row execute function guard_model();
create trigger model after insert or delete or update on connector for each row execute function guard_model();
create trigger model after insert or delete or update on user_group for each row execute function guard_model();
create trigger model after insert or delete or update on app_user for each row execute function guard_model();
create trigger model after insert or delete or update on device for each row execute function guard_model();
create trigger model after insert or delete or update on tunnel_address for each row execute function guard_model();
create trigger model after insert or delete or update on lane_assignment for each row execute function guard_model();
-- first_used_at is an observation, not the model.
create trigger model after insert or delete or update of serial, connector_id, device_id, not_after, revoked_at on certificate
  for each row execute function guard_model();
create trigger model after insert or delete
  or update of id, region, token_sha256, hostname, vpn_port, user_lanes, connector_lanes on gateway
  for each row execute function guard_model();
create trigger model after update of name, tunnel_ranges, topology, default_region, default_internet_access, device_allowance, vpn_port
  on wpc for each row execute function guard_model();
