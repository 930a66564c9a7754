import { strictAddress } from '../ip/address.ts';
import type { FlowQuestion } from './flow-packet.ts';
import { lanDiagnosis, returnDiagnosis, routerDiagnosis } from './diagnosis.ts';
import type { TraceInput } from './input.ts';
import { servingConnector } from './places/segment.ts';
import type { ProbeKind, ProbePlan, ProbeQuestion } from './probe.ts';
import { probeQuestion } from './probe.ts';
import { routerAddress } from './refs.ts';
import type { FlowCheck } from './result.ts';
import { stepsOf } from './result.ts';
import { sizeQuestions } from './size-diagnosis.ts';
import type { Scene } from './scene.ts';
import { inRanges, isAttached, sceneOf } from './scene.ts';
import { flowPacket } from './flow-packet.ts';
import { siteProbePlan } from './site-probe-plan.ts';

/**
 * probePlan is what to ask whom so that the check becomes certain; empty where nothing is open, or where nobody could answer. Cheapest first
 * (tracing.md 4): whether the server answers its own LAN; then, where real sources reach the LAN, whether answers to tunnel addresses come
 * back, from the server and from the router. TCP before ping, since a ping's redirect can mend a path for a time. A second plan follows the
 * first where that leaves two causes: the same question by way of the router tells them apart. Between two sites: site-probe-plan.ts.
 */
export function probePlan(input: TraceInput, check: FlowCheck, question: FlowQuestion): ProbePlan {
  const scene = sceneOf(input);
  const isOpen = [...stepsOf(check)].some(
    ({ node, step }) =>
      (step.result === 'unknown' || step.result === 'assumed') &&
      ['host', 'router', 'cloud-router', 'connector'].includes(node.kind),
  );
  const destination = strictAddress(question.destination.address);
  const network = scene.networkOf(destination);
  const connector = network === undefined ? null : servingConnector(scene, network.id);
  if (network === undefined || connector === null || !isAttached(scene, `connector:${connector}`)) return [];
  const from = scene.networkOf(strictAddress(question.source.address));
  if (from !== undefined && from.id !== network.id) return siteProbePlan(scene, check, question, from.id, network.id);
  const packet = { ...flowPacket(question), destination };
  const lan = lanDiagnosis(scene, connector, packet);
  const target = question.destination.address;
  const ask = (kind: ProbeKind, address = target, port = question.protocol === 'tcp' ? question.port : null): ProbeQuestion =>
    probeQuestion(kind, address, port);
  const isRouted = network.nat === 'routed' && reachesLanAsIs(scene, question);
  if (lan.kind === 'unasked') {
    if (!isOpen) return [];
    const router = routerAddress(scene, network.id);
    const back = isRouted
      ? [ask('overlay'), ...(router === null ? [] : [ask('overlay', router, null), ask('lan', router, null)])]
      : [];
    return [{ connector, questions: [ask('lan'), ...sizeQuestions(scene, connector, packet), ...back] }];
  }
  const smaller = sizeQuestions(scene, connector, packet);
  if (smaller.length > 0) return [{ connector, questions: smaller }];
  if (!isRouted) return [];
  const back = returnDiagnosis(scene, connector, network.id, packet);
  const wasAsked = scene.probe(connector, 'via-router', target, question.protocol === 'tcp' ? question.port : null) !== undefined;
  const mayBeStateful = (back.kind === 'server-only' || back.kind === 'lost') && !wasAsked;
  return mayBeStateful && routerDiagnosis(scene, connector, network.id).kind !== 'no-route'
    ? [{ connector, questions: [ask('via-router')] }]
    : [];
}

/** Sources of the WPC, which a probe with a tunnel address stands for; other sites' addresses it does not. */
function reachesLanAsIs(scene: Scene, { source }: FlowQuestion): boolean {
  return inRanges(scene, strictAddress(source.address));
}
