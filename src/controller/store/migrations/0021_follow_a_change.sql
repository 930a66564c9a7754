-- causeway: compatible
-- One change is followed by its revision from whoever asked for it to the kernels of the gateways (src/controller/change). What is in the audit and
-- is no change of the model has none, and neither has what was written before this.
alter table audit add column revision bigint;
create index audit_revision on audit (revision) where revision is not null;
create index audit_request on audit (request_id) where request_id is not null;
create index event_revision on event (revision);

-- What gateways and connectors said of the revisions that they took in: the newest 10,000 of each, which whoever writes here sees to. `told` is what a
-- gateway did for it, by its own clock; connectors say only that they have it.
create table applied_change (
  gateway_id uuid references gateway (id) on delete cascade,
  connector_id uuid references connector (id) on delete cascade,
  revision bigint not null,
  told jsonb not null default '{}',
  at timestamptz not null default now(),
  constraint applied_change_by_one check (num_nonnulls(gateway_id, connector_id) = 1)
);
create unique index applied_change_gateway on applied_change (gateway_id, revision) where gateway_id is not null;
create unique index applied_change_connector on applied_change (connector_id, revision) where connector_id is not null;
