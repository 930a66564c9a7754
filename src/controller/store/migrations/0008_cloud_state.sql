-- causeway: compatible
-- What was read of the cloud in which a network stands (core/trace/cloud). No part of the model: gateways and connectors are not told.

create table cloud_state (
  network_id uuid primary key references network (id) on delete cascade,
  cloud text not null,
  -- CloudState. Not jsonb: names that people gave in a cloud are in it, and jsonb refuses the escape of NUL and half surrogate pairs.
  state json not null,
  -- When the cloud gave its answers, not when they came here.
  read_at timestamptz not null,
  -- stated: an operator brought the answers; api: the controller asked the cloud itself.
  how text not null check (how in ('stated', 'api'))
);
