-- causeway: compatible
-- Mail, invitations, and what people do with their own devices. Gateways and connectors are told of none of it.

-- The one mail server; no row: mail is not set up.
create table mail_server (
  singleton boolean primary key default true check (singleton),
  host text not null check (host <> ''),
  port int not null check (port between 1 and 65535),
  security text not null check (security in ('starttls', 'tls', 'none')),
  username text,
  -- Sealed (store/secret-box.ts).
  password bytea,
  sender_address text not null check (sender_address <> ''),
  sender_name text,
  ca_certificate text,
  constraint mail_server_password_of_user check (password is null or username is not null)
);

-- The outbox. A row is written by the transaction that causes the mail, so that neither is without the other.
create table mail (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity unique,
  kind text not null check (kind in ('invitation', 'password')),
  user_id uuid not null references app_user (id) on delete cascade,
  recipient text not null check (recipient <> ''),
  state text not null default 'queued' check (state in ('queued', 'sent', 'failed', 'withdrawn')),
  -- Sealed; there as long as it may still be sent, because of the link in it.
  content bytea,
  attempts int not null default 0,
  due_at timestamptz not null default now(),
  -- Until then some controller is sending it. One that died leaves it to the others when this is over.
  sending_until timestamptz,
  answer text,
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  -- The end of the link in it.
  expires_at timestamptz not null,
  constraint mail_content_while_needed check ((content is not null) = (state in ('queued', 'failed'))),
  constraint mail_settled check ((settled_at is null) = (state = 'queued'))
);
create index mail_due on mail (due_at) where state = 'queued';
create index mail_user on mail (user_id);
create index mail_expires on mail (expires_at) where content is not null;

-- A link with which a person sets the first password. Those that were used or replaced stay for a while, so that who opens one is told why.
create table invitation (
  token_sha256 bytea primary key check (octet_length(token_sha256) = 32),
  user_id uuid not null references app_user (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_by text check (ended_by in ('accepted', 'replaced', 'withdrawn')),
  constraint invitation_ended check ((ended_at is null) = (ended_by is null))
);
-- A new one voids the one before.
create unique index invitation_open on invitation (user_id) where ended_at is null;

-- A link was made by who had authority over the person as that one was then, and sent to the address of then: of another role, or with another
-- address, the person needs another link. A trigger, so that no way of changing a person can forget it.
create function void_links() returns trigger language plpgsql as $$
begin
  update invitation set ended_at = now(), ended_by = 'withdrawn' where user_id = new.id and ended_at is null;
  delete from one_time_link where user_id = new.id;
  update mail set state = 'withdrawn', content = null, settled_at = now(), answer = 'the user has another role or mail address now'
    where user_id = new.id and content is not null;
  return null;
end $$;
create trigger app_user_void_links after update of role, email on app_user for each row
  when (old.role <> new.role or old.email <> new.email) execute function void_links();

-- A link by which a client fetches the profile of a device without signing in; one for each device, a new one voids the one before.
create table profile_link (
  device_id uuid primary key references device (id) on delete cascade,
  token_sha256 bytea not null unique check (octet_length(token_sha256) = 32),
  region text references region (id),
  expires_at timestamptz not null,
  downloads int not null default 0 check (downloads between 0 and 3),
  -- What the last download handed out: the next one voids it, and its first tunnel ends the link.
  serial text
);

alter table device
  -- What the person said it is, to show the right instructions; null: not said.
  add column platform text check (platform in ('windows', 'macos', 'linux', 'android', 'ios', 'other'));

alter table wpc
  add column profile_distribution text not null default 'AUTOMATIC' check (profile_distribution in ('AUTOMATIC', 'MANUAL')),
  -- Whether the device allowance is written to every user group when it is set.
  add column device_allowance_forced boolean not null default false;
