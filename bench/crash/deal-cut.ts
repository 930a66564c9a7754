import { existsSync } from 'node:fs';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Disk } from '../../src/lab/disk.ts';
import type { Host } from '../../src/lab/host.ts';
import { processesOf } from '../../src/lab/processes.ts';
import type { Cut } from './plan.ts';
import { partsOf } from './parts.ts';

/** Dealt says what a cut has left: whether `up` has to be started again, and who was ended. */
export type Dealt = { readonly restart: boolean; readonly ended: readonly number[] };

/**
 * dealCut ends what the cut names, without a word, and resolves when it is gone: what still has a file open there would be seen as a process that
 * goes on. `random` draws which of the database's processes.
 */
export async function dealCut(host: Host, disk: Disk, cut: Cut, random: () => number): Promise<Dealt> {
  if (cut === 'power' || cut === 'everything') {
    const all = (await processesOf(host)).map(({ pid }) => pid);
    // The disk first: from here on nothing that anybody still writes is kept, so the moment is one.
    if (cut === 'power') await disk.cutPower();
    // Twice, since the supervisor may have started somebody in between.
    killThese(all);
    await awaitGone(all);
    const late = (await processesOf(host)).map(({ pid }) => pid);
    killThese(late);
    await awaitGone(late);
    if (cut === 'power') await disk.powerOn();
    return { restart: true, ended: all };
  }
  const sorted = await partsOf(host);
  const candidates = cut === 'backend' ? sorted.backends : (sorted.parts.get(cut) ?? []);
  const victim = candidates[Math.floor(random() * candidates.length)];
  if (victim === undefined) throw new Error(`there is no ${cut} to kill`);
  killThese([victim.pid]);
  await awaitGone([victim.pid]);
  return { restart: cut === 'supervisor', ended: [victim.pid] };
}

function killThese(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended since it was listed.
    }
  }
}

async function awaitGone(pids: readonly number[]): Promise<void> {
  await awaitCondition('all that was killed is gone', () => (pids.some((pid) => existsSync(`/proc/${pid}`)) ? undefined : true), {
    everyMs: 5,
  });
}
