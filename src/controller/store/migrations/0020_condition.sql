-- causeway: compatible
-- What is not as it should be and does not mend itself (src/controller/keeping): one row as long as it lasts. Kept, so that each is told once, also
-- over restarts and by several controllers. The key names what it is about; `level` rises as an end comes nearer.
create table condition (
  key text primary key,
  code text not null,
  level text not null,
  entity text not null,
  entity_id text not null,
  message text not null,
  since timestamptz not null default now(),
  seen_at timestamptz not null default now()
);

-- When the last sweep was. A clock that is a year ahead must not make it delete what is a day old (keeping/sweep.ts).
create table sweep_state (
  singleton boolean primary key default true check (singleton),
  swept_at timestamptz,
  held_since timestamptz
);
insert into sweep_state default values;

-- SHA-256 of the roots that all lanes of the gateway believe, as it reported: connectors and devices get certificates of the next CA only when all do.
alter table gateway add column trusts jsonb not null default '[]';
