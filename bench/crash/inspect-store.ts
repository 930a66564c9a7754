/** What the database of an installation says after a cut: what each writer has, and what must hold in any case. */
import { sql } from 'kysely';
import type { Store } from '../../src/controller/store/store.ts';
import type { Holding, Holdings } from './holding.ts';

type Row = Omit<Holding, 'parts'> & { readonly parts: Readonly<Record<string, string>> };

/** readHoldings gives what each writer has, by its number. */
export async function readHoldings({ database }: Store, writers: number): Promise<readonly Holdings[]> {
  const { rows } = await sql<Row>`
    select 'network' as kind, n.id, n.name, n.description as text,
      coalesce((select jsonb_object_agg(r.prefix::text, r.id) from network_route r where r.network_id = n.id), '{}') ||
      coalesce((select jsonb_object_agg(c.name, c.id) from connector c where c.network_id = n.id), '{}') as parts
    from network n
    union all
    select 'user', u.id, u.username, u.first_name,
      coalesce((select jsonb_object_agg(d.name, d.id) from device d where d.user_id = u.id), '{}')
    from app_user u`.execute(database);
  return Array.from({ length: writers }, (_, number) => {
    const own = rows.filter(({ name }) => name.startsWith(`w${number}-`));
    return new Map(own.map((row) => [row.name, { ...row, parts: new Map(Object.entries(row.parts)) }]));
  });
}

/** Mark is how far the records of changes had come when the writers last stood still. */
export type Mark = { readonly revision: number; readonly event: number; readonly audit: number };

const marked = sql<Mark>`select revision::int, event_seq::int as event, (select coalesce(max(id), 0)::int from audit) as audit from wpc`;

export async function readMark({ database }: Store): Promise<Mark> {
  const { rows } = await marked.execute(database);
  const [mark] = rows;
  if (mark === undefined) throw new Error('the database has no WPC');
  return mark;
}

/** lanesOf gives the names of the lanes that connectors have of their own, as the gateway calls them (core/lanes.ts). */
export async function lanesOf({ database }: Store): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ lane: number }>`select lane from lane_assignment`.execute(database);
  return new Set(rows.map(({ lane }) => `c${lane}`));
}

/** auditedSince gives the requests that have left something in the audit since then. */
export async function auditedSince({ database }: Store, { audit }: Mark): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ request: string }>`
    select distinct request_id as request from audit where id > ${audit} and request_id is not null`.execute(database);
  return new Set(rows.map(({ request }) => request));
}

/**
 * Each of these counts what must not be there: half of a change, or what a constraint forbids (read from the tables and not from its index,
 * which a cut may have harmed).
 */
const counted = {
  'numbers of events that are missing': (mark: Mark) =>
    sql`select (select event_seq from wpc) - ${mark.event} - count(*) as n from event where seq > ${mark.event}`,
  'events of revisions that the WPC does not have': () =>
    sql`select count(*) as n from event where revision > (select revision from wpc)`,
  'revisions without an event': (mark: Mark) =>
    sql`select (select revision from wpc) - ${mark.revision} - count(distinct revision) as n from event where revision > ${mark.revision}`,
  'events that are out of order': (mark: Mark) =>
    sql`select count(*) as n from (select revision < lag(revision) over (order by seq) as back from event where seq > ${mark.event}) e where back`,
  'connectors without a tunnel address': () =>
    sql`select count(*) as n from connector c where not exists (select from tunnel_address t where t.connector_id = c.id)`,
  'devices without a tunnel address': () =>
    sql`select count(*) as n from device d where not exists (select from tunnel_address t where t.device_id = d.id)`,
  'connectors without a lane, while lanes are free': () =>
    sql`select count(*) as n from connector c where not exists (select from lane_assignment l where l.connector_id = c.id)
      and (select count(*) from lane_assignment) < (select connector_lanes from gateway limit 1)`,
  'prefixes that overlap': () =>
    sql`select count(*) as n from network_route a join network_route b on a.id < b.id and a.prefix && b.prefix`,
  'user names that come twice': () =>
    sql`select count(*) as n from (select from app_user group by lower(username) having count(*) > 1) u`,
  'tunnel addresses that come twice': () =>
    sql`select count(*) as n from (select from tunnel_address group by address having count(*) > 1) a`,
  'settings that would lose what was committed': () =>
    sql`select count(*) as n from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting <> 'on'`,
} satisfies Record<string, (mark: Mark) => ReturnType<typeof sql>>;

/** violations names what is there although it must not be; `since` is the mark before the writers began. */
export async function violations({ database }: Store, since: Mark): Promise<readonly string[]> {
  const counts = Object.values(counted).map((count) => sql`(${count(since)})`);
  const { rows } = await sql<{ counts: string[] }>`select array[${sql.join(counts)}]::text[] as counts`.execute(database);
  return Object.keys(counted).flatMap((what, index) => {
    const count = rows[0]?.counts[index];
    return count === '0' ? [] : [`${what}: ${count ?? 'not counted'}`];
  });
}
