-- causeway: compatible
-- Passkeys (WebAuthn): the public half of a key that a person's device or telephone keeps, and challenges that wait for its signature.

create table passkey (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references account (user_id) on delete cascade,
  credential_id bytea not null unique check (octet_length(credential_id) between 1 and 1023),
  -- COSE.
  public_key bytea not null,
  -- Signatures so far, as the authenticator counts them; 0 where it does not. One that goes back is a copy.
  counter bigint not null,
  transports text[] not null default '{}',
  name text not null check (length(name) between 1 and 120),
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index passkey_user on passkey (user_id);

-- Used once: whoever answers takes the row away, right or wrong.
create table passkey_challenge (
  challenge_sha256 bytea primary key check (octet_length(challenge_sha256) = 32),
  -- The session that asked: signed in to add a passkey, or waiting for a second factor. Null: a sign-in that begins with the passkey.
  session_id uuid references web_session (id) on delete cascade,
  expires_at timestamptz not null
);
create index passkey_challenge_expires on passkey_challenge (expires_at);
