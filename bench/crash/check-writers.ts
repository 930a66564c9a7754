import type { Region } from '../../src/lab/shapes/region.ts';
import { withInstallationStore } from '../shapes/installation-store.ts';
import { settle } from './holding.ts';
import type { Mark } from './inspect-store.ts';
import { auditedSince, readHoldings, readMark, violations } from './inspect-store.ts';
import type { Writers } from './writers.ts';

/** Checked is what a comparison of the database with the writers' record has shown, and the mark for the next one. */
export type Checked = {
  readonly mark: Mark;
  /** Changes whose answer was lost: those that were found done, as a whole, and those that were not. */
  readonly lostAnswers: { readonly done: number; readonly notDone: number };
  readonly violations: readonly string[];
};

/**
 * checkWriters compares what an installation has with what its writers were told since a mark; they have to stand still. They go on from what was
 * found: what became of a change whose answer was lost is known then.
 */
export async function checkWriters(region: Region, writers: Writers, since: Mark): Promise<Checked> {
  const { all } = writers;
  const { found, audited, wrong, mark } = await withInstallationStore(region, async (store) => ({
    found: await readHoldings(store, all.length),
    audited: await auditedSince(store, since),
    wrong: await violations(store, since),
    mark: await readMark(store),
  }));
  const seen: string[] = [...wrong];
  const lostAnswers = { done: 0, notDone: 0 };
  for (const [number, writer] of all.entries()) {
    const settled = settle(found[number] ?? new Map(), writer.holdings, writer.pending);
    if (settled.kind === 'violated') seen.push(...settled.differences);
    if (settled.kind === 'pending-applied') lostAnswers.done += 1;
    else if (writer.pending !== null) lostAnswers.notDone += 1;
    for (const request of writer.acknowledged) {
      if (!audited.has(request)) seen.push(`request ${request} of writer ${number} was acknowledged and is not in the audit`);
    }
  }
  const acknowledged = new Set(all.flatMap((writer) => writer.acknowledged));
  const unknown = [...audited].filter((request) => !acknowledged.has(request)).length;
  if (unknown !== lostAnswers.done) {
    seen.push(`the audit has ${unknown} requests that were not acknowledged, and ${lostAnswers.done} of their changes are there`);
  }
  seen.push(...writers.refused.splice(0).map(({ what, status, body }) => `${what}: ${status} ${body}`));
  for (const [number, writer] of all.entries()) writer.goOn(found[number] ?? new Map());
  return { mark, lostAnswers, violations: seen };
}
