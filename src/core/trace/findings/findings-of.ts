import type { Cause } from '../cause.ts';
import type { FindingCode } from '../finding-code.ts';
import { findingCodes } from '../finding-code.ts';
import type { NodeRef } from '../node.ts';
import type { FlowCheck, Step } from '../result.ts';
import { stepsOf } from '../result.ts';
import type { Direction } from '../words.ts';
import { catalogue } from './catalogue.ts';
import type { FixContext } from './entry.ts';
import type { Finding, Severity } from './finding.ts';
import { shown } from './sentences.ts';

/** Place is where a cause was met; null for what concerns no single flow. */
type Place = { readonly direction: Direction; readonly node: NodeRef; readonly step: Step } | null;
type Found = { readonly cause: Cause; readonly place: Place };

/**
 * findingsOf makes findings of the causes in a check's steps, and of those that belong to no step (doctor; then there may be no check). The
 * same cause met twice is one finding, where it was met first. Root causes come first, and among them what ends the packet; each says which
 * others of the answer it explains. Deterministic; never throws for what machines and operators have said.
 */
export function findingsOf(
  check: Pick<FlowCheck, 'forward' | 'reverse'> | null,
  extra: readonly Cause[],
  context: FixContext,
): readonly Finding[] {
  const met = check === null ? [] : [...stepsOf(check)];
  const found = distinct([
    ...met.flatMap(({ direction, node, step }): Found[] =>
      step.cause === null ? [] : [{ cause: step.cause, place: { direction, node, step } }],
    ),
    ...extra.map((cause): Found => ({ cause, place: null })),
  ]);
  const hiders = found.map((each) => found.filter((other) => hides(other, each)));
  return found
    .map((each, index) => {
      const hidden = found.filter((other) => hides(each, other));
      return { each, index, by: hiders[index] ?? [], hidden, severity: worst([each, ...hidden].map(severityOf)) };
    })
    .toSorted((a, b) => rank(a) - rank(b) || a.index - b.index)
    .map(({ each, by, hidden, severity }) => ({
      ...findingOf(each, context),
      severity,
      hides: codesOf(hidden),
      hiddenBy: rootOf(by, (other) => hiders[found.indexOf(other)] ?? []),
    }));
}

function findingOf({ cause, place }: Found, context: FixContext): Omit<Finding, 'severity' | 'hides' | 'hiddenBy'> {
  const entry = catalogue[cause.code];
  const { observation } = cause.facts;
  return {
    code: cause.code,
    title: isOpen(place) ? `Not verified: ${entry.title(cause)}` : entry.title(cause),
    explanation:
      (isOpen(place) ? 'Nobody has said or seen whether it is so; a probe or a statement settles it. If it is: ' : '') +
      entry.explanation(cause) +
      (observation === undefined || observation === '' ? '' : ` Seen there: ${shown(observation)}.`),
    object: cause.object,
    direction: place?.direction ?? null,
    hop: place?.node ?? null,
    origin: entry.origin,
    quote: place?.step.quote ?? null,
    tutorial: entry.tutorial,
    fixes: entry.fixes(cause, context, place?.direction ?? null),
  };
}

/** What a step lets pass goes wrong later, or now and then; and what it could not decide may be in order. */
function severityOf({ cause, place }: Found): Severity {
  const { severity } = catalogue[cause.code];
  return severity === 'error' && place !== null && place.step.result !== 'drop' ? 'warning' : severity;
}

/** A step that could not be decided: what would be wrong is only feared. */
function isOpen(place: Place): boolean {
  return place?.step.result === 'unknown';
}

function endsIt({ result }: Step): boolean {
  return result === 'drop' || result === 'unknown';
}

const severities: readonly Severity[] = ['error', 'warning', 'info'];

/** What explains an error is one. */
function worst(all: readonly Severity[]): Severity {
  return severities.find((severity) => all.includes(severity)) ?? 'info';
}

/** What nothing explains first, and what more explain later; what ends the packet before what does not; then by severity. */
function rank({
  each,
  by,
  severity,
}: {
  readonly each: Found;
  readonly by: readonly Found[];
  readonly severity: Severity;
}): number {
  const passing = each.place !== null && endsIt(each.place.step) ? 0 : 10;
  return by.length * 100 + passing + severities.indexOf(severity);
}

function distinct(all: readonly Found[]): readonly Found[] {
  const seen = new Set<string>();
  return all.filter(({ cause }) => {
    const key = identity(cause);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The interface and the packet's addresses are not in it: both directions of a flow meet the same fault with different ones. */
function identity({ code, object, facts }: Cause): string {
  const { resource, family, table, chain, sysctl, prefix, networkId } = facts;
  return JSON.stringify([code, object.kind, object.id, resource, family, table, chain, sysctl, prefix, networkId]);
}

/** What a code explains, with what that explains in turn. */
const explained = new Map(findingCodes.map((code) => [code, closure(code)]));

function closure(code: FindingCode): ReadonlySet<FindingCode> {
  const all = new Set<FindingCode>();
  const open = [...catalogue[code].hides];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (all.has(next)) continue;
    all.add(next);
    open.push(...catalogue[next].hides);
  }
  return all;
}

/** Only at the same site: what is wrong at one explains nothing of another. */
function hides(root: Found, consequence: Found): boolean {
  if (root === consequence || explained.get(root.cause.code)?.has(consequence.cause.code) !== true) return false;
  const [one, other] = [siteOf(root.cause), siteOf(consequence.cause)];
  return one === undefined || other === undefined || one === other;
}

function siteOf({ object, facts }: Cause): string | undefined {
  return facts.networkId ?? (object.kind === 'network' ? object.id : undefined);
}

/** Of those that explain it the one that nothing else explains. */
function rootOf(hiders: readonly Found[], hidersOf: (found: Found) => readonly Found[]): FindingCode | null {
  const root = hiders.find((each) => hidersOf(each).length === 0) ?? hiders[0];
  return root?.cause.code ?? null;
}

function codesOf(found: readonly Found[]): readonly FindingCode[] {
  const present = new Set(found.map(({ cause }) => cause.code));
  return findingCodes.filter((code) => present.has(code));
}
