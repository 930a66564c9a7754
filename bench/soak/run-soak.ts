/** The soak: turn after turn something breaks, is mended, and everything has to be as before; meanwhile people work and an administrator makes changes. */
import { setTimeout as delay } from 'node:timers/promises';
import { addGroup } from '../../src/lab/actions/add-person.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { World } from '../../src/lab/world.ts';
import { awaitHealthy } from '../actions/await-health.ts';
import { Caller } from '../crash/caller.ts';
import { checkWriters } from '../crash/check-writers.ts';
import { readMark } from '../crash/inspect-store.ts';
import { awaitWhole } from '../crash/parts.ts';
import { Writers } from '../crash/writers.ts';
import { withInstallationStore } from '../shapes/installation-store.ts';
import type { PlannedFault, Turn } from './chaos-plan.ts';
import { chaosPlan } from './chaos-plan.ts';
import { dealFault } from './deal-fault.ts';
import type { FaultKind } from './fault-kinds.ts';
import { ruleOf } from './fault-kinds.ts';
import { Growth } from './growth.ts';
import type { SoakWorld } from './soak-world.ts';
import { buildSoakWorld } from './soak-world.ts';
import type { Violation } from './watch.ts';
import { Watch } from './watch.ts';

/** When it takes longer than this, somebody would have to help: the soak ends there. */
const helpNeededAfterMs = 180_000;
const wholeForMs = 1_500;
const writerCount = 2;
const writerPauseMs = 300;

/** Dealt is one turn that was dealt, and how long it took from the last undoing (or kill) until everything was as before. */
export type Dealt = { readonly faults: readonly FaultKind[]; readonly recoveredMs: number; readonly boundMs: number };

export type SoakResult = {
  readonly dealt: readonly Dealt[];
  readonly violations: readonly Violation[];
  readonly growth: ReturnType<Growth['figures']>;
  readonly acknowledged: number;
  readonly lostAnswers: { readonly done: number; readonly notDone: number };
  readonly transfers: number;
  readonly ranMs: number;
  readonly logs: SoakWorld['logs'];
};

export type SoakPlan = { readonly seed: number; readonly minutes: number };
export type SoakWatcher = { readonly progress: (text: string) => void; readonly enough: () => boolean };

/** runSoak builds everything in the world and runs turns until the minutes are over, or until something does not come back at all. */
export async function runSoak(world: World, { seed, minutes }: SoakPlan, watcher: SoakWatcher): Promise<SoakResult> {
  watcher.progress('building region, two networks with two connectors each, and people ...');
  const soak = await buildSoakWorld(world);
  const group = await addGroup(soak.administrator, 'Writers');
  using caller = new Caller(soak.internet.router, soak.region, soak.administrator.token);
  const writers = new Writers(caller, group.id, writerCount, seed, writerPauseMs);
  let mark = await withInstallationStore(soak.region, readMark);
  const growth = new Growth();
  const dealt: Dealt[] = [];
  const lostAnswers = { done: 0, notDone: 0 };
  await using watch = new Watch(soak);
  watch.open(['the beginning'], false);
  await awaitAsBefore(soak, watch, caller);
  watch.close();
  const startedAt = Date.now();
  for (const turn of chaosPlan(seed, minutes)) {
    if (watcher.enough() || Date.now() - startedAt > minutes * 60_000) break;
    writers.begin();
    await delay(turn.quietMs);
    await growth.measure(soak.region);
    const done = await dealTurn(soak, watch, caller, turn).catch((error: unknown) => {
      const kinds = turn.faults.map(({ kind }) => kind).join(' and ');
      const why = error instanceof Error ? error.message : String(error);
      watch.violations.push({ atMs: Date.now(), what: `${kinds}: it did not come back without help: ${why}` });
      return null;
    });
    if (done === null) break;
    dealt.push(done);
    await writers.stop();
    const checked = await checkWriters(soak.region, writers, mark);
    mark = checked.mark;
    lostAnswers.done += checked.lostAnswers.done;
    lostAnswers.notDone += checked.lostAnswers.notDone;
    watch.violations.push(...checked.violations.map((what) => ({ atMs: Date.now(), what })));
    const name = done.faults.join(' and ');
    if (done.recoveredMs > done.boundMs) {
      watch.violations.push({
        atMs: Date.now(),
        what: `${name}: as before after ${done.recoveredMs} ms, more than ${done.boundMs}`,
      });
    }
    const violated = watch.violations.length === 0 ? '' : `; ${watch.violations.length} violations so far`;
    watcher.progress(
      `${Math.round((Date.now() - startedAt) / 1000)} s: ${name}; as before after ${done.recoveredMs} ms${violated}`,
    );
  }
  return {
    dealt,
    violations: watch.violations,
    growth: growth.figures(),
    acknowledged: writers.acknowledged,
    lostAnswers,
    transfers: watch.transfers,
    ranMs: Date.now() - startedAt,
    logs: soak.logs,
  };
}

async function dealTurn(soak: SoakWorld, watch: Watch, caller: Caller, { faults }: Turn): Promise<Dealt> {
  const kinds = faults.map(({ kind }) => kind);
  watch.open(
    kinds,
    kinds.every((kind) => ruleOf(kind).harmless),
  );
  const undone = await Promise.all(faults.map((fault) => dealAndUndo(soak, fault)));
  const mendedAt = Math.max(...undone);
  await awaitAsBefore(soak, watch, caller);
  watch.close();
  return {
    faults: kinds,
    recoveredMs: Math.max(0, Date.now() - mendedAt - wholeForMs),
    boundMs: Math.max(...kinds.map((kind) => ruleOf(kind).boundMs)),
  };
}

/** Gives when it was undone; of a kill, when it was dealt. */
async function dealAndUndo(soak: SoakWorld, fault: PlannedFault): Promise<number> {
  await delay(fault.afterMs);
  const dealtAt = Date.now();
  const undo = await dealFault(soak, fault);
  if (fault.lastsMs === 0) return dealtAt;
  await delay(fault.lastsMs);
  await undo();
  return Date.now();
}

/** Everything is as before when each part runs once, the API answers, every connector is trusted, and nobody has lost a packet for a while. */
async function awaitAsBefore(soak: SoakWorld, watch: Watch, caller: Caller): Promise<void> {
  const bounded = { withinMs: helpNeededAfterMs, everyMs: 100 };
  await awaitCondition(
    'the API answers',
    async () => {
      const answer = await caller.call('GET', '/api/v1/networks?size=1');
      if (answer.kind === 'answered' && answer.status === 200) return true;
      throw new Error(JSON.stringify(answer));
    },
    bounded,
  );
  await awaitWhole(soak.region.host, { gateway: true, lanes: null }, helpNeededAfterMs);
  for (const network of soak.networks) await awaitHealthy(soak.administrator, network);
  await awaitCondition(
    'every flow is whole',
    () => {
      if (watch.unbrokenMs() >= wholeForMs) return true;
      const broken = [...watch.flows].filter(([, flow]) => flow.unbrokenMs() < wholeForMs).map(([name]) => name);
      throw new Error(`not so: ${broken.join('; ')}`);
    },
    bounded,
  );
}
