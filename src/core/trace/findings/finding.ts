import type { Evidence } from '../../platforms/platform.ts';
import type { ObjectRef } from '../cause.ts';
import type { FindingCode } from '../finding-code.ts';
import type { NodeRef } from '../node.ts';
import type { Direction } from '../words.ts';

export type Severity = 'error' | 'warning' | 'info';

/** Origin says where the packet is when it happens: on the link into the machine, in it, or on the link out of it. */
export type Origin = 'inbound' | 'local' | 'outbound';

/**
 * AgentAction is what a connector's agent may do after a person has confirmed it. A closed list: nothing else is carried out, and every value
 * is checked again by the agent.
 */
export type AgentAction =
  | { readonly kind: 'sysctl'; readonly name: string; readonly value: number }
  | { readonly kind: 'accept-forward'; readonly family: 'ip' | 'ip6' | 'inet'; readonly table: string; readonly chain: string }
  | { readonly kind: 'forget-flows' };

/** Fix is one way to mend it, on one platform. Texts are whole lines that can be pasted; empty where there is nothing of the kind. */
export type Fix = {
  /** `linux` or another platform of core/platforms, `causeway` for what is changed in Causeway itself, `manual` where only a person can do it. */
  readonly platform: string;
  readonly title: string;
  /** On which machine the commands are run, in words. */
  readonly where: string;
  readonly commands: readonly string[];
  /** Where to click. */
  readonly console: readonly string[];
  readonly terraform: string | null;
  readonly undo: readonly string[];
  /** What may go wrong, or what else it changes; empty where nothing. */
  readonly risk: string;
  /** When this is the better one of several; empty where it is the only one. */
  readonly betterWhen: string;
  readonly canApply: 'agent' | 'operator';
  /** Null unless an agent can do it. */
  readonly action: AgentAction | null;
  /** Commands or a sentence that show whether it helped; the trace itself can always be run again. */
  readonly verify: readonly string[];
  /** How far the commands may be trusted: run by a test of ours, written by the maker's documentation, or neither. */
  readonly evidence: Evidence;
};

export type Finding = {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** One sentence with the object: what is wrong. */
  readonly title: string;
  /** Two or three sentences: why that stops the flow, and how it is known. */
  readonly explanation: string;
  readonly object: ObjectRef;
  /** Null for what concerns no single flow (doctor). */
  readonly direction: Direction | null;
  readonly hop: NodeRef | null;
  readonly origin: Origin;
  /** The machine's own words. */
  readonly quote: string | null;
  /** Other findings of the same answer that this one explains, and the one that explains it. */
  readonly hides: readonly FindingCode[];
  readonly hiddenBy: FindingCode | null;
  readonly tutorial: readonly string[];
  /** The better one first. */
  readonly fixes: readonly Fix[];
};
