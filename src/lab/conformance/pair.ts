import type { Direction, NodeKind } from '../../core/trace/words.ts';
import { conformanceFaults } from './catalogue.ts';
import type { CheckedFlow } from './checked-flow.ts';
import type { ConformanceFault } from './fault.ts';
import { contradicts } from './merged-statement.ts';

/** Pair is two faults that are injected together, in this order, and break one flow. */
export type Pair = { readonly name: string; readonly faults: readonly [ConformanceFault, ConformanceFault] };

/** What --fault takes for a pair: `FWD-OFF+SRV-NO-LISTENER`. */
const joint = '+';

/** pairNamed reads such a name; undefined where it is none, or where the two cannot stand together. */
export function pairNamed(name: string): Pair | undefined {
  const [one, other, ...more] = name.split(joint);
  if (one === undefined || other === undefined || more.length > 0) return undefined;
  const faults = [conformanceFaults.get(one), conformanceFaults.get(other)] as const;
  if (faults[0] === undefined || faults[1] === undefined || !standTogether([one, faults[0]], [other, faults[1]]))
    return undefined;
  return { name, faults: [faults[0], faults[1]] };
}

/** everyPair are all pairs that can stand together, in the order of the catalogue. */
export function everyPair(): readonly Pair[] {
  const names = [...conformanceFaults.keys()];
  return names.flatMap((one, index) =>
    names.slice(index + 1).flatMap((other) => {
      const pair = pairNamed(`${one}${joint}${other}`);
      return pair === undefined ? [] : [pair];
    }),
  );
}

type Named = readonly [string, ConformanceFault];

/** Two that make one change, or of which the first takes away what the second is about, in the words of `--fault`. */
const exclusive: readonly (readonly string[])[] = [
  // One tunnel can be lost in one way only, and each waits until it is.
  ['CON-OFFLINE', 'CON-UDP-BLOCKED', 'TUN-MISSING', 'CON-STALE-HA'],
  // ip_forward writes the setting of each interface too.
  ['FWD-OFF', 'FWD-IFACE'],
  // Either the neighbour does not answer or two do.
  ['NEIGH-FAIL', 'DUP-IP'],
  // A source is refused, or let in by the wrong device.
  ['RPF-STRICT', 'RPF-LOOSE-WRONG-WAY'],
  // One firewall on one router, which redirects or does not.
  ['RTR-STATEFUL', 'RTR-REDIRECT'],
];

function standTogether([oneName, one]: Named, [otherName, other]: Named): boolean {
  if (one.code === other.code || exclusive.some((names) => names.includes(oneName) && names.includes(otherName))) return false;
  if (contradicts(one.statement, other.statement)) return false;
  return one.mode === other.mode && isOfItsFlow(one) && isOfItsFlow(other) && sameFlow(one.flow, other.flow);
}

/** What shows in another way than by its flow, or to nobody, cannot be seen beside another. */
function isOfItsFlow({ attempt, asks, unseen }: ConformanceFault): boolean {
  return attempt === undefined && asks === undefined && unseen === undefined;
}

function sameFlow(one: CheckedFlow, other: CheckedFlow): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * rightFirst is which of the two has to be found first: that on whose machine the packet comes first, on its way there and then back; both
 * where that is one machine.
 */
export function rightFirst({ faults: [one, other] }: Pair): readonly ConformanceFault[] {
  const apart = position(one) - position(other);
  if (apart === 0) return [one, other];
  return [apart < 0 ? one : other];
}

/** Machines in the order in which a packet meets them: Bob's at HQ, and that of one site at the other. */
const wayOf = {
  bob: ['device', 'gateway', 'connector', 'lan', 'router', 'host'],
  site: ['router', 'connector', 'gateway', 'lan', 'host'],
} as const satisfies Record<string, readonly NodeKind[]>;

function position({ flow, expect: { hop, directions } }: ConformanceFault): number {
  const there: readonly NodeKind[] = wayOf[flow.from === 'bob' ? 'bob' : 'site'];
  const back = there.toReversed();
  const first: Direction = directions[0] ?? 'forward';
  return first === 'forward' ? there.indexOf(hop) : there.length + back.indexOf(hop);
}
