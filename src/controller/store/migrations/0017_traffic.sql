-- causeway: compatible
-- The rate of a tunnel is the difference of two of its reports (gateway-stream/write-sessions.ts): counted_* is the first of the two. It is
-- kept apart from bytes_*, the last report, because reports that follow each other at once give no rate. The rate is of the time from
-- rated_since to counted_at.
alter table session
  add column counted_at timestamptz,
  add column counted_in bigint not null default 0,
  add column counted_out bigint not null default 0,
  add column rated_since timestamptz,
  add column rate_in double precision,
  add column rate_out double precision;

-- What passed in each minute at each gateway: of people together, of networks and hosts together (site_id is zero), and of each network and
-- host. A gateway that reported in a minute has its row of people, be it with zeros: without one the minute is not known.
create table traffic_sample (
  site_id uuid not null,
  at timestamptz not null,
  part text not null check (part in ('people', 'network', 'host')),
  gateway_id uuid not null references gateway (id) on delete cascade,
  bytes_in bigint not null default 0,
  bytes_out bigint not null default 0,
  primary key (site_id, at, part, gateway_id)
);
