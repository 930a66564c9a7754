/**
 * Another internet gateway for somebody whose split tunnel is off: the longest time without an answer from a service on the internet, of a ping
 * each 5 ms, in 20 runs: chosen by the API, and because the one in use is cut off without anybody being told (design.md 12: as any failover at
 * most 1 s). Their public address changes with the gateway, so open TCP connections end in both cases. Where it was cut off, the connector
 * is trusted again after 2 s instead of 30, so that both are healthy before each run. Needs root. `--json` for programs.
 */
import { awaitCondition } from '../src/lab/await-condition.ts';
import { defaultFailoverTimings } from '../src/core/failover/timings.ts';
import { startInternetService } from '../src/lab/services/start-internet-service.ts';
import { internetServiceAddress } from '../src/lab/shapes/internet.ts';
import { World } from '../src/lab/world.ts';
import { awaitHealthy } from './actions/await-health.ts';
import { cutOff, mend } from './actions/connector-machine.ts';
import type { FlowLoss } from '../src/lab/answers.ts';
import { awaitUnbroken, startFlow } from '../src/lab/flow.ts';
import { figure, progress, report } from './report/figures.ts';
import type { Endpoints, Ground } from './shapes/endpoints.ts';
import { buildConnectedPerson, buildExits, buildGround, exitOf, setEgress, setInternetAccess } from './shapes/endpoints.ts';

const runs = 20;
const quiet = { forMs: 1_000, withinMs: 60_000 };
/** Longer than any failure takes to show. */
const settleMs = 2_000;
const times = { failover: { ...defaultFailoverTimings, recoveryMs: 2_000 } };

type Leaving = Ground & Pick<Endpoints, 'alice' | 'exits'>;

/** switched makes a change by which Alice's traffic leaves by the other internet gateway, and gives what her ping met. */
async function switched(leaving: Leaving, change: () => Promise<void>): Promise<FlowLoss> {
  const before = await exitOf(leaving);
  const flow = startFlow({ from: leaving.alice.computer, to: internetServiceAddress });
  const flows = new Map([['Alice to the internet', flow]]);
  try {
    await awaitUnbroken(flows, quiet);
    flow.begin();
    await change();
    await awaitCondition('Alice leaves by the other internet gateway', async () =>
      (await exitOf(leaving)) === before ? undefined : true,
    );
    await awaitUnbroken(flows, { ...quiet, settleMs });
    return flow.loss();
  } finally {
    await flow.stop();
  }
}

/** The two in turns; while one of them is cut off nobody but the other may be asked for. */
async function chosen(leaving: Leaving): Promise<FlowLoss> {
  const { alice, exits, administrator } = leaving;
  const other = (await exitOf(leaving)) === exits[0] ? exits[1] : exits[0];
  return switched(leaving, () => setInternetAccess(administrator, alice.group, 'SPLIT_TUNNEL_OFF', [other.network.id]));
}

async function failed(leaving: Leaving): Promise<FlowLoss> {
  const { exits, administrator } = leaving;
  for (const { network } of exits) await awaitHealthy(administrator, network.id);
  const { machine } = await exitOf(leaving);
  try {
    return await switched(leaving, () => cutOff(machine, 'wan0'));
  } finally {
    await mend(machine);
  }
}

async function main(): Promise<void> {
  progress('building two internet gateways and Alice ...');
  await using world = await World.create();
  const ground = await buildGround(world, times);
  await startInternetService(ground.internet.router);
  const exits = await buildExits(ground);
  for (const { network } of exits) await setEgress(ground.administrator, network.id, true);
  const leaving = { ...ground, exits, alice: await buildConnectedPerson(ground, 'alice', '192.0.3.', 'SPLIT_TUNNEL_OFF') };
  const losses = { chosen: [] as FlowLoss[], failed: [] as FlowLoss[] };
  for (let run = 0; run < runs; run += 1) {
    losses.chosen.push(await chosen(leaving));
    progress(`chosen, run ${run + 1}: ${losses.chosen.at(-1)?.lost} lost, ${losses.chosen.at(-1)?.longestGapMs} ms`);
  }
  await setInternetAccess(ground.administrator, leaving.alice.group, 'SPLIT_TUNNEL_OFF');
  for (let run = 0; run < runs; run += 1) {
    losses.failed.push(await failed(leaving));
    progress(`cut off, run ${run + 1}: ${losses.failed.at(-1)?.longestGapMs} ms`);
  }
  const gaps = (of: readonly FlowLoss[]) => of.map(({ longestGapMs }) => longestGapMs);
  report('egress-switch', [
    figure(
      'internet gateway chosen by the API: lost',
      'pings',
      losses.chosen.map(({ lost }) => lost),
      { atMost: 0 },
    ),
    figure('  longest gap', 'ms', gaps(losses.chosen)),
    figure('internet gateway cut off: longest gap, median', 'ms', gaps(losses.failed), { atMost: 1_000 }),
    figure('  the longest of all', 'ms', [Math.max(...gaps(losses.failed))], { atMost: 1_000 }),
  ]);
}

await main();
