/**
 * From the API call that adds a prefix to the first packet through it (design.md 12: at most 0.3 s where the connector has a lane of its own,
 * 2.5 s where it shares one, because lanes have run out or because its provider lets no UDP pass), from the gateway and from a site whose
 * agent has to learn the route; then the same beside 1,000 connectors that hold a long poll: from the answer to the call, which comes after
 * the commit, until the gateway has it (2 s; 95 of 100 in 0.5 s), and until all connectors know it. The named alternative in the same run is
 * what a gateway without agents has to do: the stock
 * client of a person, which learns a new route only by connecting again. The 1,000 are one program that speaks the agent's protocol, each with
 * a connection and a credential of its own, but without a tunnel. Needs root. `--json` for programs.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { addNetwork } from '../src/lab/actions/add-network.ts';
import { installConnector } from '../src/lab/actions/install-connector.ts';
import { awaitCondition } from '../src/lab/await-condition.ts';
import type { Host } from '../src/lab/host.ts';
import type { ConnectedWpc } from '../src/lab/shapes/connected-wpc.ts';
import { awaitPage, buildConnectedWpc } from '../src/lab/shapes/connected-wpc.ts';
import { branch as branchPlan, buildSite, headquarters } from '../src/lab/shapes/site.ts';
import { World } from '../src/lab/world.ts';
import { blockUdp } from './actions/block-udp.ts';
import { connectorOn } from './actions/connector-machine.ts';
import { startPing } from './measure/ping.ts';
import { figure, median, progress, report } from './report/figures.ts';
import { connectPlant, gatewayAddress, plantPrefix } from './shapes/endpoints.ts';
import type { SimulatedConnectors } from './shapes/simulated-connectors.ts';
import { seedConnectors, startSimulatedConnectors } from './shapes/simulated-connectors.ts';

const rounds = 20;
const roundsWithoutUdp = 5;
/** Each is a prefix of 1,000 connectors that stays, so that later rounds have more to do. */
const fullRounds = 20;
/** So that the polls which follow from one change do not count for the next. */
const betweenRoundsMs = 1_000;
const simulated = 1_000;
/** For the real ones; more would each be a process of their own. */
const lanes = 8;

/** Prefixes that lie behind a site's server, so that nothing but Causeway has to change when they are added. */
const blocks = { hq: 77, branch: 78, plant: 79 } as const;

const behind = (site: keyof typeof blocks, round: number) => {
  const block = `10.${blocks[site]}.${round}`;
  return { prefix: `${block}.0/24`, host: `${block}.20` };
};

async function prepare(
  site: keyof typeof blocks,
  connector: Host,
  server?: { readonly host: Host; readonly address: string },
): Promise<void> {
  if (server !== undefined) await connector.ip(`route add 10.${blocks[site]}.0.0/16 via ${server.address}`);
  const all = Array.from({ length: rounds + fullRounds }, (_, round) => behind(site, round).host);
  await (server?.host ?? connector).ip(...all.map((host) => `addr add ${host}/32 dev lo`));
}

type Asker = { readonly from: Host; readonly options?: readonly string[] };

/** addAndAwait makes the call and gives the milliseconds until it was answered and until each asker has had its first answer. */
async function addAndAwait(
  { administrator }: ConnectedWpc,
  network: string,
  { prefix, host }: { readonly prefix: string; readonly host: string },
  askers: readonly Asker[],
): Promise<{ readonly at: number; readonly call: number; readonly first: readonly number[] }> {
  const waiting = askers.map(({ from, options = [] }) => startPing(from, host, 60_000, ...options));
  const at = Date.now();
  await administrator.must(z.unknown(), 'POST', `/api/v1/networks/routes?networkId=${network}`, { value: prefix });
  const call = Date.now() - at;
  const first: number[] = [];
  for (const ping of waiting) {
    first.push((await ping.firstAnswer) - at);
    ping.stop();
  }
  return { at, call, first };
}

async function awaitReach(from: Host, to: string): Promise<void> {
  await awaitCondition(
    `${from.name} reaches ${to}`,
    async () => ((await from.run(['ping', '-c', '1', '-W', '1', to])).code === 0 ? true : undefined),
    { withinMs: 60_000 },
  );
}

async function measureFull(
  wpc: ConnectedWpc,
  askers: readonly Asker[],
  connectors: SimulatedConnectors,
  firstRevision: number,
): Promise<{
  readonly last: number[];
  readonly call: number[];
  readonly committed: number[];
  readonly first: number[][];
  readonly bytes: number;
}> {
  const last: number[] = [];
  const call: number[] = [];
  const committed: number[] = [];
  const first: number[][] = askers.map(() => []);
  let revision = firstRevision;
  let bytes = 0;
  for (let round = 0; round < fullRounds; round += 1) {
    const held = Math.max(...(await connectors.awaitRevision(revision)).map((arrival) => arrival.revision));
    await delay(betweenRoundsMs);
    const added = await addAndAwait(wpc, wpc.network.id, behind('hq', rounds + round), askers);
    revision = held + 1;
    const arrivals = await connectors.awaitRevision(revision);
    last.push(Math.max(...arrivals.map(({ at }) => at)) - added.at);
    call.push(added.call);
    committed.push((added.first[0] ?? Number.NaN) - added.call);
    bytes = median(arrivals.map((arrival) => arrival.bytes));
    added.first.forEach((ms, index) => first[index]?.push(ms));
    progress(`with ${simulated} connectors, round ${round + 1}: the last after ${last.at(-1)?.toFixed(0)} ms`);
  }
  return { last, call, committed, first, bytes };
}

async function main(): Promise<void> {
  progress('building HQ, a branch without UDP, and Bob ...');
  await using world = await World.create();
  const wpc = await buildConnectedWpc(world);
  const branch = await buildSite(world, wpc.internet, branchPlan);
  await blockUdp(branch.router);
  const branchNetwork = await addNetwork(wpc.administrator, 'Branch', branchPlan.prefix, 'branch-1');
  await installConnector(wpc.administrator, branchNetwork.connector.id, branch.connector);
  const plant = await connectPlant({ ...wpc, world }, await connectorOn(wpc.hq.connector));
  await prepare('hq', wpc.hq.connector, { host: wpc.hq.server, address: headquarters.server });
  await prepare('branch', branch.connector, { host: branch.server, address: branchPlan.server });
  await prepare('plant', plant.machine);
  const gateway: Asker = { from: wpc.region.host, options: ['-I', gatewayAddress] };
  const [atHq, atBranch, bob] = [wpc.hq.connector, branch.connector, wpc.bob.computer].map((from): Asker => ({ from }));
  if (atHq === undefined || atBranch === undefined || bob === undefined) throw new Error('unreachable: three were made');

  const own = { call: [] as number[], gateway: [] as number[], site: [] as number[], bob: [] as number[] };
  const shared = { gateway: [] as number[], site: [] as number[] };
  const withoutUdp: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all([awaitReach(branch.connector, headquarters.server), awaitPage(wpc, 60_000)]);
    const atOwn = await addAndAwait(wpc, wpc.network.id, behind('hq', round), [gateway, atBranch, bob]);
    own.call.push(atOwn.call);
    [own.gateway, own.site, own.bob].forEach((of, index) => of.push(atOwn.first[index] ?? Number.NaN));
    await awaitReach(wpc.hq.connector, plantPrefix.host);
    const atShared = await addAndAwait(wpc, plant.network.id, behind('plant', round), [gateway, atHq]);
    [shared.gateway, shared.site].forEach((of, index) => of.push(atShared.first[index] ?? Number.NaN));
    if (round < roundsWithoutUdp) {
      await awaitReach(wpc.hq.connector, branchPlan.server);
      const { first } = await addAndAwait(wpc, branchNetwork.id, behind('branch', round), [gateway]);
      withoutUdp.push(...first);
    }
    progress(
      `round ${round + 1}: own lane ${own.gateway.at(-1)?.toFixed(0)} ms, shared ${shared.gateway.at(-1)?.toFixed(0)} ms, without UDP ${withoutUdp.at(-1)?.toFixed(0)} ms`,
    );
  }

  progress(`${simulated} connectors ...`);
  const credentials = await seedConnectors(wpc.region, simulated, lanes);
  const connectors = startSimulatedConnectors(wpc.internet.router, wpc.region, credentials);
  await Promise.all([awaitReach(branch.connector, headquarters.server), awaitPage(wpc, 60_000)]);
  const full = await measureFull(wpc, [gateway, atBranch], connectors, 1);
  const [fullGateway = [], fullSite = []] = full.first;

  report('route-change', [
    figure('API call until first packet, gateway to the new prefix, own lane', 'ms', own.gateway, { atMost: 300 }),
    figure('  from another site, routes told to its agent', 'ms', own.site, { atMost: 300 }),
    figure('  from a stock client, which connects again (the alternative)', 'ms', own.bob),
    figure('  the API call alone, TLS handshake included', 'ms', own.call),
    figure('API call until first packet, gateway to the new prefix, shared TCP lane', 'ms', shared.gateway, { atMost: 2_500 }),
    figure('  from another site', 'ms', shared.site, { atMost: 2_500 }),
    figure('  the connector has no UDP', 'ms', withoutUdp, { atMost: 2_500 }),
    figure(`beside ${simulated} connectors: answer to the call until first packet, gateway, own lane`, 'ms', full.committed, {
      atMost: 2_000,
    }),
    figure('  95 of 100', 'ms', [full.committed.toSorted((a, b) => a - b)[Math.floor(fullRounds * 0.95)] ?? Number.NaN], {
      atMost: 500,
    }),
    figure('  the API call alone', 'ms', full.call),
    figure('  API call until first packet, gateway, own lane', 'ms', fullGateway),
    figure('  from another site, whose agent is told 1,000 routes', 'ms', fullSite),
    figure(`  API call until the last of ${simulated} connectors knows it`, 'ms', full.last),
    figure('  of it each connector is told', 'kB', [full.bytes / 1000]),
  ]);
}

await main();
