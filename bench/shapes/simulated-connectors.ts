import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sql } from 'kysely';
import { hashSecret, newSecret } from '../../src/controller/http/secret-hash.ts';
import { systemActor } from '../../src/controller/principal.ts';
import { inModelTransaction } from '../../src/controller/store/model-transaction.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Host } from '../../src/lab/host.ts';
import type { Region } from '../../src/lab/shapes/region.ts';
import { openInstallationStore } from './installation-store.ts';

/** Arrival is a desired state that reached one connector. */
export type Arrival = { readonly connector: number; readonly revision: number; readonly at: number; readonly bytes: number };

export type SimulatedConnectors = {
  /** Waits until every connector holds this revision or a later one, and gives when each of them first did. */
  readonly awaitRevision: (revision: number) => Promise<readonly Arrival[]>;
};

const program = join(import.meta.dirname, 'simulated-connectors-program.ts');

/**
 * seedConnectors adds this many networks, each with a prefix (no two of which can be joined into one) and a connector with a credential, and
 * gives the credentials. Few lanes are kept, so that those connectors share the TCP lane: they have no tunnel here anyway.
 */
export async function seedConnectors(region: Region, count: number, lanes: number): Promise<readonly string[]> {
  const store = openInstallationStore(region);
  const secrets = Array.from({ length: count }, newSecret);
  try {
    await inModelTransaction(store, systemActor, async ({ trx, record }) => {
      await sql`update gateway set connector_lanes = ${lanes}`.execute(trx);
      await sql`insert into network (name) select 'simulated ' || n from generate_series(1, ${count}::int) n`.execute(trx);
      await sql`insert into network_route (network_id, prefix)
        select id, set_masklen('10.128.0.0'::inet + 512 * row_number() over (order by number), 24)::cidr from network
        where name like 'simulated %'`.execute(trx);
      await sql`insert into connector (name, network_id, region)
        select name, id, (select region from gateway limit 1) from network where name like 'simulated %'`.execute(trx);
      await sql`insert into tunnel_address (address, connector_id)
        select '100.100.0.0'::inet + row_number() over (order by number), id from connector
        where name like 'simulated %'`.execute(trx);
      record({ entity: 'network', entityId: 'simulated', action: 'created' });
    });
    const connectors = await store.database
      .selectFrom('connector')
      .select('id')
      .where('name', 'like', 'simulated %')
      .orderBy('number')
      .execute();
    await store.database
      .insertInto('agent_credential')
      .values(
        connectors.map(({ id }, index) => ({
          connector_id: id,
          secret_sha256: hashSecret(secrets[index] ?? ''),
          expires_at: sql<Date>`now() + interval '1 day'`,
        })),
      )
      .execute();
  } finally {
    await store.close();
  }
  return secrets;
}

/** startSimulatedConnectors runs the agents' protocol for these credentials on a host until that is stopped. */
export function startSimulatedConnectors(host: Host, region: Region, credentials: readonly string[]): SimulatedConnectors {
  // In a file, since a program that stays has no standard input here and a credential must not be an argument.
  const file = join(region.dataDirectory, '..', 'credentials');
  writeFileSync(file, `${credentials.join('\n')}\n`, { mode: 0o600 });
  const ca = join(region.dataDirectory, 'ca.crt');
  const child = host.start(['sh', '-c', 'exec "$0" "$1" "$2" "$3" <"$4"', process.execPath, program, region.url, ca, file]);
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += String(chunk);
  });
  const arrivals = credentials.map((): Arrival[] => []);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [connector = -1, revision = 0, at = 0, bytes = 0] = line.split(' ').map(Number);
    arrivals[connector]?.push({ connector, revision, at, bytes });
  });
  return {
    awaitRevision: (revision) =>
      awaitCondition(
        `all of ${credentials.length} connectors hold revision ${revision}`,
        () => {
          const first = arrivals.map((of) => of.find((arrival) => arrival.revision >= revision));
          const missing = first.filter((arrival) => arrival === undefined).length;
          if (missing > 0) throw new Error(`${missing} do not; ${complaints.slice(-500)}`);
          return first.filter((arrival) => arrival !== undefined);
        },
        { withinMs: 300_000, everyMs: 50 },
      ),
  };
}
