import { sql } from 'kysely';
import type { Traffic } from '../../contract/api/traffic.ts';
import type { ConnectorId, RegionId, UserGroupId } from '../../core/ids.ts';
import { gatewayReports, gatewaySilence_s } from '../domain/live-session.ts';
import type { Reader } from '../store/database.ts';

export const noTraffic: Traffic = { bytesPerSecond: null, bytesIn: 0, bytesOut: 0, tunnels: 0, since: null };

type Sums = {
  readonly rate: number | null;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly tunnels: number;
  readonly since: Date;
};

/** A gateway tells of what has changed: a tunnel of which it says nothing while it reports carries nothing. */
const rate = sql`case when session.rate_in is null then null
  when session.counted_at < now() - make_interval(secs => ${gatewaySilence_s}) then 0 else session.rate_in + session.rate_out end`;

/** Sums of bigints are numeric, which would come as text; above 2^53 the last digits do not matter. */
const sums = sql`round(sum(${rate})) as rate, sum(session.bytes_in)::float8 as bytes_in, sum(session.bytes_out)::float8 as bytes_out,
  count(*)::int as tunnels, min(session.started_at) as since`;

/** Sessions of gateways that are silent are not believed. */
const live = sql`session join gateway on gateway.id = session.gateway_id and session.state = 'established' and ${gatewayReports()}`;

/** ConnectorTunnels is where a connector is connected and what passed; during a hand-over it may have two tunnels at one gateway. */
export type ConnectorTunnels = { readonly region: RegionId; readonly traffic: Traffic };

/** readConnectorTunnels gives those of all connectors that are online, with one query. */
export async function readConnectorTunnels(reader: Reader): Promise<ReadonlyMap<ConnectorId, ConnectorTunnels>> {
  const { rows } = await sql<Sums & { connector_id: ConnectorId; region: RegionId }>`
    select session.connector_id, min(gateway.region) as region, ${sums} from ${live}
    where session.connector_id is not null group by session.connector_id`.execute(reader);
  return new Map(rows.map((row) => [row.connector_id, { region: row.region, traffic: toTraffic(row) }]));
}

/** GroupPresence is who of a group is online: in one region, or in all (`region` null), where nobody is counted twice. */
export type GroupPresence = {
  readonly region: RegionId | null;
  readonly people: number;
  readonly devices: number;
  readonly traffic: Traffic;
};

/**
 * readPresence gives who is online of all groups with one query; groups without anybody are absent. Summed by person first, so that
 * fewer rows are sorted.
 */
export async function readPresence(reader: Reader): Promise<ReadonlyMap<UserGroupId, readonly GroupPresence[]>> {
  const { rows } = await sql<Sums & { group_id: UserGroupId; region: RegionId | null; people: number; devices: number }>`
    with by_person as materialized (
      select session.user_id, gateway.region, count(distinct session.device_id) as devices, sum(${rate}) as rate,
        sum(session.bytes_in) as bytes_in, sum(session.bytes_out) as bytes_out, count(*) as tunnels, min(session.started_at) as since
      from ${live} where session.user_id is not null group by session.user_id, gateway.region)
    select group_id, region, count(distinct user_id)::int as people, sum(devices)::int as devices, round(sum(rate)) as rate, sum(bytes_in)::float8 as bytes_in,
      sum(bytes_out)::float8 as bytes_out, sum(tunnels)::int as tunnels, min(since) as since
    from by_person join app_user on app_user.id = by_person.user_id
    group by grouping sets ((group_id), (group_id, region)) order by region nulls first`.execute(reader);
  const byGroup = Map.groupBy(rows, ({ group_id }) => group_id);
  return new Map(
    [...byGroup].map(([group, of]) => [
      group,
      of.map((row) => ({ region: row.region, people: row.people, devices: row.devices, traffic: toTraffic(row) })),
    ]),
  );
}

function toTraffic({ rate: bytesPerSecond, bytes_in, bytes_out, tunnels, since }: Sums): Traffic {
  return { bytesPerSecond, bytesIn: bytes_in, bytesOut: bytes_out, tunnels, since: since.toISOString() };
}
