import type { FilterRule } from './cloud-state.ts';
import type { FilterLayer } from './layers.ts';
import type { Bound, RuleMatch } from './rule-match.ts';
import { matchRule } from './rule-match.ts';

/** FilterVerdict is what the rules of a layer say to a packet that belongs to no flow they remember. */
export type FilterVerdict =
  | { readonly kind: 'allowed'; readonly rule: FilterRule }
  /** `rule` is the one that denies; null where none allows. `missed` are rules that allow something, each with what does not match. */
  | { readonly kind: 'denied'; readonly rule: FilterRule | null; readonly missed: readonly RuleMatch[] }
  /** It depends on this rule, of which not all is known. */
  | { readonly kind: 'unsure'; readonly rule: FilterRule };

/** judge weighs rules in the way of the layer's vendor. */
export function judge(layer: FilterLayer, rules: readonly FilterRule[], bound: Bound): FilterVerdict {
  const matches = rules.filter(({ direction }) => direction === bound.direction).map((rule) => matchRule(rule, bound));
  return layer.kind.discipline === 'any-allow' ? anyAllow(matches) : firstMatch([...matches].sort(byOrder));
}

/** A rule that remembers nothing wins over one that would: Oracle's documentation. Elsewhere there is none. */
function anyAllow(matches: readonly RuleMatch[]): FilterVerdict {
  const allowing = matches.filter(({ certainty }) => certainty === 'yes');
  const rule = (allowing.find(({ rule: { stateless } }) => stateless) ?? allowing[0])?.rule;
  if (rule !== undefined) return { kind: 'allowed', rule };
  const unsure = matches.find(({ certainty }) => certainty === 'unknown');
  if (unsure !== undefined) return { kind: 'unsure', rule: unsure.rule };
  return { kind: 'denied', rule: null, missed: matches };
}

/** A rule that may match matters only if what comes after it decides otherwise. */
function firstMatch(matches: readonly RuleMatch[]): FilterVerdict {
  const certain = matches.find(({ certainty }) => certainty === 'yes');
  const before = matches.slice(0, certain === undefined ? matches.length : matches.indexOf(certain));
  const action = certain?.rule.action ?? 'deny';
  const unsure = before.find(({ certainty, rule }) => certainty === 'unknown' && rule.action !== action);
  if (unsure !== undefined) return { kind: 'unsure', rule: unsure.rule };
  if (certain !== undefined && action === 'allow') return { kind: 'allowed', rule: certain.rule };
  return {
    kind: 'denied',
    rule: certain?.rule ?? null,
    missed: matches.filter(({ rule, certainty }) => rule.action === 'allow' && certainty === 'no'),
  };
}

/** Of two with one number the one that denies comes first (Google Cloud, Alibaba); elsewhere numbers are unique. */
function byOrder(a: RuleMatch, b: RuleMatch): number {
  if (a.rule.order !== b.rule.order) return a.rule.order - b.rule.order;
  return Number(a.rule.action === 'allow') - Number(b.rule.action === 'allow');
}

/** nearest writes the rules that came closest, and what of each did not match, as a denial shows them. */
export function nearest(missed: readonly RuleMatch[], count = 3): string {
  const closest = missed
    .toSorted((a, b) => a.missed.length - b.missed.length)
    .slice(0, count)
    .map(({ rule, missed: fields }) => `"${rule.text}" (not its ${fields.join(', ')})`);
  const more = missed.length - closest.length;
  return [...closest, ...(more > 0 ? [`${String(more)} more`] : [])].join('; ');
}
