-- causeway: compatible
-- Traces that were asked for, and what operators say of their LANs (core/trace). No part of the model: gateways and connectors are not told.

create table trace (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity unique,
  -- Of the model that it was checked against.
  revision bigint not null,
  asked_at timestamptz not null,
  principal_kind text not null,
  principal_name text not null,
  -- The question, as it can be asked again (contract/api/trace.ts).
  asked jsonb not null check (jsonb_typeof(asked) = 'object'),
  verdict text not null,
  -- Permissions that a reader must have besides: people or hosts stand at its ends.
  needs text[] not null,
  -- FlowCheck, remarks and probes. Not jsonb: words of machines are in it, and jsonb refuses the escape of NUL and half surrogate pairs.
  result json not null
);

create table lan_statement (
  network_id uuid primary key references network (id) on delete cascade,
  statement jsonb not null check (jsonb_typeof(statement) = 'object')
);
