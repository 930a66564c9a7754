import type { TraceRequest } from '../../contract/api/trace.ts';
import { packetBytes } from '../../contract/api/trace.ts';
import { invalidInput } from '../../contract/errors.ts';
import { checkFlow } from '../../core/trace/check-flow.ts';
import type { FlowQuestion } from '../../core/trace/flow-packet.ts';
import type { TraceInput } from '../../core/trace/input.ts';
import { probePlan } from '../../core/trace/probe-plan.ts';
import type { ProbePlan, ProbeQuestion, ProbeResult } from '../../core/trace/probe.ts';
import type { FlowCheck } from '../../core/trace/result.ts';
import { cloudRemarks } from '../cloud/cloud-remarks.ts';
import type { ConfigurationSource } from '../gateway-stream/configuration-source.ts';
import type { Actor } from '../principal.ts';
import type { Probes } from '../probe/probes.ts';
import type { Database } from '../store/database.ts';
import { concernOf } from './concern.ts';
import type { TraceEnds } from './find-ends.ts';
import { demandPermissions, findEnds, holds, needsOf, needsOfTexts } from './find-ends.ts';
import type { Concern, ReadTraceInput } from './read-trace-input.ts';
import { readTraceInput } from './read-trace-input.ts';
import { reportRemarks } from './report-remarks.ts';
import type { Asking } from './refresh-machines.ts';
import { refreshMachines, timeLeft } from './refresh-machines.ts';

export type TraceParts = {
  readonly database: Database;
  readonly configurations: Pick<ConfigurationSource, 'current'>;
  readonly probes: Pick<Probes, 'ask' | 'observe' | 'act'>;
};

/** PreparedTrace is a question whose ends were found, with everything that answers it. */
export type PreparedTrace = {
  readonly request: TraceRequest;
  readonly read: ReadTraceInput;
  readonly concern: Concern;
  readonly ends: TraceEnds;
  readonly question: FlowQuestion;
};

/** ProbeRound is what came of asking one connector; `reason` says why nobody could ask. */
export type ProbeRound = {
  readonly connectorId: string;
  readonly connectorName: string;
  readonly reason: string | null;
  readonly results: readonly ProbeResult[];
};

export type TraceRun = {
  /** With what was seen meanwhile. */
  readonly input: TraceInput;
  readonly check: FlowCheck;
  readonly probes: readonly ProbeRound[];
  readonly remarks: readonly string[];
};

/** A second plan may follow from the answers to the first (probe-plan.ts); a third one is a bug there, and must not send packets for ever. */
const mostRounds = 3;

/** All rounds together: who waits for a trace waits no longer, whatever agents do. */
const probing_ms = 12_000;

/** A report of this age is as good as a new one: two traces after one another ask once. */
const fresh_ms = 2_000;

const usualPorts = { tcp: 443, udp: 53, icmp: null } as const;

/**
 * prepareTrace reads the question and what answers it. Throws invalid-input for what cannot be meant, forbidden where the caller may not
 * know of an end or may not send packets.
 */
export async function prepareTrace(parts: TraceParts, actor: Actor, request: TraceRequest): Promise<PreparedTrace> {
  if (request.protocol === 'icmp' && request.port !== undefined) {
    throw invalidInput('port', request.port, 'is not allowed: ICMP has no ports', 'none with protocol icmp');
  }
  demandPermissions(actor, needsOfTexts(request), 'This trace names people, devices or hosts');
  if (request.probe === 'always') demandPermissions(actor, ['network:modify'], 'Probes send packets into a network');
  let concern: Concern = { connectors: [], networks: [] };
  const read = await readTraceInput(parts.database, parts.configurations, (known) => {
    const { source, destination } = findEnds(known, request);
    concern = concernOf(known.model, [source, destination]);
    return concern;
  });
  // Once more with what was read: a network's example address is none of its connector's or router's.
  const ends = findEnds(read.input, request);
  demandPermissions(actor, needsOf(ends), 'People or hosts stand at the ends of this trace');
  const question = {
    source: ends.source,
    destination: ends.destination,
    protocol: request.protocol,
    port: request.port ?? usualPorts[request.protocol],
    bytes: request.size ?? packetBytes.usual,
    dontFragment: request.size !== undefined,
  };
  return { request, read, concern, ends, question };
}

/**
 * runTrace answers a prepared question. Where something stays taken for granted or undecided, or what is known is old, and the caller may,
 * connectors are asked to settle it; `tell` hears of each step in one clause. Bounded in time; never throws for agents that do not answer.
 */
export async function runTrace(
  parts: TraceParts,
  actor: Actor,
  prepared: PreparedTrace,
  tell: (progress: string) => void,
): Promise<TraceRun> {
  const { request, question } = prepared;
  const remarks = [...prepared.ends.remarks];
  const asking = { actor, until_ms: performance.now() + probing_ms };
  let { input } = prepared.read;
  const maySend = holds(actor, 'network:modify');
  // Before anything is judged: who asks has often just changed what the last report still shows.
  if (
    request.probe !== 'never' &&
    maySend &&
    (await refreshMachines(parts.probes, prepared.read, prepared.concern, asking, tell, fresh_ms))
  ) {
    ({ input } = await readTraceInput(parts.database, parts.configurations, () => prepared.concern));
  }
  remarks.push(...reportRemarks(input, prepared.concern), ...cloudRemarks(input));
  let check = checkFlow(input, question);
  if (!wantsProbes(request, check)) return { input, check, probes: [], remarks };
  if (!maySend) {
    remarks.push('no packet was sent to settle it: this API credential lacks the permission network:modify');
    return { input, check, probes: [], remarks };
  }
  const probes: ProbeRound[] = [];
  for (let round = 0; round < mostRounds && wantsProbes(request, check); round += 1) {
    const plan = probePlan(input, check, question);
    if (plan.length === 0) break;
    if (performance.now() >= asking.until_ms) {
      remarks.push('probing was cut short: agents took longer than they may');
      break;
    }
    const asked = await askAll(parts.probes, input, plan, asking, tell);
    probes.push(...asked);
    const results = asked.flatMap((each) => each.results);
    if (results.length === 0) break;
    input = { ...input, observed: { ...input.observed, probes: [...input.observed.probes, ...results] } };
    tell('following the flow again with what was seen');
    check = checkFlow(input, question);
  }
  return { input, check, probes, remarks };
}

function wantsProbes({ probe }: TraceRequest, { confidence }: FlowCheck): boolean {
  switch (probe) {
    case 'never':
      return false;
    case 'auto':
      return confidence !== 'proven';
    case 'always':
      return true;
  }
}

async function askAll(
  probes: TraceParts['probes'],
  { model }: TraceInput,
  plan: ProbePlan,
  asking: Asking,
  tell: (progress: string) => void,
): Promise<ProbeRound[]> {
  return await Promise.all(
    plan.map(async ({ connector, questions }): Promise<ProbeRound> => {
      const name = model.connectors.find(({ id }) => id === connector)?.name ?? connector;
      for (const question of questions) tell(`asking ${name} ${inWords(question)}`);
      const answer = await probes.ask(connector, questions, { actor: asking.actor, timeout_ms: timeLeft(asking) });
      const about = { connectorId: connector, connectorName: name };
      return answer.kind === 'answered'
        ? { ...about, reason: null, results: answer.results }
        : { ...about, reason: answer.reason, results: [] };
    }),
  );
}

const sources = {
  lan: 'from its LAN address',
  overlay: 'from its tunnel address',
  'via-router': "from its tunnel address by way of the LAN's router",
  site: 'in another network, from its LAN address',
} as const satisfies Record<ProbeQuestion['kind'], string>;

function inWords({ kind, protocol, target, port, bytes }: ProbeQuestion): string {
  const size = bytes === null ? '' : ` with ${String(bytes)} bytes in one piece`;
  const what = protocol === 'tcp' ? `to connect to ${target}:${String(port)}` : `to ping ${target}${size}`;
  return `${what} ${sources[kind]}`;
}
