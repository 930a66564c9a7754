import { equalAddress, formatAddress } from '../ip/address.ts';
import type { Facts } from './cause.ts';
import type { Decider } from './filter/decider.ts';
import type { FindingCode } from './finding-code.ts';
import type { DropReason } from './linux/decision.ts';
import type { Packet } from './packet.ts';
import type { Stage } from './words.ts';

/** What each of the kernel's reasons is in the words of a trace; null: no entry of the catalogue. */
export const meaning: Readonly<Record<DropReason, { readonly stage: Stage; readonly code: FindingCode | null }>> = {
  'interface-missing': { stage: 'route', code: null },
  'interface-down': { stage: 'route', code: null },
  'family-off': { stage: 'forwarding', code: null },
  'martian-source': { stage: 'source-check', code: 'MARTIAN' },
  'martian-destination': { stage: 'route', code: null },
  'own-source': { stage: 'source-check', code: 'MARTIAN' },
  'rp-filter': { stage: 'source-check', code: 'RPF-STRICT' },
  'rp-filter-no-route': { stage: 'source-check', code: 'RPF-STRICT' },
  'source-not-local': { stage: 'originate', code: null },
  'forwarding-off': { stage: 'forwarding', code: 'FWD-OFF' },
  'interface-forwarding-off': { stage: 'forwarding', code: 'FWD-IFACE' },
  'no-route': { stage: 'route', code: 'IF-MISSING-ROUTE' },
  blackhole: { stage: 'route', code: 'IF-MISSING-ROUTE' },
  unreachable: { stage: 'route', code: 'IF-MISSING-ROUTE' },
  prohibit: { stage: 'route', code: 'IF-MISSING-ROUTE' },
};

/** observed is the evidence of what a machine reported. */
export function observed({ text, observedAt }: { readonly text: string; readonly observedAt: string }) {
  return { evidence: 'observed', observedAt, quote: text } as const;
}

/** placeOf is a rule as people find it again. */
export function placeOf({ source, family, table, chain, rule }: Decider): string {
  return source === 'legacy' ? `iptables-legacy -t ${table}: ${rule}` : `${family} ${table} ${chain}: ${rule}`;
}

/** ruleFacts is what a fix needs to find the rule's chain again. */
export function ruleFacts({ source, family, table, chain, rule, handle, owner }: Decider): Facts {
  return {
    family: source === 'legacy' ? 'iptables' : family,
    table,
    chain,
    rule,
    ...(handle === null ? {} : { handle }),
    ...(owner === null ? {} : { owner }),
  };
}

/** changeText says what NAT did. */
export function changeText(before: Packet, after: Packet, isAnswer: boolean): string {
  const source = !equalAddress(before.source, after.source);
  const [from, into] = source ? [before.source, after.source] : [before.destination, after.destination];
  return `the ${source ? 'source' : 'destination'} ${formatAddress(from)} ${isAnswer ? 'is put back to' : 'becomes'} ${formatAddress(into)}`;
}

/** lowerFirst makes a clause of a sentence. */
export function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1).replace(/\.$/, '')}`;
}
