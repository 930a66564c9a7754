/**
 * Hand-over without loss: pings of 5 ms through a connector with our agent while its certificate is renewed and while its lane moves, in 20
 * runs of each (design.md 12: none is lost). The same on the shared TCP lane in
 * fewer runs. The named alternative in the same run is a stock openvpn with a connector's profile, which is told to take
 * a new certificate the way that it offers, SIGHUP. Needs root. `--json` for programs.
 */
import type { Host } from '../src/lab/host.ts';
import { findProcess } from '../src/lab/processes.ts';
import { buildSite, headquarters } from '../src/lab/shapes/site.ts';
import { World } from '../src/lab/world.ts';
import { awaitNewTunnel } from './actions/await-new-tunnel.ts';
import { connectorOn, moveLane, renewCertificate } from './actions/connector-machine.ts';
import type { FlowLoss } from '../src/lab/answers.ts';
import { awaitUnbroken, startFlow } from '../src/lab/flow.ts';
import type { Figure } from './report/figures.ts';
import { figure, progress, report } from './report/figures.ts';
import {
  buildGround,
  buildObserver,
  connectHq,
  connectPlant,
  connectStock,
  plantPrefix,
  stockPrefix,
} from './shapes/endpoints.ts';

const runs = 20;
const runsOfOthers = 5;
const quiet = { forMs: 1_000, withinMs: 60_000 };
/** Longer than any failure takes to show. */
const settleMs = 2_000;

async function lossAcross(from: Host, to: string, change: () => Promise<void>): Promise<FlowLoss> {
  const flow = startFlow({ from, to });
  const flows = new Map([[`${from.name} to ${to}`, flow]]);
  try {
    await awaitUnbroken(flows, quiet);
    flow.begin();
    await change();
    await awaitUnbroken(flows, { ...quiet, settleMs });
    return flow.loss();
  } finally {
    await flow.stop();
  }
}

async function repeated(name: string, count: number, once: () => Promise<FlowLoss>): Promise<FlowLoss[]> {
  const losses: FlowLoss[] = [];
  for (let run = 0; run < count; run += 1) {
    const loss = await once();
    losses.push(loss);
    progress(`${name}, run ${run + 1}: ${loss.lost} lost, longest gap ${loss.longestGapMs} ms`);
  }
  return losses;
}

function figuresOf(name: string, losses: readonly FlowLoss[], budget: { readonly atMost: number } | null): Figure[] {
  return [
    figure(
      `${name}: lost`,
      'pings',
      losses.map(({ lost }) => lost),
      budget,
    ),
    figure('  lost in all runs together', 'pings', [losses.reduce((sum, { lost }) => sum + lost, 0)], budget),
    figure(
      '  longest gap',
      'ms',
      losses.map(({ longestGapMs }) => longestGapMs),
    ),
  ];
}

async function main(): Promise<void> {
  progress('building HQ, a connector on the shared lane, and a stock one ...');
  await using world = await World.create();
  const ground = await buildGround(world);
  const { region, internet } = ground;
  const hq = await connectHq(ground, await buildSite(world, internet, headquarters));
  const stock = await connectStock(ground);
  const { machine: observer } = await buildObserver(ground);

  const across = (machine: Host, to: string, cause: () => Promise<void>) =>
    lossAcross(observer, to, () => awaitNewTunnel(machine, cause));
  const renewed = await repeated('certificate renewed', runs, () =>
    across(hq.connector, headquarters.server, () => renewCertificate(region, hq.connector)),
  );
  const moved = await repeated('lane moved', runs, () =>
    across(hq.connector, headquarters.server, () => moveLane(region, hq.connector)),
  );
  // Not before: a lane that moves needs a free one.
  const plant = await connectPlant(ground, await connectorOn(hq.connector));
  const shared = await repeated('certificate renewed on the shared TCP lane', runsOfOthers, () =>
    across(plant.machine, plantPrefix.host, () => renewCertificate(region, plant.machine)),
  );
  const { pid } = await findProcess(stock.machine, /^openvpn /);
  const restarted = await repeated('stock connector', runsOfOthers, () =>
    lossAcross(observer, stockPrefix.host, () => {
      process.kill(pid, 'SIGHUP');
      return Promise.resolve();
    }),
  );
  report('handover', [
    ...figuresOf('certificate renewed, lane of its own', renewed, { atMost: 0 }),
    ...figuresOf('lane moved', moved, { atMost: 0 }),
    ...figuresOf('certificate renewed, shared TCP lane', shared, { atMost: 0 }),
    ...figuresOf('stock openvpn, SIGHUP (the alternative)', restarted, null),
  ]);
}

await main();
