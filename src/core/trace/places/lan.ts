import type { Arrival, Passage, Place } from '../place.ts';
import { end } from '../place.ts';
import { nodeOf, serverRef } from '../refs.ts';
import type { Scene } from '../scene.ts';
import { packetFacts } from '../site-facts.ts';
import { step } from '../step.ts';

type LanPlace = Extract<Place, { kind: 'lan' }>;

/** passLan is the segment of a site where it hands packets now to one machine and now to another. */
export function passLan(scene: Scene, place: LanPlace, { packet }: Arrival): Passage {
  const { address, change } = place;
  const told = `${address} was at ${change.before} and is at ${change.now}, which does not do what is asked: two machines have the address`;
  const torn = step('neighbour', 'drop', told, {
    evidence: 'observed',
    observedAt: change.observedAt,
    quote: change.quote,
    cause: { code: 'DUP-IP', object: serverRef(address), facts: { ...packetFacts(packet), observation: change.quote } },
  });
  return { hop: { node: nodeOf(scene, place), in: null, out: null, steps: [torn], tutorial: [] }, next: end('dropped') };
}
