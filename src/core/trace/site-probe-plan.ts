import type { ConnectorId, NetworkId } from '../ids.ts';
import type { Address } from '../ip/address.ts';
import { formatAddress } from '../ip/address.ts';
import { lanDiagnosis } from './diagnosis.ts';
import type { FlowQuestion } from './flow-packet.ts';
import { flowPacket } from './flow-packet.ts';
import { connectorAt, servingConnector } from './places/segment.ts';
import type { ProbePlan, ProbeQuestion } from './probe.ts';
import { probeQuestion } from './probe.ts';
import { routerRef } from './refs.ts';
import type { FlowCheck, Trace } from './result.ts';
import { routerRoute } from './router-route.ts';
import type { Scene } from './scene.ts';
import { isAttached } from './scene.ts';
import { siteAsking } from './site-router-diagnosis.ts';
import { sizeQuestions } from './size-diagnosis.ts';

type Asked = { readonly connector: ConnectorId; readonly question: ProbeQuestion };

/**
 * siteProbePlan is what to ask for a flow from one network to another. Each router's route to the other site is seen by that site's
 * connector (site-router-diagnosis.ts), with a ping by its own connector as the control, and the server is asked as always. All at once: none of the
 * answers makes another question needless, and each round costs the time of silence. Nothing stays to be asked after it.
 */
export function siteProbePlan(
  scene: Scene,
  check: FlowCheck,
  question: FlowQuestion,
  from: NetworkId,
  towards: NetworkId,
): ProbePlan {
  const there = servingConnector(scene, towards);
  const here = servingConnector(scene, from);
  const canAnswer = [there, here].every((id) => id !== null && isAttached(scene, `connector:${id}`));
  if (there === null || here === null || !canAnswer || (check.verdict !== 'works' && check.verdict !== 'unknown')) return [];
  const packet = flowPacket(question);
  const target = question.destination.address;
  const isServer = connectorAt(scene, towards, formatAddress(packet.destination)) === null;
  const asked: Asked[] = [];
  if (isServer && lanDiagnosis(scene, there, packet).kind === 'unasked') {
    const port = question.protocol === 'tcp' ? question.port : null;
    asked.push({ connector: there, question: probeQuestion('lan', target, port) });
    asked.push(...sizeQuestions(scene, there, packet).map((size) => ({ connector: there, question: size })));
  }
  if (meets(scene, check.forward, from)) asked.push(...aboutRouter(scene, from, here, packet.destination));
  // Where the flow did not arrive yet, the answer of a server is taken to go by its router, as most do.
  const isOnWayBack = check.reverse === null ? isServer : meets(scene, check.reverse, towards);
  if (isOnWayBack) asked.push(...aboutRouter(scene, towards, there, packet.source));
  return [there, here]
    .map((connector) => ({
      connector,
      questions: asked.filter((each) => each.connector === connector).map((each) => each.question),
    }))
    .filter(({ questions }) => questions.length > 0);
}

function meets(scene: Scene, { hops }: Trace, network: NetworkId): boolean {
  const { id } = routerRef(scene, network);
  return hops.some(({ node }) => node.kind === 'router' && node.id === id);
}

/** The route of a network's router to an address of another one, where it was neither stated nor asked for. */
function aboutRouter(scene: Scene, network: NetworkId, serving: ConnectorId, destination: Address): readonly Asked[] {
  const asking = siteAsking(scene, network, destination);
  if (asking === null || routerRoute(scene, network, serving, destination).kind !== 'unknown') return [];
  const { asker, router } = asking;
  if (scene.probe(asker, 'site', router, null) !== undefined) return [];
  const control = { connector: serving, question: probeQuestion('lan', router, null) };
  return [
    { connector: asker, question: probeQuestion('site', router, null) },
    ...(scene.probe(serving, 'lan', router, null) === undefined ? [control] : []),
  ];
}
