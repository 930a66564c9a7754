import { sql } from 'kysely';
import type { LastHour, TrafficPart } from '../../contract/api/traffic.ts';
import { sampleCount, sampleSeconds } from '../../contract/api/traffic.ts';
import { notFound } from '../../contract/errors.ts';
import { nilId } from '../../core/ids.ts';
import type { Database, Reader } from '../store/database.ts';
import { noTraffic, readConnectorTunnels } from './live-traffic.ts';

/** A minute is shown when the reports that reach into it are there: gateways count every 10 seconds. */
const settles_s = 15;

/** The site of what is of all together; see migration 0017. */
export const allSites = nilId;

type Asked = {
  readonly parts: readonly TrafficPart[];
  /** Only what is of this network. */
  readonly networkId: string | undefined;
  /** Undefined: now, by the clock of the database. */
  readonly at?: Date;
};

/** readLastHour gives what passed in each of the last 60 whole minutes. Throws `not-found` for a network that is not there. */
export async function readLastHour(database: Database, { parts, networkId, at }: Asked): Promise<LastHour> {
  return await database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const connectors = networkId === undefined ? null : await readConnectors(trx, networkId);
      const { from, rows } = await readSamples(trx, networkId ?? allSites, at);
      const reported = new Set(rows.filter(({ part }) => part === 'people').map(({ minute }) => minute));
      const samplesOf = (part: TrafficPart) => {
        const passed = new Map(rows.filter((row) => row.part === part).map((row) => [row.minute, row]));
        return Array.from({ length: sampleCount }, (_, minute) => {
          const { bytes_in: bytesIn, bytes_out: bytesOut } = passed.get(minute) ?? { bytes_in: 0, bytes_out: 0 };
          return passed.has(minute) || reported.has(minute) ? { bytesIn, bytesOut } : null;
        });
      };
      return {
        from: from.toISOString(),
        sampleSeconds,
        parts: parts.map((part) => ({ part, samples: samplesOf(part) })),
        connectors,
      };
    });
}

async function readConnectors(reader: Reader, networkId: string): Promise<LastHour['connectors']> {
  const { rows } = await sql<{ id: string; connectors: string[] }>`
    select network.id, coalesce(array_agg(connector.id) filter (where connector.id is not null), '{}')::text[] as connectors
    from network left join connector on connector.network_id = network.id where network.id = ${networkId} group by network.id`.execute(
    reader,
  );
  const [network] = rows;
  if (network === undefined) throw notFound('network', networkId);
  const tunnels = new Map<string, { readonly traffic: typeof noTraffic }>(await readConnectorTunnels(reader));
  return network.connectors.map((id) => ({ id, traffic: tunnels.get(id)?.traffic ?? noTraffic }));
}

type Sample = {
  readonly part: TrafficPart;
  /** From 0, the oldest. */
  readonly minute: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
};

/** The rows of people of all tell in which minutes a gateway reported, whoever is asked about. */
async function readSamples(reader: Reader, site: string, at: Date | undefined): Promise<{ from: Date; rows: readonly Sample[] }> {
  const length = sql`make_interval(secs => ${sampleSeconds})`;
  const now = at === undefined ? sql`now()` : sql`${at}::timestamptz`;
  const { rows: bounds } = await sql<{ from: Date }>`
    select date_bin(${length}, ${now} - make_interval(secs => ${settles_s}), 'epoch'::timestamptz) - ${sampleCount} * ${length} as from`.execute(
    reader,
  );
  const [{ from } = { from: new Date(0) }] = bounds;
  const { rows } = await sql<Sample>`
    select part, (extract(epoch from at - ${from}::timestamptz) / ${sampleSeconds})::int as minute,
      sum(bytes_in)::float8 as bytes_in, sum(bytes_out)::float8 as bytes_out
    from traffic_sample
    where (site_id = ${site} or site_id = ${allSites} and part = 'people')
      and at >= ${from} and at < ${from}::timestamptz + ${sampleCount} * ${length}
    group by part, at`.execute(reader);
  return { from, rows };
}
