-- causeway: compatible
-- What src/backup tells of its work, for status, metrics and whoever wants to know what was kept where. No part of the model. The files
-- themselves, and the passphrase, are root's business: here is only what they are called.
create table backup_run (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('by-hand', 'scheduled')),
  started_at timestamptz not null,
  ended_at timestamptz not null,
  file text not null,
  -- Of the finished file; null: it failed.
  bytes bigint,
  error text,
  constraint backup_run_has_one_outcome check (num_nonnulls(bytes, error) = 1)
);
create index backup_run_started on backup_run (started_at desc);

-- As it was last set on this machine; no row: none is made by itself. A restore takes it away: the new machine has other directories.
create table backup_schedule (
  singleton boolean primary key default true check (singleton),
  every_s int not null check (every_s > 0),
  keep int not null check (keep > 0),
  directory text not null,
  set_at timestamptz not null
);
