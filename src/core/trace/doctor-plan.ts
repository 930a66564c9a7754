import { strictAddress } from '../ip/address.ts';
import { firstAddress, strictPrefix } from '../ip/prefix.ts';
import type { TraceInput } from './input.ts';
import { servingConnector } from './places/segment.ts';
import type { ProbePlan } from './probe.ts';
import { probeQuestion } from './probe.ts';
import { routerAddress } from './refs.ts';
import { routerRoute } from './router-route.ts';
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
  return input.model.networks
    .filter(({ nat, prefixes }) => nat === 'routed' && prefixes.length > 0)
    .flatMap(({ id }) => {
      const [connector, router] = [servingConnector(scene, id), routerAddress(scene, id)];
      if (connector === null || router === null || !isAttached(scene, `connector:${connector}`)) return [];
      const isInside = scene.networkOf(strictAddress(router))?.id === id;
      if (!isInside || routerRoute(scene, id, connector, somebody).kind !== 'unknown') return [];
      return [{ connector, questions: [probeQuestion('overlay', router, null), probeQuestion('lan', router, null)] }];
    });
}
