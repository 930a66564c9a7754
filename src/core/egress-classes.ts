import type { NetworkId } from './ids.ts';
import type { InternetAccess } from './internet-access.ts';

/**
 * EgressClassKey names what sources have in common that may leave by the same internet gateways: `all`, the allowed networks' ids in
 * order joined by commas, or `restricted`: nowhere but to what is trusted.
 */
export type EgressClassKey = string;

/** EgressClassId is a class as the gateway knows it: `e` and its number, which is in the mark of its packets and names its routing table. */
export type EgressClassId = `e${number}`;

/** EgressClassNumbers is kept in the database: packets are marked by number, so a class must keep the one it has. */
export type EgressClassNumbers = Readonly<Record<EgressClassKey, number>>;

/** Numbers are 1 to this; 0 means no class, and 1023 is the gateway's own (kernel/ownership.ts). */
export const mostEgressClasses = 1_022;

export const restrictedClass: EgressClassKey = 'restricted';

/** egressClassKey is undefined for those whose internet traffic stays on the local line. */
export function egressClassKey(internet: InternetAccess): EgressClassKey | undefined {
  switch (internet.mode) {
    case 'SPLIT_TUNNEL_ON':
      return undefined;
    case 'SPLIT_TUNNEL_OFF':
      return internet.gateways.length === 0 ? 'all' : [...new Set(internet.gateways)].sort().join(',');
    case 'RESTRICTED_INTERNET':
      return restrictedClass;
  }
}

/** gatewaysOfClass are the egress networks that a class may use: null stands for all of them, now and later. */
export function gatewaysOfClass(key: EgressClassKey): ReadonlySet<NetworkId> | null {
  return key === 'all' || key === restrictedClass ? null : new Set(key.split(',') as NetworkId[]);
}

/**
 * assignEgressClasses gives each key a number of its own, the lowest that is free; keys that are there keep theirs and numbers of keys
 * that are gone are free again. Assigning again what was just assigned changes nothing. Throws RangeError when numbers run out.
 */
export function assignEgressClasses(previous: EgressClassNumbers, keys: readonly EgressClassKey[]): EgressClassNumbers {
  const assigned: Record<EgressClassKey, number> = {};
  const wanted = [...new Set(keys)];
  const taken = new Set<number>();
  for (const key of wanted) {
    const number = previous[key];
    if (number === undefined || taken.has(number)) continue;
    assigned[key] = number;
    taken.add(number);
  }
  let next = 1;
  for (const key of wanted) {
    if (assigned[key] !== undefined) continue;
    while (taken.has(next)) next += 1;
    if (next > mostEgressClasses) {
      throw new RangeError(`there are more than ${String(mostEgressClasses)} different choices of internet gateways`);
    }
    assigned[key] = next;
    taken.add(next);
  }
  return assigned;
}
