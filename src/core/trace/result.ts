import type { Cause, ObjectRef } from './cause.ts';
import type { PacketView, Protocol } from './packet.ts';
import type { AddressText } from '../ip/address.ts';
import type { Finding } from './findings/finding.ts';
import type { NodeRef } from './node.ts';
import type { Confidence, Direction, Ending, Evidence, Stage, StepResult, Verdict } from './words.ts';
import { isSuccess } from './words.ts';

/** Step is one decision about the packet at a hop. */
export type Step = {
  readonly stage: Stage;
  readonly result: StepResult;
  readonly evidence: Evidence;
  /** When the state that decides it was reported or probed, ISO 8601; null where the evidence is neither. */
  readonly observedAt: string | null;
  /** The rule, route, sysctl or answer that decides, in the machine's own words; null where there is none. */
  readonly quote: string | null;
  /** One clause for people: what was decided, and why. */
  readonly detail: string;
  /** The packet afterwards, where the step changed it. */
  readonly packet: PacketView | null;
  /** What is wrong; also on a step that passes, where something will go wrong later. */
  readonly cause: Cause | null;
};

export type Hop = {
  readonly node: NodeRef;
  /** Interfaces by which the packet comes and goes, where they are known. */
  readonly in: string | null;
  readonly out: string | null;
  readonly steps: readonly Step[];
  /** Steps of the tutorial that happen here (tutorial.md), such as RA-11. */
  readonly tutorial: readonly string[];
};

export type Trace = { readonly ending: Ending; readonly hops: readonly Hop[] };

/** Session is what a machine remembers of the forward packet and consults for the answer: conntrack's entry with its NAT. */
export type SessionView = {
  readonly node: NodeRef;
  readonly original: PacketView;
  /** The answer that the machine expects. */
  readonly reply: PacketView;
};

export type FlowRequest = {
  readonly source: ObjectRef;
  readonly destination: ObjectRef;
  readonly sourceAddress: AddressText;
  readonly destinationAddress: AddressText;
  readonly protocol: Protocol;
  readonly port: number | null;
  readonly bytes: number;
  readonly dontFragment: boolean;
};

/** FlowCheck is the whole answer. Made by `flowCheck` only, which keeps its invariant. */
export type FlowCheck = {
  readonly request: FlowRequest;
  readonly verdict: Verdict;
  readonly confidence: Confidence;
  /** One sentence: what happens, and where it ends. */
  readonly summary: string;
  readonly forward: Trace;
  readonly sessions: readonly SessionView[];
  /** Null if and only if the forward trace did not arrive: then there is nothing to answer. */
  readonly reverse: Trace | null;
  /** Root causes first; those that another one explains carry `hiddenBy`. */
  readonly findings: readonly Finding[];
};

/** What hops a trace may begin and end with, and what its last step must be for its ending. Throws RangeError: a trace that breaks it is a bug. */
export function trace(ending: Ending, hops: readonly Hop[]): Trace {
  const problem = grammarProblem(ending, hops);
  if (problem !== undefined) throw new RangeError(`the trace is not well formed: ${problem}`);
  return { ending, hops };
}

/** flowCheck enforces what forward and return trace owe each other. Throws RangeError. */
export function flowCheck(check: FlowCheck): FlowCheck {
  const arrived = isSuccess(check.forward.ending);
  if (arrived !== (check.reverse !== null)) {
    throw new RangeError(`the forward trace ends ${check.forward.ending} and there is ${arrived ? 'no' : 'a'} return trace`);
  }
  return check;
}

/**
 * The grammar: there are hops and none is empty; the first begins where the packet is made; nothing comes after a step that drops it; a
 * `dropped` trace ends with such a step, an `undetermined` one with an unknown one, and only a `delivered` one ends by delivering.
 */
function grammarProblem(ending: Ending, hops: readonly Hop[]): string | undefined {
  const steps = hops.flatMap((hop) => hop.steps);
  const [first] = steps;
  const last = steps.at(-1);
  if (first === undefined || last === undefined) return 'it has no step';
  const empty = hops.find((hop) => hop.steps.length === 0);
  if (empty !== undefined) return `the hop ${empty.node.label} has no step`;
  if (first.stage !== 'originate' && first.stage !== 'reply-originate') return `it begins with ${first.stage}`;
  const early = steps.findIndex(({ result }) => result === 'drop' || result === 'unknown');
  if (early !== -1 && early !== steps.length - 1)
    return `step ${String(early + 1)} (${steps[early]?.stage}) ends it and more follow`;
  const wanted = { dropped: 'drop', undetermined: 'unknown', loop: 'drop' } as const;
  if (ending === 'dropped' || ending === 'undetermined' || ending === 'loop') {
    if (last.result !== wanted[ending]) return `it ends ${ending} and its last step is ${last.result}`;
    return undefined;
  }
  if (last.result === 'drop' || last.result === 'unknown') return `it ends ${ending} and its last step is ${last.result}`;
  if (ending === 'delivered' && last.stage !== 'deliver') return `it ends delivered with ${last.stage}`;
  return undefined;
}

/** stepsOf lists the steps of a check with where they are, forward first. */
export function* stepsOf(check: Pick<FlowCheck, 'forward' | 'reverse'>): Generator<{
  readonly direction: Direction;
  readonly hop: number;
  readonly node: NodeRef;
  readonly step: Step;
}> {
  for (const direction of ['forward', 'reverse'] as const) {
    const { hops } = check[direction] ?? { hops: [] };
    for (const [hop, { node, steps }] of hops.entries()) for (const step of steps) yield { direction, hop, node, step };
  }
}
