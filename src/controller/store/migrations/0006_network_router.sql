-- causeway: compatible
-- In whose words the static routes of a network's LAN are written (core/platforms): as its operator named the router or cloud, and what
-- the route table, interface and so on are called there. No part of the model: gateways and connectors are not told.

create table network_router (
  network_id uuid primary key references network (id) on delete cascade,
  platform text not null,
  parameters jsonb not null default '{}' check (jsonb_typeof(parameters) = 'object')
);
