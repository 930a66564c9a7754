/**
 * What each kind of change costs each kind of endpoint: packets lost of a ping each 5 ms, and the longest time without an answer (design.md
 * 12: none lost where our agent runs). All endpoints are in one world and are measured at the same time, so that a row also shows what a change
 * does to those whom it does not concern. The named alternative in the same run are the stock clients, which learn by connecting again.
 * A second table is the same with a TCP stream beside the ping, with and without a change (no more lost than without, at most 50 ms).
 * Prints both tables; with `--write` also into docs/changes.md. Needs root. `--json` for programs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../src/lab/world.ts';
import { changesInOrder } from './actions/changes.ts';
import type { Change } from './actions/changes.ts';
import type { FlowLoss } from '../src/lab/answers.ts';
import type { Flow, FlowPlan } from '../src/lab/flow.ts';
import { awaitUnbroken, startFlow } from '../src/lab/flow.ts';
import { measureUnderLoad } from './measure/under-load.ts';
import type { CostRow } from './report/cost-table.ts';
import { cellText, costTable, withTable } from './report/cost-table.ts';
import { figure, progress, report } from './report/figures.ts';
import type { Column, Endpoints } from './shapes/endpoints.ts';
import { buildEndpoints, columns, flowsOf } from './shapes/endpoints.ts';

/** Before a change every flow has to have been whole for the first time; after it the last ends when all have been for the second. */
const quietMs = { before: 1_000, after: 3_000 };
/** Most of what follows from a change comes within a second; a stock client is away for some two. */
const settleMs = 4_000;
const patienceMs = 60_000;
/** Longer than a stock client needs to notice by its own keepalive that nobody answers. */
const backWithinMs = 40_000;

const page = join(import.meta.dirname, '..', 'docs', 'changes.md');

type Row = CostRow<Column>;

async function measure(endpoints: Endpoints, { name, make, undo }: Change): Promise<Row> {
  const plans = Object.entries(flowsOf(endpoints)) as [Column, FlowPlan][];
  const flows = new Map<Column, Flow>(plans.map(([column, plan]) => [column, startFlow(plan)]));
  try {
    await awaitUnbroken(flows, { forMs: quietMs.before, withinMs: patienceMs });
    for (const flow of flows.values()) flow.begin();
    await make(endpoints);
    // Whoever is not back by then is what the row says.
    await awaitUnbroken(flows, { forMs: quietMs.after, withinMs: backWithinMs, settleMs }).catch(() => undefined);
    return {
      change: name,
      cells: Object.fromEntries([...flows].map(([column, flow]) => [column, flow.loss()])) as Record<Column, FlowLoss>,
    };
  } catch (error) {
    return { change: name, notMeasured: error instanceof Error ? error.message : String(error) };
  } finally {
    await Promise.all([...flows.values()].map((flow) => flow.stop()));
    await undo?.(endpoints).catch((error: unknown) => progress(`  could not be undone: ${String(error)}`));
  }
}

function shown(row: Row): string {
  if ('notMeasured' in row) return `${row.change}: not measured: ${row.notMeasured}`;
  return `${row.change}: ${(Object.keys(columns) as Column[]).map((column) => cellText(row.cells[column])).join(' | ')}`;
}

/** What the flow of a column lost by all changes together. */
function lostInAll(rows: readonly Row[], column: Column): number[] {
  return [rows.reduce((sum, row) => sum + ('cells' in row ? row.cells[column].lost : 0), 0)];
}

async function main(): Promise<void> {
  progress('building one of each kind of endpoint ...');
  await using world = await World.create();
  const endpoints = await buildEndpoints(world);
  const changes: Row[] = [];
  const faults: Row[] = [];
  for (const change of changesInOrder()) {
    const row = await measure(endpoints, change);
    (change.isFault === true ? faults : changes).push(row);
    progress(shown(row));
  }
  const load = await measureUnderLoad(endpoints);
  const tables = { changes: costTable(columns, changes), faults: costTable(columns, faults), load: load.table };
  if (process.argv.includes('--write')) {
    const text = Object.entries(tables).reduce(
      (before, [name, table]) => withTable(before, name, table),
      readFileSync(page, 'utf8'),
    );
    writeFileSync(page, text);
  }
  if (!process.argv.includes('--json')) console.log(`${Object.values(tables).join('\n\n')}\n`);
  report(
    'change-cost',
    [
      figure('pings lost by all changes together, agent on its own lane', 'pings', lostInAll(changes, 'ownLane'), { atMost: 0 }),
      figure('  agent on the shared TCP lane', 'pings', lostInAll(changes, 'sharedLane'), { atMost: 0 }),
      figure('  the same, UDP blocked', 'pings', lostInAll(changes, 'withoutUdp')),
      figure('  whom no change concerns', 'pings', lostInAll(changes, 'bystander'), { atMost: 0 }),
      figure('  stock client, which connects again (the alternative)', 'pings', lostInAll(changes, 'splitOn')),
      ...load.figures,
    ],
    { changes, faults },
  );
}

await main();
