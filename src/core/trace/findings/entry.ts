/**
 * src/core/trace/findings: what can be wrong, each entry with the sentences that say it, the commands that mend it, and what it explains; and
 * the function that makes findings from the causes in a trace. Pure. docs/findings.md and golden/ are made from it: after a change of a text
 * `RENEW_GOLDEN=1 ./causeway node --test src/core/trace/findings/golden.test.ts` writes both anew, and the difference is read before it is
 * committed. Whoever changes a command reads its golden text to the end: somebody pastes it as root.
 *
 * This file: what an entry of the catalogue is. Nothing of a cause reaches a command but through command-words.ts and ../../platforms.
 */
import type { NetworkId } from '../../ids.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import type { NetworkRoutes } from '../../site-routes/site-routes.ts';
import type { Cause, Facts } from '../cause.ts';
import type { FindingCode } from '../finding-code.ts';
import type { Observed } from '../input.ts';
import type { Direction, NodeKind } from '../words.ts';
import type { Fix, Origin, Severity } from './finding.ts';

/** FixContext is what fixes are written from besides the cause: facts of the WPC, which a machine's step does not know. */
export type FixContext = Pick<Observed, 'platforms'> & {
  readonly tunnelRanges: readonly PrefixText[];
  /** What the LAN of a network has to send to its connector (core/site-routes). */
  readonly routesOf: (network: NetworkId) => NetworkRoutes | undefined;
};

export type Entry = {
  /** Of a step that drops the packet; where it goes on, or nobody knows, an error is a warning. */
  readonly severity: Severity;
  /** What people see before anybody looks. */
  readonly symptom: string;
  /** One sentence: what is wrong with which object. */
  readonly title: (cause: Cause) => string;
  /** Two or three sentences: why that stops the flow, and how it is known. */
  readonly explanation: (cause: Cause) => string;
  readonly origin: Origin;
  readonly node: NodeKind;
  /** Empty: it concerns no single flow. */
  readonly directions: readonly Direction[];
  /** Steps of the tutorial, in its order; `T 6` and so on are its sections. */
  readonly tutorial: readonly string[];
  /** What it explains; with everything that those explain in turn. Without circles. */
  readonly hides: readonly FindingCode[];
  /** Facts that its texts are written from; where one is missing a word in capitals stands for it. */
  readonly reads: readonly (keyof Facts)[];
  /** The better one first. `direction` is that of the trace, since NAT does nothing for what a LAN begins. */
  readonly fixes: (cause: Cause, context: FixContext, direction: Direction | null) => readonly Fix[];
  /** Whether the lab can make it with network namespaces; else why not. */
  readonly injectable: true | string;
};

/** Theme is the part of the catalogue that one file holds. */
export type Theme<Code extends FindingCode> = Readonly<Record<Code, Entry>>;

export const both: readonly Direction[] = ['forward', 'reverse'];
