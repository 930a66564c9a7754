import { createHash } from 'node:crypto';
import type { Pair } from './pair.ts';
import { everyPair, pairNamed } from './pair.ts';

/**
 * chosenPairs is the sample that is always tried. Each machine on the way is in it, there and back: once beside another, and the connector, which
 * has most of the faults, beside itself.
 */
export const chosenPairs: readonly Pair[] = [
  'CLI-OFFLINE+FWD-OFF',
  'CON-OFFLINE+SRV-NO-LISTENER',
  'FWD-OFF+HFW-FORWARD-DROP',
  'FWD-IFACE+SRV-NO-LISTENER',
  'MARTIAN+DUP-IP',
  'HFW-FORWARD-DROP-IPTABLES+NEIGH-FAIL',
  'MULTI-NIC-RULES+HFW-LEGACY',
  'RPF-STRICT+SITE-ROUTE-ONE-WAY',
  'NAT-OFF-NO-ROUTE+SRV-FIREWALL',
  'RTR-STATEFUL+SRV-WRONG-GW',
  'POL-DENY+IG-NOT-SET',
  'NAT-EDGE-SCOPE+EGRESS-LOOP',
].map(must);

/** drawPairs are as many others, the same for the same seed. */
export function drawPairs(seed: number): readonly Pair[] {
  const ticket = ({ name }: Pair) => createHash('sha256').update(`${seed} ${name}`).digest('hex');
  return everyPair()
    .filter(({ name }) => !chosenPairs.some((chosen) => chosen.name === name))
    .map((pair) => ({ pair, drawn: ticket(pair) }))
    .sort((one, other) => (one.drawn < other.drawn ? -1 : 1))
    .slice(0, chosenPairs.length)
    .map(({ pair }) => pair);
}

function must(name: string): Pair {
  const pair = pairNamed(name);
  if (pair === undefined) throw new Error(`${name}: these two faults cannot stand together`);
  return pair;
}
