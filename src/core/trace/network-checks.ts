import type { ConnectorId, NetworkId } from '../ids.ts';
import { checkFlow } from './check-flow.ts';
import { offlineCause } from './connector-causes.ts';
import { exampleAddress } from './example-address.ts';
import type { FindingCode } from './finding-code.ts';
import { findingsOf } from './findings/findings-of.ts';
import { fixContext } from './fix-context.ts';
import type { TraceInput } from './input.ts';
import { routerPings } from './doctor-plan.ts';
import type { ProbePlan } from './probe.ts';
import { deviceRef, networkRef } from './refs.ts';
import type { FlowCheck, Step } from './result.ts';
import { stepsOf } from './result.ts';
import { sceneOf } from './scene.ts';
import type { CheckKind, CheckState } from './check-words.ts';
import { checkKinds } from './check-words.ts';
import { withVisitor } from './visitor.ts';
import type { NodeKind, Stage } from './words.ts';

export type ConnectorCheck = {
  readonly kind: CheckKind;
  readonly state: CheckState;
  /** One clause for people: what was seen. Empty where there is nothing to say. */
  readonly words: string;
  /** Of the report or probe that it rests on, ISO 8601; null where it rests on neither. */
  readonly at: string | null;
  /** What is wrong, as traces and the doctor call it; null where nothing is. */
  readonly code: FindingCode | null;
};

export type ConnectorChecks = { readonly connector: ConnectorId; readonly checks: readonly ConnectorCheck[] };

/**
 * networkChecks follows one flow of a person to the network through each of its connectors, as if that one had the routes, and says what of it is
 * known to be in order. The same walk as a trace, so the two never contradict each other. Pure.
 */
export function networkChecks(input: TraceInput, network: NetworkId): readonly ConnectorChecks[] {
  return input.model.connectors
    .filter(({ site }) => site.id === network)
    .map(({ id }) => ({ connector: id, checks: checksOf(input, network, id) }));
}

/** wayBackPlan asks the router of a routed network whether it knows the way back, whatever was stated of it: two pings by each connector. */
export function wayBackPlan(input: TraceInput, network: NetworkId): ProbePlan {
  return input.model.connectors
    .filter(({ id, site }) => site.id === network && input.observed.attached.has(`connector:${id}`))
    .flatMap(({ id }) => routerPings(sceneOf(withOwner(input, network, id)), network) ?? []);
}

function withOwner(input: TraceInput, network: NetworkId, connector: ConnectorId): TraceInput {
  const owners = new Map([...input.observed.owners, [`network:${network}`, [connector]] as const]);
  return { ...input, observed: { ...input.observed, owners } };
}

function checksOf(given: TraceInput, network: NetworkId, connector: ConnectorId): readonly ConnectorCheck[] {
  const input = withOwner(given, network, connector);
  const scene = sceneOf(input);
  const attachment = input.observed.attached.get(`connector:${connector}`);
  if (attachment === undefined) {
    const [finding] = findingsOf(null, [offlineCause(scene, connector)], fixContext(scene));
    const known = finding !== undefined && finding.code !== 'CON-OFFLINE';
    const tunnel = check('tunnel', known ? 'failed' : 'waiting', known ? finding.title : '', null, known ? finding.code : null);
    return [tunnel, ...later('tunnel')];
  }
  const tunnel = check('tunnel', 'ok', `connected by lane ${attachment.lane}`, attachment.since);
  const reported = [...(input.observed.machines.get(connector)?.sections.values() ?? [])].map(({ observedAt }) => observedAt);
  const newest = reported.toSorted().at(-1) ?? null;
  const report =
    newest === null
      ? check('report', 'unknown', 'nothing reports of this machine: a stock OpenVPN does not, our agent does', null)
      : check('report', 'ok', 'its last report', newest);
  return [tunnel, report, ...flowChecks(input, network, connector)];
}

/** Those after a kind that is not in order. */
function later(kind: CheckKind): readonly ConnectorCheck[] {
  return checkKinds.slice(checkKinds.indexOf(kind) + 1).map((each) => check(each, 'waiting', ''));
}

function flowChecks(given: TraceInput, network: NetworkId, connector: ConnectorId): readonly ConnectorCheck[] {
  const visited = withVisitor(given);
  const of = given.model.networks.find(({ id }) => id === network);
  const target = of === undefined ? undefined : exampleAddress(given, of);
  if (visited === undefined || target === undefined) return later('report');
  const scene = sceneOf(visited.input);
  const flow = checkFlow(visited.input, {
    source: { object: deviceRef(scene, visited.visitor.id), address: visited.visitor.address },
    destination: { object: networkRef(scene, network), address: target.address },
    protocol: 'icmp',
    port: null,
    bytes: 84,
    dontFragment: false,
  });
  const own = [...stepsOf(flow)].filter(({ node }) => node.id === `connector:${connector}`).map(({ step }) => step);
  return [
    ofSteps('forwarding', flow, inStages(own, ['forwarding', 'source-check', 'route', 'neighbour', 'local-accept'])),
    ofSteps('firewall', flow, inStages(own, ['host-filter'])),
    translation(flow, own, of?.nat === 'masquerade'),
    wayBack(flow),
  ];
}

/** A machine that changes nothing is what routed mode wants, and in the other one its agent has not done its work, or somebody undid it. */
function translation(flow: FlowCheck, own: readonly Step[], isWanted: boolean): ConnectorCheck {
  const changing = inStages(own, ['nat']);
  const forwarded = inStages(own, ['host-filter']).some(({ result }) => result === 'pass');
  if (changing.length > 0 || !forwarded) return ofSteps('translation', flow, changing);
  const observedAt = own.findLast((each) => each.observedAt !== null)?.observedAt ?? null;
  return isWanted
    ? check('translation', 'failed', 'NAT is on, and the machine does not do it', observedAt)
    : check('translation', 'ok', 'none: the LAN sees tunnel addresses', observedAt);
}

/** Those of the stages, in the order of the stages: the first tells most. */
function inStages(steps: readonly Step[], stages: readonly Stage[]): readonly Step[] {
  return stages.flatMap((stage) => steps.filter((step) => step.stage === stage));
}

/** What is not ours on the way back: with NAT there is none of it, since the answer is for the connector itself. */
const foreign: readonly NodeKind[] = ['router', 'cloud-router', 'lan', 'host'];

function wayBack(flow: FlowCheck): ConnectorCheck {
  if (flow.reverse === null) return check('way-back', 'waiting', '');
  const steps = [...stepsOf(flow)].filter(({ direction, node }) => direction === 'reverse' && foreign.includes(node.kind));
  // That a server answers by its default route is taken for granted in every trace; what the router does then decides.
  const decisive = steps.map(({ step }) => step).filter(({ stage }) => stage !== 'reply-originate');
  const judged = ofSteps('way-back', flow, decisive);
  const last = flow.reverse.hops.at(-1)?.steps.at(-1);
  if (judged.state === 'failed' || judged.state === 'unknown') return judged;
  if (flow.reverse.ending !== 'delivered') return ofSteps('way-back', flow, last === undefined ? [] : [last]);
  return judged.state === 'ok' ? judged : check('way-back', 'ok', 'answers are for the connector itself');
}

/** ofSteps judges by the steps that decide it: the first that fails or is open, else the first that somebody reported, probed or configured. */
function ofSteps(kind: CheckKind, flow: FlowCheck, steps: readonly Step[]): ConnectorCheck {
  const bad = steps.find(({ result }) => result === 'drop') ?? steps.find(({ result }) => result === 'unknown');
  if (bad !== undefined) {
    const code = bad.cause?.code ?? null;
    const title = flow.findings.find((finding) => finding.code === code)?.title ?? bad.detail;
    return check(kind, bad.result === 'drop' ? 'failed' : 'unknown', title, bad.observedAt, code);
  }
  const sure = steps.find(({ result, evidence }) => result !== 'assumed' && evidence !== 'assumed');
  if (sure !== undefined) return check(kind, 'ok', sure.detail, sure.observedAt);
  const assumed = steps.at(-1);
  return assumed === undefined ? check(kind, 'waiting', '') : check(kind, 'unknown', assumed.detail);
}

function check(
  kind: CheckKind,
  state: CheckState,
  words: string,
  at: string | null = null,
  code: FindingCode | null = null,
): ConnectorCheck {
  return { kind, state, words, at, code };
}
