-- causeway: compatible
-- How people sign in (src/controller/identity). No part of the model: gateways and connectors are not told. What is random and ours is kept
-- as SHA-256, passwords as argon2id, what has to be read again encrypted (store/secret-box.ts).

create table account (
  user_id uuid primary key references app_user (id) on delete cascade,
  -- PHC string. Whoever has no password has no account.
  password_hash text not null check (password_hash like '$argon2id$v=19$%'),
  password_changed_at timestamptz not null default now(),
  -- Sealed secret of the authenticator app, and the last time step of which a code was taken: none is taken twice.
  totp_secret bytea,
  totp_last_step bigint,
  -- A secret that no code has confirmed yet.
  totp_pending bytea,
  constraint account_totp_step check (totp_secret is not null or totp_last_step is null)
);

create table recovery_code (
  code_sha256 bytea primary key check (octet_length(code_sha256) = 32),
  user_id uuid not null references account (user_id) on delete cascade
);
create index recovery_code_user on recovery_code (user_id);

create table web_session (
  id uuid primary key default gen_random_uuid(),
  token_sha256 bytea not null unique check (octet_length(token_sha256) = 32),
  user_id uuid not null references app_user (id) on delete cascade,
  -- second-factor: the password was right, and a second factor is still to be given.
  state text not null check (state in ('second-factor', 'signed-in')),
  started_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  source_address text,
  user_agent text not null default ''
);
create index web_session_user on web_session (user_id);
create index web_session_expires on web_session (expires_at);

-- A browser in which somebody has signed in: it has an allowance of failures of its own, and may be spared the second factor.
create table browser (
  token_sha256 bytea not null check (octet_length(token_sha256) = 32),
  user_id uuid not null references account (user_id) on delete cascade,
  expires_at timestamptz not null,
  trusted_until timestamptz,
  primary key (token_sha256, user_id)
);
create index browser_user on browser (user_id);

create table one_time_link (
  token_sha256 bytea primary key check (octet_length(token_sha256) = 32),
  purpose text not null check (purpose in ('set-up', 'password')),
  user_id uuid references app_user (id) on delete cascade,
  expires_at timestamptz not null,
  constraint one_time_link_of check ((purpose = 'set-up') = (user_id is null))
);
-- A new link voids the one before.
create unique index one_time_link_set_up on one_time_link (purpose) where purpose = 'set-up';
create unique index one_time_link_password on one_time_link (user_id) where purpose = 'password';

-- Failures that a key has left to it, as a leaking bucket (identity/allowance.ts). The keys are hashes: names that were tried are not kept.
create table sign_in_allowance (
  key bytea primary key check (octet_length(key) = 32),
  level double precision not null check (level >= 0),
  at timestamptz not null default now()
);
create index sign_in_allowance_at on sign_in_allowance (at);

-- A session proves the role that the person had when it began, and a link was handed out to whoever might act on a person of that role. A
-- trigger, so that no way of changing a person can forget it.
create function end_sessions() returns trigger language plpgsql as $$
begin
  delete from web_session where user_id = new.id;
  delete from one_time_link where user_id = new.id;
  return null;
end $$;
create trigger app_user_end_sessions after update of role, status on app_user for each row
  when (old.role <> new.role or (old.status <> new.status and new.status <> 'ACTIVE')) execute function end_sessions();

-- Writers of the model are in order (the row lock on wpc), so two removals cannot pass each other. Only root on the machine may: it is the
-- way back when the owner is gone, and the set-up link comes again.
create function keep_owner() returns trigger language plpgsql as $$
begin
  if coalesce(current_setting('causeway.may_remove_last_owner', true), '') <> 'on'
    and not exists (select from app_user where role = 'OWNER' and status = 'ACTIVE') then
    raise exception 'user % is the last owner', old.id
      using errcode = 'check_violation', constraint = 'app_user_last_owner';
  end if;
  return null;
end $$;
create trigger app_user_last_owner_updated after update of role, status on app_user for each row
  when (old.role = 'OWNER' and old.status = 'ACTIVE' and (new.role <> 'OWNER' or new.status <> 'ACTIVE')) execute function keep_owner();
create trigger app_user_last_owner_deleted after delete on app_user for each row
  when (old.role = 'OWNER' and old.status = 'ACTIVE') execute function keep_owner();

alter table api_credential
  -- Where its requests may come from; empty: from anywhere.
  add column allowed_prefixes cidr[] not null default '{}' check (cardinality(allowed_prefixes) <= 50),
  -- Whose authority it has (domain/role-rules.ts): it may not do more than who made it.
  add column authority text not null default 'OWNER' check (authority in ('OWNER', 'ADMIN')),
  add column created_by text not null default 'local root';

create index audit_principal on audit (principal_id, id);
