import type { ConnectorId, NetworkId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';
import { flowPacket } from './flow-packet.ts';
import { answerTo } from './packet.ts';
import type { Arrival, Course, Next, Place } from './place.ts';
import { end } from './place.ts';
import { passConnector } from './places/connector.ts';
import { passGateway } from './places/gateway.ts';
import { connectorRef, routerRef } from './refs.ts';
import type { Scene } from './scene.ts';
import { isSuccess } from './words.ts';

/**
 * carriesBothWays is whether, by all that was reported, a ping from a connector's LAN address comes to the LAN of another network, and an answer
 * that is handed to the connector there comes back. It is everything that a `site` probe of that network's router meets but the router: a silent one
 * says something of the router only where this holds.
 */
export function carriesBothWays(
  scene: Scene,
  asker: ConnectorId,
  source: AddressText,
  network: NetworkId,
  router: AddressText,
): boolean {
  const packet = flowPacket({
    source: { object: connectorRef(scene, asker), address: source },
    destination: { object: routerRef(scene, network), address: router },
    protocol: 'icmp',
    port: null,
    bytes: 84,
    dontFragment: false,
  });
  const there: Course = { direction: 'forward', memory: new Map(), before: new Map(), clouds: new Map() };
  const out = followOurs(scene, { kind: 'connector', id: asker }, { packet, entrance: { kind: 'made' } }, there);
  if (out.next.kind === 'end' || out.by.kind !== 'connector' || out.by.id === asker) return false;
  const arrival: Arrival = {
    packet: answerTo(out.next.arrival.packet),
    entrance: { kind: 'lan', from: { kind: 'router', network } },
  };
  const back = followOurs(scene, out.by, arrival, { ...there, direction: 'reverse' });
  return back.next.kind === 'end' && isSuccess(back.next.ending) && back.by.kind === 'connector' && back.by.id === asker;
}

/** The tunnels of two sites and the gateway between them; more is a circle. */
const mostMachines = 4;

/** Follows a packet as long as it is on machines of ours: by which it left them, and where to. */
function followOurs(scene: Scene, from: Place, made: Arrival, course: Course): { readonly by: Place; readonly next: Next } {
  let by = from;
  let arrival = made;
  for (let count = 0; count < mostMachines; count += 1) {
    if (by.kind !== 'connector' && by.kind !== 'gateway') break;
    const { next } = by.kind === 'gateway' ? passGateway(scene, arrival, course) : passConnector(scene, by, arrival, course);
    if (next.kind === 'end') return { by, next };
    const last = next.prelude.at(-1)?.result;
    if (last === 'drop' || last === 'unknown') return { by, next: end(last === 'drop' ? 'dropped' : 'undetermined') };
    if (next.place.kind !== 'connector' && next.place.kind !== 'gateway') return { by, next };
    by = next.place;
    ({ arrival } = next);
  }
  return { by, next: end('loop') };
}
