/**
 * Failover between two connectors of a network, both with our agent: the longest time without an answer of a ping each 5 ms, in 20 runs of each
 * kind of failure, with the gateway's default times (design.md 12: at most 1 s after a cut). The one that carries the ping is cut off from
 * everything without anybody being told, or its openvpn is killed, or the gateway's end of its tunnel. The named alternative in the same run is
 * what somebody has who has one connector: its openvpn is killed, and it comes back by itself.
 *
 * A connector that failed is trusted again after 30 s; here after 2, so that both are healthy before each run. Detection is not touched. Needs root.
 * `--json` for programs.
 */
import { defaultFailoverTimings } from '../src/core/failover/timings.ts';
import { installConnector } from '../src/lab/actions/install-connector.ts';
import { buildSite, headquarters } from '../src/lab/shapes/site.ts';
import type { Host } from '../src/lab/host.ts';
import { World } from '../src/lab/world.ts';
import { awaitHealthy } from './actions/await-health.ts';
import { connectorOn, cutOff, killTunnel, mend } from './actions/connector-machine.ts';
import { killLaneOf } from './actions/product-process.ts';
import { carrierOf } from './measure/carrier.ts';
import { awaitUnbroken, startFlow } from '../src/lab/flow.ts';
import type { Figure } from './report/figures.ts';
import { figure, progress, report } from './report/figures.ts';
import type { Endpoints, Ground } from './shapes/endpoints.ts';
import { buildGround, buildObserver, connectHq } from './shapes/endpoints.ts';

const runs = 20;
const runsAlone = 5;
const quiet = { forMs: 1_000, withinMs: 60_000 };
/** Longer than any failure takes to show. */
const settleMs = 2_000;
const times = { failover: { ...defaultFailoverTimings, recoveryMs: 2_000 } };

type Pair = Ground & Pick<Endpoints, 'hq' | 'observer'>;

/** Each makes the machine that carries the flow fail; a cut is mended afterwards, the rest mends itself. */
const failures = {
  'link cut': { budget: { atMost: 1_000 }, fail: (_pair: Pair, machine: Host) => cutOff(machine, 'lan0') },
  "connector's openvpn killed": { budget: { atMost: 1_000 }, fail: (_pair: Pair, machine: Host) => killTunnel(machine) },
  "gateway's lane killed": {
    budget: { atMost: 1_000 },
    fail: async ({ region, administrator, hq }: Pair, machine: Host) =>
      killLaneOf(region, administrator, hq.network.id, await connectorOn(machine)),
  },
} as const;

async function gapOf({ hq, observer, ...ground }: Pair, fail: (pair: Pair, machine: Host) => Promise<void>): Promise<number> {
  const flow = startFlow({ from: observer.machine, to: headquarters.server });
  const flows = new Map([['observer to HQ', flow]]);
  try {
    await awaitUnbroken(flows, quiet);
    const carrier = await carrierOf(hq);
    flow.begin();
    await fail({ hq, observer, ...ground }, carrier);
    await awaitUnbroken(flows, { ...quiet, settleMs });
    return flow.loss().longestGapMs;
  } finally {
    await flow.stop();
    await Promise.all([hq.connector, hq.second].map(mend));
  }
}

async function main(): Promise<void> {
  progress('building HQ with two connectors ...');
  await using world = await World.create();
  const ground = await buildGround(world, times);
  const hq = await connectHq(ground, await buildSite(world, ground.internet, headquarters));
  const pair: Pair = { ...ground, hq, observer: await buildObserver(ground) };
  const alone: number[] = [];
  for (let run = 0; run < runsAlone; run += 1) alone.push(await gapOf(pair, failures["connector's openvpn killed"].fail));
  await installConnector(ground.administrator, hq.secondConnector, hq.second);
  const figures: Figure[] = [];
  for (const [name, { budget, fail }] of Object.entries(failures)) {
    const gaps: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      await awaitHealthy(ground.administrator, hq.network.id);
      gaps.push(await gapOf(pair, fail));
      progress(`${name}, run ${run + 1}: ${gaps.at(-1)?.toFixed(0)} ms`);
    }
    figures.push(
      figure(`${name}: longest gap, median`, 'ms', gaps, budget),
      figure('  the longest of all', 'ms', [Math.max(...gaps)], budget),
    );
  }
  report('failover', [...figures, figure('one connector alone, its openvpn killed (the alternative)', 'ms', alone)]);
}

await main();
