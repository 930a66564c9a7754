import type { Packet } from '../packet.ts';
import type { Decider } from './decider.ts';
import type { HookContext } from './hook-context.ts';
import { stopsOf } from './hook-order.ts';
import type { PacketState, Translation } from './packet-state.ts';
import type { Rules } from './rules.ts';
import type { Doubt, End, Linked } from './walk.ts';
import { walk } from './walk.ts';

/** HookResult is what becomes of the packet at one hook. `passed` are the chains that let it through, in order, each with what decided there. */
export type HookResult =
  | { readonly verdict: 'accept'; readonly effects: Effects; readonly passed: readonly Decider[] }
  | { readonly verdict: 'drop'; readonly by: Decider; readonly passed: readonly Decider[] }
  | { readonly verdict: 'reject'; readonly by: Decider; readonly with: string; readonly passed: readonly Decider[] }
  /** `by` is the rule that cannot be decided; null where no rule is known at all. */
  | { readonly verdict: 'unknown'; readonly by: Decider | null; readonly why: string; readonly passed: readonly Decider[] };

/** Effects are what is different about the packet afterwards. Null everywhere: not known. */
export type Effects = {
  /** The packet as it leaves the hook; null where NAT made something of it that the rules do not tell. */
  readonly packet: Packet | null;
  readonly translation: Translation | { readonly kind: 'none' | 'unknown' };
  readonly mark: number | null;
  readonly flowMark: number | null;
  /** False: a rule took the packet out of connection tracking. */
  readonly tracked: boolean;
  /** The largest segment that a rule writes into the SYN; `route`: what the route's MTU allows; null: none, or not certainly. */
  readonly clampMss: number | 'route' | null;
};

/**
 * evaluateHook is what the rules do with one packet at one hook: all tables in the kernel's order, legacy ones among them; an accept ends one
 * base chain only, a drop is final. Never throws; bounded whatever the rules are.
 */
export function evaluateHook(rules: Rules, context: HookContext): HookResult {
  if (rules.unknown !== null) return { verdict: 'unknown', by: null, why: rules.unknown, passed: [] };
  return summarize(walk(stopsOf(rules, context), context), context.packet);
}

function summarize(ends: readonly End[], packet: Packet): HookResult {
  const first = ends[0];
  if (first === undefined) return { verdict: 'unknown', by: null, why: 'no end was found', passed: [] };
  const open = ends.find(({ verdict }) => verdict === 'unknown');
  if (open !== undefined) return { verdict: 'unknown', by: open.by, why: open.detail, passed: listOf(open.passed) };
  const passing = ends.filter(({ verdict }) => verdict === 'accept');
  const stopped = ends.find(({ verdict }) => verdict !== 'accept');
  const through = passing[0];
  if (stopped !== undefined && through !== undefined) {
    const doubt = whereTheyPart(stopped, through);
    return { verdict: 'unknown', by: doubt?.by ?? stopped.by, why: doubt?.what ?? '', passed: listOf(stopped.passed) };
  }
  if (stopped === undefined) {
    return {
      verdict: 'accept',
      effects: effectsOf(
        passing.map(({ state }) => state),
        packet,
      ),
      passed: listOf(first.passed),
    };
  }
  const { by, verdict, detail, passed } = stopped;
  if (by === null) return { verdict: 'unknown', by: null, why: detail, passed: listOf(passed) };
  return verdict === 'reject'
    ? { verdict, by, with: detail, passed: listOf(passed) }
    : { verdict: 'drop', by, passed: listOf(passed) };
}

/** The rule at which two ways parted is the one that would have to be known: the latest doubt that they have in common. */
function whereTheyPart(a: End, b: End): Doubt | undefined {
  const shared = new Set<Linked<Doubt>>();
  for (let each = a.doubts; each !== null; each = each.before) shared.add(each);
  for (let each = b.doubts; each !== null; each = each.before) if (shared.has(each)) return each.item;
  return undefined;
}

function effectsOf(states: readonly PacketState[], packet: Packet): Effects {
  const mark = agreed(states.map((state) => state.mark));
  const flowMark = agreed(states.map((state) => state.flowMark));
  const clampMss = agreed(states.map((state) => state.clampMss));
  const tracked = states.every((state) => state.tracking !== 'untracked');
  return { packet: packetOf(states, packet), translation: translationOf(states), mark, flowMark, tracked, clampMss };
}

function translationOf(states: readonly PacketState[]): Effects['translation'] {
  const [first, ...others] = states.map(({ translation }) => translation);
  const same = others.every((other) =>
    other === null || first === null || first === undefined ? other === first : sameTranslation(other, first),
  );
  if (!same) return { kind: 'unknown' };
  return first ?? { kind: 'none' };
}

function sameTranslation(a: Translation, b: Translation): boolean {
  return a.kind === b.kind && a.port === b.port && a.chosenBy === b.chosenBy && a.address?.value === b.address?.value;
}

function packetOf(states: readonly PacketState[], packet: Packet): Packet | null {
  const [first, ...others] = states;
  if (first === undefined) return null;
  const { source, sourcePort, destination, destinationPort } = first;
  if (source === null || sourcePort === null || destination === null || destinationPort === null) return null;
  const same = others.every(
    (other) =>
      other.source?.value === source.value &&
      other.destination?.value === destination.value &&
      other.sourcePort === sourcePort &&
      other.destinationPort === destinationPort,
  );
  return same ? { ...packet, source, sourcePort, destination, destinationPort } : null;
}

/** Null where they differ: then nobody knows. */
function agreed<Value extends number | string>(values: readonly (Value | null)[]): Value | null {
  const [first = null, ...others] = values;
  return others.every((other) => other === first) ? first : null;
}

function listOf(passed: Linked<{ readonly by: Decider }>): readonly Decider[] {
  const list: Decider[] = [];
  for (let each = passed; each !== null; each = each.before) list.push(each.item.by);
  return list.reverse();
}
