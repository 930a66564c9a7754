import type { Arrival, Course, Passage, Place, Prelude } from './place.ts';
import { end, placeKey } from './place.ts';
import { passCloud } from './places/cloud.ts';
import { passConnector } from './places/connector.ts';
import { passDevice } from './places/device.ts';
import { passGateway } from './places/gateway.ts';
import { passInternet } from './places/internet.ts';
import { passLan } from './places/lan.ts';
import { passRouter } from './places/router.ts';
import { passServer } from './places/server.ts';
import { nodeOf } from './refs.ts';
import type { Hop, Step, Trace } from './result.ts';
import { trace } from './result.ts';
import type { Scene } from './scene.ts';
import { step } from './step.ts';
import { viewOf } from './packet.ts';

/** Walked is a trace and where it ended, with the packet as it arrived there. */
export type Walked = { readonly trace: Trace; readonly last: Place; readonly packet: Arrival['packet'] };

/** A packet that has met so many machines goes round; TTL ends it as well. */
const mostHops = 32;

/** walk follows a packet from place to place until it ends. What it met is in the course when it returns. */
export function walk(scene: Scene, from: Place, made: Arrival, course: Course): Walked {
  const hops: Hop[] = [];
  const seen = new Set<string>();
  let place = from;
  let arrival = made;
  let prelude: Prelude = [];
  for (;;) {
    const state = stateOf(place, arrival);
    if (seen.has(state) || hops.length === mostHops) {
      const looped = { node: nodeOf(scene, place), in: null, out: null, steps: [loopStep(hops)], tutorial: [] };
      return { trace: trace('loop', [...hops, looped]), last: place, packet: arrival.packet };
    }
    seen.add(state);
    const { hop, next } = passWithPrelude(scene, place, arrival, course, prelude);
    hops.push(hop);
    if (next.kind === 'end') return { trace: trace(next.ending, hops), last: place, packet: arrival.packet };
    if (course.direction === 'forward' && !course.before.has(placeKey(next.place)))
      course.before.set(placeKey(next.place), place);
    ({ place, arrival, prelude } = next);
  }
}

/** What ends at a machine's network card never reaches the machine. */
function passWithPrelude(scene: Scene, place: Place, arrival: Arrival, course: Course, prelude: Prelude): Passage {
  const last = prelude.at(-1)?.result;
  if (last === 'drop' || last === 'unknown') {
    const hop = { node: nodeOf(scene, place), in: null, out: null, steps: prelude, tutorial: [] };
    return { hop, next: end(last === 'drop' ? 'dropped' : 'undetermined') };
  }
  const { hop, next } = pass(scene, place, arrival, course);
  return prelude.length === 0 ? { hop, next } : { hop: { ...hop, steps: [...prelude, ...hop.steps] }, next };
}

function pass(scene: Scene, place: Place, arrival: Arrival, course: Course): Passage {
  switch (place.kind) {
    case 'device':
      return passDevice(scene, place, arrival, course);
    case 'gateway':
      return passGateway(scene, arrival, course);
    case 'connector':
      return passConnector(scene, place, arrival, course);
    case 'router':
      return passRouter(scene, place, arrival, course);
    case 'cloud':
      return passCloud(scene, place, arrival);
    case 'lan':
      return passLan(scene, place, arrival);
    case 'server':
      return passServer(scene, place, arrival, course);
    case 'internet':
      return passInternet(scene, place, arrival, course);
  }
}

/** A packet that comes to the same place by the same side with the same addresses will do what it did before. */
function stateOf(place: Place, { packet, entrance }: Arrival): string {
  const side =
    entrance.kind === 'tunnel' || entrance.kind === 'lan' ? `${entrance.kind} ${placeKey(entrance.from)}` : entrance.kind;
  const { source, destination } = viewOf(packet);
  return `${placeKey(place)} ${side} ${source} ${destination}`;
}

function loopStep(hops: readonly Hop[]): Step {
  return step('route', 'drop', `the packet was here before: ${hops.at(-1)?.node.label ?? 'the last machine'} has sent it back`);
}
