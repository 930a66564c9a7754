import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';
import { sampleSeconds } from '../../contract/api/traffic.ts';
import type { GatewayId } from '../../core/ids.ts';
import { allSites } from '../overview/read-traffic.ts';
import type { ModelTrx } from '../store/database.ts';

/** The record in which sessions travel to the database, as one JSON text; the column list must match toRow of store-report.ts. */
export const record = sql.raw(`(key text, lane text, connector_id uuid, device_id uuid, serial text, state text, reason text,
  client_address text, started_at timestamptz, ended_at timestamptz, bytes_in bigint, bytes_out bigint, client_version text,
  platform text)`);

/**
 * Two reports give a rate when they are so far apart. A gateway reads its daemons every 2 seconds, so a shorter time says more of when they
 * were read than of what passed; over a longer one the gateway or the controller was away, and nobody knows when it passed.
 */
const shortest_s = 5;
const longest_s = 60;

const minute = sql`make_interval(secs => ${sampleSeconds})`;
const epoch = sql`'epoch'::timestamptz`;

function clock(at: Date | undefined): RawBuilder<Date> {
  return at === undefined ? sql<Date>`now()` : sql<Date>`${at}::timestamptz`;
}

/** markReported notes that the gateway reports in this minute: that nothing passes is known then (migration 0017). */
export async function markReported(trx: ModelTrx, gateway: GatewayId, at: Date | undefined): Promise<void> {
  await sql`
    insert into traffic_sample (site_id, at, part, gateway_id)
    values (${allSites}, date_bin(${minute}, ${clock(at)}, ${epoch}), 'people', ${gateway}) on conflict do nothing`.execute(trx);
}

/**
 * writeSessions writes the sessions of a report, their rates, and what has passed since the reports before into the samples of these minutes; in
 * one statement. Counters that fell, as those of a daemon that began anew do, count from here. Names are written down as they are now, so that
 * a session tells who it was after its objects are gone or renamed.
 */
export async function writeSessions(trx: ModelTrx, gateway: GatewayId, sessions: string, at: Date | undefined): Promise<void> {
  const now = clock(at);
  const elapsed_s = sql`extract(epoch from ${now} - session.counted_at)::float8`;
  const isKnown = sql`coalesce(excluded.bytes_in >= session.bytes_in and excluded.bytes_out >= session.bytes_out
    and ${elapsed_s} between 0 and ${longest_s}, false)`;
  const isTooSoon = sql`(${isKnown} and ${elapsed_s} < ${shortest_s} and excluded.state = 'established')`;
  const rate = (direction: 'in' | 'out') => sql`case
    when not ${isKnown} then null when ${isTooSoon} then ${sql.ref(`session.rate_${direction}`)}
    else (${sql.ref(`excluded.bytes_${direction}`)} - ${sql.ref(`session.counted_${direction}`)}) / nullif(${elapsed_s}, 0) end`;
  const counted = (direction: 'in' | 'out') =>
    sql`case when ${isTooSoon} then ${sql.ref(`session.counted_${direction}`)} else ${sql.ref(`excluded.bytes_${direction}`)} end`;
  await sql`
    with written as (
      insert into session (gateway_id, key, lane, connector_id, device_id, user_id, serial, state, reason, client_address, tunnel_address,
        region, connector_name, site_name, user_name, device_name, client_version, platform, bytes_in, bytes_out, started_at, ended_at,
        counted_at, counted_in, counted_out)
      select gateway.id, r.key, r.lane, r.connector_id, r.device_id, app_user.id, r.serial, r.state, r.reason, r.client_address,
        coalesce(of_connector.address, of_device.address), gateway.region, connector.name, coalesce(network.name, host.name),
        app_user.username, device.name, r.client_version, r.platform, r.bytes_in, r.bytes_out, r.started_at, r.ended_at,
        ${now}, r.bytes_in, r.bytes_out
      from json_to_recordset(${sessions}::json) as r ${record}
      join gateway on gateway.id = ${gateway}
      left join connector on connector.id = r.connector_id
      left join network on network.id = connector.network_id
      left join host on host.id = connector.host_id
      left join device on device.id = r.device_id
      left join app_user on app_user.id = device.user_id
      left join tunnel_address of_connector on of_connector.connector_id = r.connector_id
      left join tunnel_address of_device on of_device.device_id = r.device_id
      on conflict (gateway_id, key) do update set
        state = excluded.state, reason = excluded.reason, client_address = excluded.client_address, bytes_in = excluded.bytes_in,
        bytes_out = excluded.bytes_out, ended_at = excluded.ended_at, client_version = excluded.client_version,
        platform = excluded.platform, updated_at = now(), rate_in = ${rate('in')}, rate_out = ${rate('out')},
        rated_since = case
          when not ${isKnown} then null when ${isTooSoon} then session.rated_since else session.counted_at end,
        counted_in = ${counted('in')}, counted_out = ${counted('out')},
        counted_at = case when ${isTooSoon} then session.counted_at else ${now} end
      returning connector_id, device_id, counted_at, rated_since, rate_in, rate_out),
    passed as (
      select coalesce(connector.network_id, connector.host_id, ${allSites}) as site_id,
        case when connector.network_id is not null then 'network' when connector.host_id is not null then 'host' else 'people' end as part,
        rated_since as since, counted_at as until, rate_in, rate_out
      from written left join connector on connector.id = written.connector_id
      where written.rate_in is not null and written.counted_at = ${now} and (written.device_id is not null or connector.id is not null)),
    by_minute as (
      select site_id, part, at, rate_in, rate_out,
        extract(epoch from least(until, at + ${minute}) - greatest(since, at))::float8 as seconds
      from passed cross join lateral generate_series(date_bin(${minute}, since, ${epoch}), until, ${minute}) as at)
    insert into traffic_sample (site_id, at, part, gateway_id, bytes_in, bytes_out)
    select coalesce(site_id, ${allSites}), at, part, ${gateway}, round(sum(rate_in * seconds)), round(sum(rate_out * seconds))
    from by_minute group by grouping sets ((at, part), (at, part, site_id))
    having grouping(site_id) = 1 or part <> 'people'
    on conflict (site_id, at, part, gateway_id) do update set
      bytes_in = traffic_sample.bytes_in + excluded.bytes_in, bytes_out = traffic_sample.bytes_out + excluded.bytes_out`.execute(
    trx,
  );
}
