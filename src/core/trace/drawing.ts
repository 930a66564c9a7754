import { explain } from './explain.ts';
import type { ExplainedHop } from './explain.ts';
import type { NodeRef } from './node.ts';
import type { Direction, StepResult } from './words.ts';

type DrawnTrace = { readonly hops: Parameters<typeof explain>[0]['forward']['hops'] };

/** DrawnCell is what a lane shows at a column. */
export type DrawnCell =
  /** The packet is there; `hop` is its place in the trace. `ends`: it goes no further, since it has arrived, is dropped, or nobody knows. */
  | {
      readonly kind: 'hop';
      readonly hop: number;
      readonly state: 'passes' | 'changes' | 'arrives' | 'drops' | 'unknown';
      readonly explained: ExplainedHop;
    }
  /** Only the other lane meets this machine: the line goes past it. */
  | { readonly kind: 'past' }
  /** The packet does not get as far as here. */
  | { readonly kind: 'beyond' };

/** DrawnColumn is one machine, at the same place in both lanes. */
export type DrawnColumn = { readonly node: NodeRef; readonly cells: Readonly<Record<Direction, DrawnCell>> };

/**
 * drawing gives the columns of the picture of a check (portal.md 4): requests go from left to right, answers from right to left, and a machine
 * that both meet has one column, so that a machine which only one of them meets is seen at once. Columns are the shortest order that holds both
 * ways. `destination` closes it where the request does not get that far. Pure.
 */
export function drawing(check: {
  readonly forward: DrawnTrace;
  readonly reverse: DrawnTrace | null;
  readonly destination: NodeRef;
}): readonly DrawnColumn[] {
  const explained = explain({ forward: check.forward, reverse: check.reverse });
  const there = laneOf(check.forward, explained.slice(0, check.forward.hops.length));
  const back = laneOf(check.reverse ?? { hops: [] }, explained.slice(check.forward.hops.length)).toReversed();
  const columns = merge(there, back).map(({ left, right }, index, all): DrawnColumn => {
    const node = (left ?? right)?.explained.node;
    if (node === undefined) throw new RangeError('a column of neither lane');
    return {
      node,
      cells: {
        forward: left ?? (all.slice(index).some((later) => later.left !== null) ? { kind: 'past' } : { kind: 'beyond' }),
        reverse: right ?? (all.slice(0, index).some((earlier) => earlier.right !== null) ? { kind: 'past' } : { kind: 'beyond' }),
      },
    };
  });
  const isMissing = check.reverse === null && columns.at(-1)?.node.label !== check.destination.label;
  const beyond = { forward: { kind: 'beyond' }, reverse: { kind: 'beyond' } } as const;
  return isMissing ? [...columns, { node: check.destination, cells: beyond }] : columns;
}

type DrawnHop = Extract<DrawnCell, { kind: 'hop' }>;

function laneOf({ hops }: DrawnTrace, explained: readonly ExplainedHop[]): readonly DrawnHop[] {
  return explained.map((each, hop) => ({
    kind: 'hop',
    hop,
    explained: each,
    state: stateOf(hops[hop]?.steps.map(({ result }) => result) ?? [], hop === hops.length - 1),
  }));
}

function stateOf(results: readonly StepResult[], isLast: boolean): DrawnHop['state'] {
  const last = results.at(-1);
  if (last === 'drop') return 'drops';
  if (last === 'unknown') return 'unknown';
  if (isLast) return 'arrives';
  return results.includes('change') ? 'changes' : 'passes';
}

type Merged = { readonly left: DrawnHop | null; readonly right: DrawnHop | null };

/** merge is the shortest common supersequence of both lanes (by the lengths of common subsequences, which here are a dozen hops long). */
function merge(left: readonly DrawnHop[], right: readonly DrawnHop[]): readonly Merged[] {
  const common: number[][] = Array.from({ length: left.length + 1 }, () => Array<number>(right.length + 1).fill(0));
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0;
  for (let row = left.length - 1; row >= 0; row -= 1) {
    for (let column = right.length - 1; column >= 0; column -= 1) {
      const longest = isSame(left[row], right[column])
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
      (common[row] ?? [])[column] = longest;
    }
  }
  const merged: Merged[] = [];
  let [row, column] = [0, 0];
  while (row < left.length || column < right.length) {
    const [one, other] = [left[row] ?? null, right[column] ?? null];
    if (one !== null && other !== null && isSame(one, other)) {
      merged.push({ left: one, right: other });
      [row, column] = [row + 1, column + 1];
    } else if (other === null || (one !== null && at(row + 1, column) >= at(row, column + 1))) {
      merged.push({ left: one, right: null });
      row += 1;
    } else {
      merged.push({ left: null, right: other });
      column += 1;
    }
  }
  return merged;
}

function isSame(one: DrawnHop | undefined, other: DrawnHop | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    one.explained.node.kind === other.explained.node.kind &&
    one.explained.node.id === other.explained.node.id
  );
}
