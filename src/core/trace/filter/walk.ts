import type { Decider } from './decider.ts';
import { evaluate, lookUp } from './evaluate-expression.ts';
import type { HookContext } from './hook-context.ts';
import type { Stop } from './hook-order.ts';
import { compares } from './matches.ts';
import { ownerOf } from './owner.ts';
import type { PacketState } from './packet-state.ts';
import { stateAtEntry, stateKey } from './packet-state.ts';
import type { BaseChain, Chain, Rule, Statement, Verdict } from './rules.ts';
import { translate } from './translate.ts';

/**
 * The walk of a packet through the chains of one hook. Where a rule cannot be decided it is followed both ways; two ways that come to the same
 * place with the packet in the same state are one. So the work stays that of the rules, not of their combinations.
 */

/** End is where one way ended. `doubts` are the undecided rules on it, the latest first. */
export type End = {
  readonly verdict: 'accept' | 'drop' | 'reject' | 'unknown';
  /** Who decided; null where the packet simply came through. */
  readonly by: Decider | null;
  /** What it was rejected with, or what is not known. */
  readonly detail: string;
  readonly state: PacketState;
  readonly passed: Linked<Passed>;
  readonly doubts: Linked<Doubt>;
};
export type Passed = { readonly by: Decider };
export type Doubt = { readonly by: Decider; readonly what: string };
export type Linked<Item> = { readonly item: Item; readonly before: Linked<Item> } | null;

/** Where a packet is in a chain, and where it goes on when the chain ends. */
type Frame = {
  readonly chain: Chain;
  readonly rule: number;
  readonly statement: number;
  readonly caller: Frame | null;
  readonly depth: number;
};

type Way = {
  readonly stop: number;
  readonly frame: Frame | null;
  readonly state: PacketState;
  readonly passed: Linked<Passed>;
  readonly doubts: Linked<Doubt>;
};

/** The kernel's own limit of jumps into one another (NFT_JUMP_STACK_SIZE). */
const deepestJump = 16;
/** Of rules looked at and of ways: far more than the largest machines need; a text that is made to be slow ends here. */
const mostSteps = 2_000_000;
const mostWays = 100_000;

export function walk(stops: readonly Stop[], context: HookContext): readonly End[] {
  const ends: End[] = [];
  const ways: Way[] = [{ stop: 0, frame: null, state: stateAtEntry(context), passed: null, doubts: null }];
  const seen = new Map<string, true>();
  const numbers = new Map<Chain, number>();
  let steps = 0;

  /** True the first time; only asked once there is more than one way. */
  function isNew(way: Way): boolean {
    const key = `${String(way.stop)} ${frameKey(way.frame, numbers)}| ${stateKey(way.state)}`;
    if (seen.has(key)) return false;
    seen.set(key, true);
    return true;
  }

  function follow(start: Way): void {
    let way = start;
    for (;;) {
      steps += 1;
      const next = way.frame === null ? atStop(way) : inChain(way, way.frame);
      if (next.kind === 'end') {
        ends.push(next.end);
        return;
      }
      if (next.kind === 'fork') {
        for (const branch of next.branches) if (isNew(branch)) ways.push(branch);
        return;
      }
      const left = next.way.frame?.chain !== way.frame?.chain;
      way = next.way;
      if (left && seen.size > 0 && !isNew(way)) return;
      if (steps > mostSteps) {
        ends.push(tooMuch(way));
        return;
      }
    }
  }

  function atStop(way: Way): Next {
    const stop = stops[way.stop];
    if (stop === undefined) return end(way, 'accept', null, '');
    switch (stop.kind) {
      case 'conntrack':
        return go(nextStop(way, { ...way.state, tracking: way.state.tracking === 'before' ? 'tracked' : way.state.tracking }));
      case 'mapping':
        return go(nextStop(way, mapped(way.state, context)));
      case 'chain': {
        const natDone = stop.base.type === 'nat' && (way.state.translation !== null || way.state.tracking !== 'tracked');
        if (natDone) return go(nextStop(way, way.state));
        const inside: Way = { ...way, frame: { chain: stop.base.chain, rule: 0, statement: 0, caller: null, depth: 0 } };
        if (stop.doubt === null) return go(inside);
        const doubt: Doubt = { by: policyDecider(stop.base), what: stop.doubt };
        const doubts = { item: doubt, before: way.doubts };
        return {
          kind: 'fork',
          branches: [
            { ...nextStop(way, way.state), doubts },
            { ...inside, doubts },
          ],
        };
      }
    }
  }

  function inChain(way: Way, frame: Frame): Next {
    const stop = stops[way.stop];
    if (stop?.kind !== 'chain') return end(way, 'unknown', null, 'no chain');
    const { base } = stop;
    const rule = frame.chain.rules[frame.rule];
    if (rule === undefined) return leaveChain(way, frame, base);
    let { state } = way;
    for (let index = frame.statement; ; index += 1) {
      const statement = rule.statement(index);
      if (statement === undefined) return go(nextRule({ ...way, state }, frame));
      const by = (): Decider => ruleDecider(base, frame.chain, rule);
      const effect = carryOut(statement, context, state, by, base);
      switch (effect.kind) {
        case 'next-statement':
          state = effect.state;
          break;
        case 'next-rule':
          return go(nextRule({ ...way, state }, frame));
        case 'perhaps': {
          const doubts = { item: { by: by(), what: effect.what }, before: way.doubts };
          const here = { ...way, state, doubts };
          return { kind: 'fork', branches: [nextRule(here, frame), { ...here, frame: { ...frame, statement: index + 1 } }] };
        }
        case 'undecidable': {
          const doubts = { item: { by: by(), what: effect.what }, before: way.doubts };
          return end({ ...way, state, doubts }, 'unknown', by(), effect.what);
        }
        case 'translated':
          return go(nextStop(pass({ ...way, state: effect.state }, by()), effect.state));
        case 'verdict': {
          if (effect.verdict.kind === 'continue') break;
          return decide({ ...way, state }, frame, effect.verdict, by, base);
        }
      }
    }
  }

  function decide(way: Way, frame: Frame, verdict: Verdict, by: () => Decider, base: BaseChain): Next {
    switch (verdict.kind) {
      case 'accept':
        return go(nextStop(pass(way, by()), way.state));
      case 'drop':
        return end(way, 'drop', by(), '');
      case 'reject':
        return end(way, 'reject', by(), verdict.with);
      case 'return':
        return leaveChain(way, frame, base);
      case 'continue':
        return go(nextRule(way, frame));
      case 'unknown':
        return end(way, 'unknown', by(), verdict.what);
      case 'jump':
      case 'goto': {
        const chain = base.table.chains.get(verdict.chain);
        if (chain === undefined) return end(way, 'unknown', by(), `chain ${verdict.chain} is not in the listing`);
        if (frame.depth >= deepestJump) return end(way, 'unknown', by(), 'jumps deeper than the kernel allows');
        const caller = verdict.kind === 'jump' ? { ...frame, rule: frame.rule + 1, statement: 0 } : frame.caller;
        const depth = verdict.kind === 'jump' ? frame.depth + 1 : frame.depth;
        return go({ ...way, frame: { chain, rule: 0, statement: 0, caller, depth } });
      }
    }
  }

  while (ways.length > 0 && !endDifferently(ends)) {
    const way = ways.pop();
    if (way === undefined) break;
    if (seen.size > mostWays || steps > mostSteps) {
      ends.push(tooMuch(way));
      break;
    }
    follow(way);
  }
  return ends;
}

type Next =
  | { readonly kind: 'go'; readonly way: Way }
  | { readonly kind: 'fork'; readonly branches: readonly Way[] }
  | { readonly kind: 'end'; readonly end: End };

type Effect =
  | { readonly kind: 'next-statement'; readonly state: PacketState }
  | { readonly kind: 'next-rule' }
  | { readonly kind: 'perhaps' | 'undecidable'; readonly what: string }
  | { readonly kind: 'translated'; readonly state: PacketState }
  | { readonly kind: 'verdict'; readonly verdict: Verdict };

function carryOut(statement: Statement, context: HookContext, state: PacketState, by: () => Decider, base: BaseChain): Effect {
  switch (statement.kind) {
    case 'match': {
      const left = evaluate(statement.left, context, state);
      if (left.kind === 'absent') return { kind: 'next-rule' };
      if (left.kind === 'unknown') return { kind: 'perhaps', what: left.what };
      const truth = compares(left.value, statement.operator, statement.right);
      if (typeof truth !== 'boolean') return { kind: 'perhaps', what: truth.unknown };
      return truth ? { kind: 'next-statement', state } : { kind: 'next-rule' };
    }
    case 'perhaps':
    case 'undecidable':
      return statement;
    case 'verdict':
      return holdsFor(statement.verdict, context) ? { kind: 'verdict', verdict: statement.verdict } : { kind: 'next-rule' };
    case 'verdict-map': {
      const key = evaluate(statement.key, context, state);
      const found = key.kind === 'known' ? lookUp(key.value, statement.elements()) : key;
      if (found.kind === 'absent') return { kind: 'next-rule' };
      return found.kind === 'unknown' ? { kind: 'undecidable', what: found.what } : { kind: 'verdict', verdict: found.data };
    }
    case 'set-mark': {
      const value = evaluate(statement.value, context, state);
      if (value.kind === 'absent') return { kind: 'next-rule' };
      const mark = value.kind === 'known' && typeof value.value === 'number' ? value.value : null;
      if (statement.of === 'packet') return { kind: 'next-statement', state: { ...state, mark } };
      return { kind: 'next-statement', state: state.tracking === 'tracked' ? { ...state, flowMark: mark } : state };
    }
    case 'nat': {
      if (base.type !== 'nat') return { kind: 'undecidable', what: 'NAT outside of a NAT chain' };
      if (statement.family !== null && statement.family !== context.packet.source.family)
        return { kind: 'next-statement', state };
      const translated = translate(statement, context, state, by());
      return translated === undefined ? { kind: 'next-rule' } : { kind: 'translated', state: translated };
    }
    case 'notrack':
      return { kind: 'next-statement', state: state.tracking === 'before' ? { ...state, tracking: 'untracked' } : state };
    case 'clamp-mss':
      return context.packet.protocol === 'tcp'
        ? { kind: 'next-statement', state: { ...state, clampMss: statement.size } }
        : { kind: 'next-rule' };
  }
}

/** Ways of rejecting that exist for one protocol only. */
function holdsFor(verdict: Verdict, { packet }: HookContext): boolean {
  if (verdict.kind !== 'reject') return true;
  switch (verdict.requires) {
    case 'tcp':
      return packet.protocol === 'tcp';
    case 'ipv4':
      return packet.source.family === 4;
    case 'ipv6':
      return packet.source.family === 6;
    case null:
      return true;
  }
}

function nextRule(way: Way, frame: Frame): Way {
  return { ...way, frame: { ...frame, rule: frame.rule + 1, statement: 0 } };
}

function nextStop(way: Way, state: PacketState): Way {
  return { ...way, state, stop: way.stop + 1, frame: null };
}

function leaveChain(way: Way, frame: Frame, base: BaseChain): Next {
  if (frame.caller !== null) return go({ ...way, frame: frame.caller });
  const by = policyDecider(base);
  return base.policy === 'drop' ? end(way, 'drop', by, '') : go(nextStop(pass(way, by), way.state));
}

function mapped(state: PacketState, { nat }: HookContext): PacketState {
  if (nat.kind !== 'mapped') return state;
  const { source, sourcePort, destination, destinationPort } = nat.packet;
  return { ...state, source, sourcePort, destination, destinationPort };
}

function pass(way: Way, by: Decider): Way {
  return { ...way, passed: { item: { by }, before: way.passed } };
}

function go(way: Way): Next {
  return { kind: 'go', way };
}

function end({ state, passed, doubts }: Way, verdict: End['verdict'], by: Decider | null, detail: string): Next {
  return { kind: 'end', end: { verdict, by, detail, state, passed, doubts } };
}

function tooMuch({ state, passed, doubts }: Way): End {
  return { verdict: 'unknown', by: null, detail: 'too many rules that cannot be decided', state, passed, doubts };
}

/** Nothing more is to be learnt once one way passes and another does not. */
function endDifferently(ends: readonly End[]): boolean {
  const passes = ends.some(({ verdict }) => verdict === 'accept');
  return ends.some(({ verdict }) => verdict === 'unknown' || (passes && verdict !== 'accept'));
}

function frameKey(frame: Frame | null, numbers: Map<Chain, number>): string {
  let key = '';
  for (let each = frame; each !== null; each = each.caller) {
    const number = numbers.get(each.chain) ?? numbers.size;
    numbers.set(each.chain, number);
    key += `${String(number)}:${String(each.rule)}:${String(each.statement)} `;
  }
  return key;
}

function ruleDecider(base: BaseChain, chain: Chain, rule: Rule): Decider {
  return {
    ...policyDecider(base),
    chain: chain.name,
    handle: rule.handle,
    rule: rule.text(),
    owner: ownerOf(base.table, chain.name),
  };
}

function policyDecider({ table, chain, hook, priority, policy }: BaseChain): Decider {
  return {
    source: table.source,
    family: table.family,
    table: table.name,
    chain: chain.name,
    baseChain: chain.name,
    hook,
    priority,
    handle: null,
    rule: `policy ${policy}`,
    owner: ownerOf(table, chain.name),
  };
}
