-- causeway: compatible
-- Internet gateways, restricted internet, health probes and failover of connectors (design.md 5).

alter table network
  -- Networks that its internet traffic may leave by; empty: all internet gateways.
  add column gateways_ids uuid[] not null default '{}',
  -- What the operator named for health probes; empty: the router that each connector reports.
  add column probe_targets inet[] not null default '{}' check (cardinality(probe_targets) <= 4);

alter table host add column gateways_ids uuid[] not null default '{}';

alter table user_group alter column gateways_ids drop default;
alter table user_group alter column gateways_ids type uuid[] using gateways_ids::uuid[];
alter table user_group alter column gateways_ids set default '{}';

alter table connector
  add column draining boolean not null default false,
  -- The default router of its LAN as its last observation has it; null: none that lies in its own network.
  add column lan_router inet check (family(lan_router) = 4 and masklen(lan_router) = 32);

-- A number for each different choice of internet gateways: it is in the mark of packets, so it stays (core/egress-classes.ts).
create table egress_class (
  key text primary key,
  number int not null unique check (number between 1 and 1022)
);
create trigger model after insert or delete or update on egress_class for each row execute function guard_model();

alter table wpc add column dns_servers inet[] not null default '{}' check (cardinality(dns_servers) <= 2);
drop trigger model on wpc;
create trigger model after update
  of name, tunnel_ranges, topology, default_region, default_internet_access, device_allowance, vpn_port, dns_servers
  on wpc for each row execute function guard_model();

alter table gateway
  -- What its hostname resolves to: no endpoint is given a route that covers one of these.
  add column public_addresses inet[] not null default '{}',
  -- The last report's whole lists (contract/gateway.ts).
  add column connectors jsonb not null default '[]',
  add column pools jsonb not null default '[]';
drop trigger model on gateway;
create trigger model after insert or delete
  or update of id, region, token_sha256, hostname, vpn_port, user_lanes, connector_lanes, public_addresses on gateway
  for each row execute function guard_model();
