-- causeway: compatible
-- Whose users have to prove at connect that they are who the profile says (docs/connect-authentication.md).

-- The last authenticated connection of each device: until when it need not be asked again is compiled from it, so it belongs to the model.
create table device_authentication (
  device_id uuid primary key references device (id) on delete cascade,
  authenticated_at timestamptz not null
);
create trigger model after insert or delete or update on device_authentication for each row execute function guard_model();

-- Whoever is suspended has to prove it again afterwards. A trigger, so that no way of suspending can forget it.
create function forget_device_authentication() returns trigger language plpgsql as $$
begin
  delete from device_authentication where device_id in (select id from device where user_id = new.id);
  return null;
end $$;
create trigger app_user_forget_device_authentication after update of status on app_user for each row
  when (old.status <> new.status and new.status = 'SUSPENDED') execute function forget_device_authentication();

-- A connection that waits for a person: `web`, until they approve it in the portal, or `code`, until they give the second factor. The secret
-- of its link, or of its challenge, is kept as SHA-256. No part of the model.
create table connect_attempt (
  id uuid primary key default gen_random_uuid(),
  secret_sha256 bytea not null unique check (octet_length(secret_sha256) = 32),
  way text not null check (way in ('web', 'code')),
  gateway_id uuid not null references gateway (id) on delete cascade,
  device_id uuid not null references device (id) on delete cascade,
  -- Where the client is: what the page shows, so that nobody approves somebody else's connection.
  client_address text not null,
  -- Of the person when it began; if either has changed meanwhile, it is refused.
  role text not null,
  group_id uuid not null,
  state text not null default 'waiting' check (state in ('waiting', 'approved', 'refused', 'gone')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index connect_attempt_device on connect_attempt (device_id);
create index connect_attempt_expires on connect_attempt (expires_at);
