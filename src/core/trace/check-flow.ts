import type { ConnectorId, DeviceId } from '../ids.ts';
import { strictAddress } from '../ip/address.ts';
import { findingsOf } from './findings/findings-of.ts';
import type { FlowQuestion, TraceEnd } from './flow-packet.ts';
import { flowPacket } from './flow-packet.ts';
import { fixContext } from './fix-context.ts';
import type { TraceInput } from './input.ts';
import { answerTo, viewOf } from './packet.ts';
import type { Course, Place, Remembered } from './place.ts';
import { nodeOf } from './refs.ts';
import type { FlowCheck, FlowRequest, SessionView, Trace } from './result.ts';
import { flowCheck, stepsOf } from './result.ts';
import { machineAt } from './places/segment.ts';
import type { Scene } from './scene.ts';
import { sceneOf } from './scene.ts';
import { summaryOf } from './summary.ts';
import { withTutorial } from './tutorial-steps.ts';
import type { Confidence, Verdict } from './words.ts';
import { isSuccess } from './words.ts';
import { walk } from './walk.ts';

/**
 * checkFlow walks the flow there and, if it arrives, its answer back, and says what is wrong. Pure: the same input gives the same answer.
 * Never throws for what machines, clouds and operators have said; throws RangeError for addresses that are not canonical.
 */
export function checkFlow(input: TraceInput, question: FlowQuestion): FlowCheck {
  const scene = sceneOf(input);
  const followed = follow(scene, question);
  const traces = withTutorial(scene, question, followed);
  const verdict = verdictOf(traces);
  const request = requestOf(question);
  return flowCheck({
    request,
    verdict,
    confidence: confidenceOf(traces),
    summary: summaryOf(request, verdict, traces),
    forward: traces.forward,
    sessions: sessionsOf(scene, followed.memory),
    reverse: traces.reverse,
    findings: findingsOf(traces, [], fixContext(scene)),
  });
}

/** flowVerdict is the verdict of checkFlow alone, for who asks about a million flows: the texts of findings cost more than the walk. */
export function flowVerdict(input: TraceInput, question: FlowQuestion): Verdict {
  return verdictOf(follow(sceneOf(input), question));
}

type Followed = Pick<FlowCheck, 'forward' | 'reverse'> & { readonly memory: Course['memory'] };

function follow(scene: Scene, question: FlowQuestion): Followed {
  const packet = flowPacket(question);
  const there: Course = { direction: 'forward', memory: new Map(), before: new Map(), clouds: new Map() };
  const forward = walk(scene, placeOf(scene, question.source), { packet, entrance: { kind: 'made' } }, there);
  if (!isSuccess(forward.trace.ending)) return { forward: forward.trace, reverse: null, memory: there.memory };
  const back: Course = { ...there, direction: 'reverse' };
  const answer = { packet: answerTo(forward.packet), entrance: { kind: 'made' } } as const;
  return { forward: forward.trace, reverse: walk(scene, forward.last, answer, back).trace, memory: there.memory };
}

/** placeOf is where the flow begins. An address that nobody of the WPC has is on the internet, from where nothing may begin. */
function placeOf(scene: Scene, { address }: TraceEnd): Place {
  const parsed = strictAddress(address);
  const endpoint = scene.endpointAt(parsed);
  if (endpoint?.startsWith('device:') === true) return { kind: 'device', id: endpoint.slice('device:'.length) as DeviceId };
  if (endpoint !== undefined) return { kind: 'connector', id: endpoint.slice('connector:'.length) as ConnectorId };
  const network = scene.networkOf(parsed);
  if (network === undefined) return { kind: 'internet', address };
  return machineAt(scene, network.id, address);
}

function requestOf({ source, destination, protocol, port, bytes, dontFragment }: FlowQuestion): FlowRequest {
  return {
    source: source.object,
    destination: destination.object,
    sourceAddress: source.address,
    destinationAddress: destination.address,
    protocol,
    port,
    bytes,
    dontFragment,
  };
}

function verdictOf({ forward, reverse }: Pick<FlowCheck, 'forward' | 'reverse'>): Verdict {
  const { ending, hops } = reverse ?? forward;
  const code = hops.at(-1)?.steps.at(-1)?.cause?.code;
  if (isSuccess(ending)) return isHeldUp(forward) ? 'intermittent' : 'works';
  if (ending === 'undetermined') return 'unknown';
  // It works for some minutes after each redirect; and for as long as the right one of two machines has answered last.
  if (code === 'RTR-REDIRECT' || code === 'DUP-IP') return 'intermittent';
  if (code === 'POL-DENY' || code === 'POL-POSTURE') return 'not-permitted';
  return reverse === null ? 'broken' : 'broken-return';
}

/** New packets pass, and those of a flow that is tracked in an old way do not. */
function isHeldUp({ hops }: Trace): boolean {
  return hops.some(({ steps }) => steps.some(({ cause }) => cause?.code === 'NAT-STALE-CT'));
}

function confidenceOf(traces: Pick<FlowCheck, 'forward' | 'reverse'>): Confidence {
  const results = [...stepsOf(traces)].map(({ step }) => step.result);
  if (results.includes('unknown')) return 'open';
  return results.includes('assumed') ? 'assumed' : 'proven';
}

function sessionsOf(scene: Scene, memory: ReadonlyMap<string, Remembered>): readonly SessionView[] {
  return [...memory.values()].map(({ place, original, reply }) => ({
    node: nodeOf(scene, place),
    original: viewOf(original),
    reply: viewOf(reply),
  }));
}
