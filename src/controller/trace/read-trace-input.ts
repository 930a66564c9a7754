/**
 * src/controller/trace asks core/trace: it reads what a trace depends on, lets agents send the few packets that settle a doubt, keeps the
 * answers and gives them out. It judges nothing. Tests ask the application on a real PostgreSQL: `node --test 'src/controller/trace/*.test.ts'`.
 */
import { sql } from 'kysely';
import { z } from 'zod';
import { conflict } from '../../contract/errors.ts';
import { compile } from '../../core/compile.ts';
import type { PoolId } from '../../core/failover/pool.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { ConnectorId, EndpointId, GatewayId, NetworkId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import { formatAddress, tryParseAddress } from '../../core/ip/address.ts';
import type { LaneId } from '../../core/lanes.ts';
import type { GatewaySite, WpcModel } from '../../core/model.ts';
import { lanAddressOf } from '../../core/site-routes/lan-address.ts';
import type { Attachment, Observed, ObservedMachine, TraceInput } from '../../core/trace/input.ts';
import type { LanStatement } from '../../core/trace/statement.ts';
import { readClouds } from '../cloud/cloud-states.ts';
import type { ConfigurationSource } from '../gateway-stream/configuration-source.ts';
import { parseHealthReport } from '../gateway-stream/health-changes.ts';
import { readRouters } from '../site-routes/network-router.ts';
import type { Database, Reader } from '../store/database.ts';
import { readModel } from '../store/load-model.ts';
import { siteClouds } from './site-clouds.ts';

/** Concern is whose reports, routers and statements are read besides: a trace needs those of two sites, the doctor everybody's. */
export type Concern = { readonly connectors: readonly ConnectorId[]; readonly networks: readonly NetworkId[] };

/**
 * ReadTraceInput is what was read, the gateway that it is about (a changed model is compiled for the same one), and when something last happened
 * in the WPC: a change of the model, or a session that began or ended. Null: nothing ever did.
 */
export type ReadTraceInput = { readonly input: TraceInput; readonly site: GatewaySite; readonly lastEventAt: string | null };

/**
 * readTraceInput reads what a trace depends on from one snapshot (repeatable read), so that what is explained belongs together; a fixed
 * number of queries, however large the WPC is. `choose` is asked once model and sessions are there: machines, routers, clouds and statements
 * of whom it does not name are absent from the answer, and in what `choose` is given all are. Throws conflict where there is no gateway:
 * there is no path then.
 */
export async function readTraceInput(
  database: Database,
  configurations: Pick<ConfigurationSource, 'current'>,
  choose: (known: TraceInput) => Concern,
): Promise<ReadTraceInput> {
  return await database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const { model, sites } = await readModel(trx);
      // One gateway carries everybody in this version; where several are known, the oldest.
      const [site] = sites;
      if (site === undefined) {
        const message =
          'No gateway is known, so no packet has a way; start this installation without --no-gateway, or add a gateway.';
        throw conflict('gateway', message);
      }
      const configuration = configurationOf(model, site, configurations);
      const { lastEventAt, ...gateway } = await readGateway(trx, site.id);
      const attached = await readAttached(trx, site.id);
      const known: TraceInput = {
        model,
        configuration,
        observed: {
          ...gateway,
          attached,
          machines: new Map(),
          platforms: new Map(),
          statements: new Map(),
          clouds: new Map(),
          probes: [],
        },
      };
      const { connectors, networks } = choose(known);
      const machines = await readMachines(trx, connectors);
      const platforms = await readPlatforms(trx, model, networks, machines);
      const statements = await readStatements(trx, networks);
      const kept = await readClouds(trx, networks);
      const observed = { ...known.observed, machines, platforms, statements };
      return { input: { ...known, observed: { ...observed, clouds: siteClouds(model, observed, kept) } }, site, lastEventAt };
    });
}

/** What the gateway was sent, where it is of the same revision: it need not be compiled again. */
function configurationOf(
  model: WpcModel,
  site: GatewaySite,
  configurations: Pick<ConfigurationSource, 'current'>,
): GatewayConfiguration {
  const current = configurations.current(site.id)?.configuration;
  return current?.revision === model.revision ? current : compile(model, site);
}

const reportedProblems = z.array(z.object({ code: z.string(), message: z.string() })).catch([]);

async function readGateway(
  reader: Reader,
  id: GatewayId,
): Promise<Pick<Observed, 'now' | 'owners' | 'gateway'> & Pick<ReadTraceInput, 'lastEventAt'>> {
  const { now, reported_at, problems, pools, last_event_at } = await reader
    .selectFrom('gateway')
    .select([sql<Date>`now()`.as('now'), 'reported_at', 'problems', 'pools'])
    .select((build) => build.selectFrom('event').select('at').orderBy('seq', 'desc').limit(1).as('last_event_at'))
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const reported = parseHealthReport({ connectors: [], pools }).pools;
  return {
    now: now.toISOString(),
    // The contract's schema has checked what pools and owners look like.
    owners: new Map(reported.map(({ pool, owners }) => [pool as PoolId, owners as ConnectorId[]])),
    gateway: {
      reportedAt: reported_at?.toISOString() ?? null,
      problems: reportedProblems.parse(problems),
    },
    lastEventAt: last_event_at?.toISOString() ?? null,
  };
}

/**
 * Sessions of a gateway that is silent are in it: tunnels stay up while its agent is down, and the trace knows from `reportedAt` how old
 * they are.
 */
async function readAttached(reader: Reader, gateway: GatewayId): Promise<ReadonlyMap<EndpointId, Attachment>> {
  const rows = await reader
    .selectFrom('session')
    .select(['connector_id', 'device_id', 'lane', 'started_at', 'client_address'])
    .where('state', '=', 'established')
    .where('gateway_id', '=', gateway)
    // During a hand-over there are two: the newer one has the routes.
    .orderBy('started_at')
    .execute();
  return new Map(
    rows.flatMap(({ connector_id, device_id, lane, started_at, client_address }): [EndpointId, Attachment][] => {
      const attachment = { lane: lane as LaneId, since: started_at.toISOString(), clientAddress: addressOf(client_address) };
      if (connector_id !== null) return [[`connector:${connector_id}`, attachment]];
      return device_id === null ? [] : [[`device:${device_id}`, attachment]];
    }),
  );
}

/** A gateway writes ADDRESS:PORT, an IPv6 address in brackets or not. */
function addressOf(text: string): AddressText | null {
  const address = tryParseAddress(text) ?? tryParseAddress(text.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'));
  return address === undefined ? null : formatAddress(address);
}

async function readMachines(
  reader: Reader,
  connectors: readonly ConnectorId[],
): Promise<ReadonlyMap<ConnectorId, ObservedMachine>> {
  const rows = await reader
    .selectFrom('observation')
    .select(['connector_id', 'section', 'body', 'observed_at'])
    .where(sql<boolean>`connector_id = any(${[...connectors]}::uuid[])`)
    .execute();
  const byConnector = Map.groupBy(rows, ({ connector_id }) => connector_id);
  return new Map(
    [...byConnector].map(([id, sections]): [ConnectorId, ObservedMachine] => [
      id,
      {
        sections: new Map(
          sections.map(({ section, body, observed_at }) => [section, { body, observedAt: observed_at.toISOString() }]),
        ),
      },
    ]),
  );
}

async function readPlatforms(
  reader: Reader,
  model: WpcModel,
  networks: readonly NetworkId[],
  machines: ReadonlyMap<ConnectorId, ObservedMachine>,
): Promise<Observed['platforms']> {
  const wanted = new Set(networks);
  const connectorsOf = Map.groupBy(model.connectors, ({ site }) => site.id);
  const located = model.networks
    .filter(({ id }) => wanted.has(id))
    .map(({ id, prefixes }) => ({
      network: id,
      connectors: (connectorsOf.get(id) ?? []).map((connector) => {
        const sections = machines.get(connector.id)?.sections;
        const lan = lanAddressOf({ addr: sections?.get('addr')?.body, route: sections?.get('route')?.body }, prefixes);
        return { id: connector.id, lan };
      }),
    }));
  const observed = new Map(
    [...machines].map(([id, { sections }]) => [id, new Map([...sections].map(([name, { body }]) => [name, body]))]),
  );
  const routerOf = await readRouters(reader, located, observed);
  return new Map(
    located.flatMap((each): [NetworkId, NamedPlatform][] => {
      const router = routerOf(each);
      return router === null ? [] : [[each.network, { platform: router.platform, parameters: router.parameters }]];
    }),
  );
}

type NamedPlatform = NonNullable<ReturnType<Observed['platforms']['get']>>;

async function readStatements(reader: Reader, networks: readonly NetworkId[]): Promise<ReadonlyMap<NetworkId, LanStatement>> {
  const rows = await reader
    .selectFrom('lan_statement')
    .select(['network_id', 'statement'])
    .where(sql<boolean>`network_id = any(${[...networks]}::uuid[])`)
    .execute();
  return new Map(rows.map(({ network_id, statement }) => [network_id, statement]));
}
