-- causeway: compatible
-- How long records are kept: days by kind, only what was set (core/retention.ts has the rest). The indexes are the sweep's way to the oldest rows
-- (keeping/sweep.ts): without them each of its batches reads the table.
alter table wpc add column retention jsonb not null default '{}' check (jsonb_typeof(retention) = 'object');
create index event_at on event (at);
create index session_ended on session (ended_at) where ended_at is not null;
