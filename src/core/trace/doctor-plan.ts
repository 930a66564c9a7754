import { strictAddress } from '../ip/address.ts';
import { firstAddress, strictPrefix } from '../ip/prefix.ts';
import type { NetworkId } from '../ids.ts';
import type { TraceInput } from './input.ts';
import { servingConnector } from './places/segment.ts';
import type { ProbePlan } from './probe.ts';
import { probeQuestion } from './probe.ts';
import { routerAddress } from './refs.ts';
import { routerRoute } from './router-route.ts';
import type { Scene } from './scene.ts';
import { isAttached, sceneOf } from './scene.ts';

/**
 * doctorPlan is what the doctor asks before it speaks: of each routed network of which nobody has said whether its router knows the way back, two
 * pings of that router, with a tunnel address and with a LAN address. Without them every such network would be a warning, in order or not.
 */
export function doctorPlan(input: TraceInput): ProbePlan {
  const scene = sceneOf(input);
  const [range] = input.model.tunnelRanges;
  if (range === undefined) return [];
  const somebody = firstAddress(strictPrefix(range));
  return input.model.networks.flatMap(({ id }) => {
    const asked = routerPings(scene, id);
    return asked === null || routerRoute(scene, id, asked.connector, somebody).kind !== 'unknown' ? [] : [asked];
  });
}

/**
 * routerPings are two pings of a network's router by the connector that serves it, from its tunnel and its LAN address; null where the answers
 * need no route, or nobody can ask.
 */
export function routerPings(scene: Scene, network: NetworkId): ProbePlan[number] | null {
  const asked = scene.network(network);
  if (asked?.nat !== 'routed' || asked.prefixes.length === 0) return null;
  const [connector, router] = [servingConnector(scene, network), routerAddress(scene, network)];
  if (connector === null || router === null || !isAttached(scene, `connector:${connector}`)) return null;
  if (scene.networkOf(strictAddress(router))?.id !== network) return null;
  return { connector, questions: [probeQuestion('overlay', router, null), probeQuestion('lan', router, null)] };
}
