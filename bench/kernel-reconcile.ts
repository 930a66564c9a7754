/**
 * The gateway's reconciler on a real kernel in a namespace: 200 connectors with 50 prefixes each, so 10,200 routes and as many set elements
 * (design.md 12: at most 0.5 s, nothing changed 0.1 s). The named alternative is the same text given to `ip -batch` and `nft -f` by hand:
 * no looking, no planning, no result. Run as root.
 */
import { runCommand } from '../src/gateway/kernel/run-command.ts';
import { applyKernel } from '../src/gateway/kernel/apply-kernel.ts';
import type { DesiredKernel } from '../src/gateway/kernel/desired-kernel.ts';
import { desiredKernel } from '../src/gateway/kernel/desired-kernel.ts';
import type { KernelPlan } from '../src/gateway/kernel/kernel-plan.ts';
import { observeKernel } from '../src/gateway/kernel/observe.ts';
import { kernelOwnership } from '../src/gateway/kernel/ownership.ts';
import { planKernel } from '../src/gateway/kernel/plan-kernel.ts';
import type { Session } from '../src/gateway/session.ts';
import { endpointNamed, exampleConfiguration, exampleSession } from '../src/gateway/testing/example.ts';
import { Namespace } from '../src/gateway/testing/namespace.ts';
import { figure, progress, ratios, report } from './report/figures.ts';

const rounds = 5;
const connectors = 200;
const prefixesEach = 50;

const own = kernelOwnership(0);
const configuration = exampleConfiguration(connectors, 0, prefixesEach);
const sessions = Array.from({ length: connectors }, (_, index) =>
  exampleSession(configuration, endpointNamed(configuration, 'connector', index)),
);

function desire(live: readonly Session[]) {
  return desiredKernel({
    own,
    configuration,
    sessions: live,
    running: new Set(),
    undecided: new Set(),
    owners: new Map(),
    alive: new Set(),
  });
}

/** One pass as the agent makes it: what is desired is worked out again only if it changed. Gives the plan and the milliseconds. */
async function pass(host: Namespace, live: readonly Session[]): Promise<{ readonly plan: KernelPlan; readonly ms: number }> {
  const start = performance.now();
  if (last.live !== live) last = { live, desired: desire(live) };
  const plan = planKernel(last.desired, await observeKernel(own, host.run), 'root');
  const { failed } = await applyKernel(plan, host.run);
  const ms = performance.now() - start;
  if (failed.length > 0) throw new Error(`${String(failed.length)} steps failed, the first: ${JSON.stringify(failed[0])}`);
  return { plan, ms };
}

let last: { readonly live: readonly Session[]; readonly desired: DesiredKernel } = { live: [], desired: desire([]) };

async function byHand(host: Namespace, plan: KernelPlan): Promise<number> {
  const start = performance.now();
  const text = (steps: KernelPlan['ip']) => steps.map(({ line }) => `${line}\n`).join('');
  const results = [
    await runCommand('ip', ['netns', 'exec', host.name, 'nft', '-f', '-'], text(plan.nft)),
    await runCommand('ip', ['netns', 'exec', host.name, 'ip', '-batch', '-'], text(plan.ip)),
  ];
  if (results.some(({ code }) => code !== 0)) throw new Error(results.map(({ stderr }) => stderr).join(''));
  return performance.now() - start;
}

const full: number[] = [];
const hand: number[] = [];
const unchanged: number[] = [];
const oneLeaves: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  progress(`round ${String(round + 1)} of ${String(rounds)}`);
  using ours = new Namespace('ours');
  using theirs = new Namespace('hand');
  await pass(ours, []);
  await pass(theirs, []);
  const { plan, ms } = await pass(ours, sessions);
  full.push(ms);
  hand.push(await byHand(theirs, plan));
  unchanged.push((await pass(ours, sessions)).ms);
  oneLeaves.push((await pass(ours, sessions.slice(1))).ms);
}

report('kernel-reconcile', [
  figure(`${String(connectors * (prefixesEach + 1))} routes and elements reconciled`, 'ms', full, { atMost: 500 }),
  figure('the same text by hand, unseen', 'ms', hand),
  figure('ratio', 'x', ratios(full, hand)),
  figure('nothing changed', 'ms', unchanged, { atMost: 100 }),
  figure('one of 200 connectors leaves', 'ms', oneLeaves),
]);
