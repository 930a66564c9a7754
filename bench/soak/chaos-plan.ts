import type { Random } from '../chaos/random.ts';
import { between, oneOf, seeded } from '../chaos/random.ts';
import type { FaultKind } from './fault-kinds.ts';
import { allFaultKinds, ruleOf } from './fault-kinds.ts';

/** PlannedFault is one fault, so long after the beginning of its turn, and how long it lasts. `draw` is for what is to be chosen among equals (0 to 1). */
export type PlannedFault = {
  readonly kind: FaultKind;
  readonly afterMs: number;
  readonly lastsMs: number;
  readonly draw: number;
};

/**
 * Turn is a quiet time, in which nothing at all may be lost, and then one fault, or two at once in different parts. The next turn begins when
 * everything has recovered, so there are never more.
 */
export type Turn = { readonly quietMs: number; readonly faults: readonly PlannedFault[] };

export const mostFaultsAtOnce = 2;

/**
 * chaosPlan draws turns that, without any time for recovery, would fill the minutes: no run needs more. The same seed gives the same ones, and each kind
 * comes once before any comes again.
 */
export function chaosPlan(seed: number, minutes: number): readonly Turn[] {
  const random = seeded(seed);
  const turns: Turn[] = [];
  let bag: FaultKind[] = [];
  const draw = () => {
    if (bag.length === 0) bag = shuffled(random, allFaultKinds);
    return bag.pop() ?? oneOf(random, allFaultKinds);
  };
  for (let passedMs = 0; passedMs < minutes * 60_000; ) {
    const first = draw();
    const faults = [plan(random, first, 0)];
    const second = bag.find((kind) => mayMeet(first, kind));
    if (second !== undefined && random() < 0.25) {
      bag = bag.filter((kind) => kind !== second);
      faults.push(plan(random, second, between(random, 0, 2_000)));
    }
    const turn = { quietMs: between(random, 3_000, 8_000), faults };
    turns.push(turn);
    passedMs += turn.quietMs + Math.max(...faults.map(({ afterMs, lastsMs }) => afterMs + lastsMs));
  }
  return turns;
}

/** What concerns everything comes alone: the other fault's process would not be there to be broken, or to be mended. */
function mayMeet(one: FaultKind, other: FaultKind): boolean {
  const parts = [ruleOf(one).part, ruleOf(other).part];
  return parts[0] !== parts[1] && !parts.includes('whole');
}

function plan(random: Random, kind: FaultKind, afterMs: number): PlannedFault {
  const [least, most] = ruleOf(kind).lastsMs;
  return { kind, afterMs, lastsMs: between(random, least, most), draw: random() };
}

function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, ticket: random() }))
    .sort((one, other) => one.ticket - other.ticket)
    .map(({ item }) => item);
}
