import type { ConformanceResult } from '../../contract/cli/lab-conformance.ts';
import { World } from '../world.ts';
import { notInjectable } from './not-injectable.ts';
import type { Chosen, Round, RoundRow } from './rounds.ts';
import { roundsOf } from './rounds.ts';
import { buildStanding } from './standing.ts';

type Watcher = { readonly onProgress: (text: string) => void; readonly onRow: (name: string, row: RoundRow) => void };

/** As few rounds as this are done before a second topology stands. */
const worthTwo = 6;

/**
 * runConformance does every round that was chosen. Most of a round is waiting, so that two topologies side by side take hardly more than half of
 * the time on two cores; each round is on one of them alone, and is in the row that the watcher gets as soon as it is over.
 */
export async function runConformance(chosen: Chosen, { onProgress, onRow }: Watcher): Promise<ConformanceResult> {
  const rounds = roundsOf(chosen);
  const rows = new Map<Round, RoundRow>();
  const left = [...rounds];
  // One begins at the front and one at the end: they share the work, and both change the mode seldom.
  const ends: readonly (() => Round | undefined)[] = [() => left.shift(), () => left.pop()];
  const lanes = rounds.length > worthTwo ? ends : ends.slice(0, 1);
  onProgress(`building region, HQ, Branch and Bob${lanes.length > 1 ? ', twice' : ''} …`);
  await Promise.all(
    lanes.map(async (next) => {
      await using world = await World.create();
      const standing = await buildStanding(world);
      for (let round = next(); round !== undefined; round = next()) {
        const row = await round.run(standing);
        rows.set(round, row);
        onRow(round.name, row);
      }
    }),
  );
  return resultOf(rounds.flatMap((round) => rows.get(round) ?? []));
}

function resultOf(rows: readonly RoundRow[]): ConformanceResult {
  return {
    passed: rows.every(({ row }) => row.passed),
    faults: rows.flatMap((each) => (each.kind === 'fault' ? [each.row] : [])),
    pairs: rows.flatMap((each) => (each.kind === 'pair' ? [each.row] : [])),
    healthy: rows.flatMap((each) => (each.kind === 'healthy' ? [each.row] : [])),
    notInjectable: { ...notInjectable },
  };
}
