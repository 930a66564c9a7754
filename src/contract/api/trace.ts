import { z } from 'zod';
import type { FindingCode } from '../../core/trace/finding-code.ts';
import { findingCodes } from '../../core/trace/finding-code.ts';
import { protocols } from '../../core/trace/packet.ts';
import { probeAnswers, probeKinds } from '../../core/trace/probe.ts';
import { confidences, endings, evidences, nodeKinds, stages, stepResults, verdicts } from '../../core/trace/words.ts';
import { pageQuery, pageResponse } from '../page.ts';
import { defineRoute } from './route.ts';

/** The shapes of core/trace as JSON; trace.type-test.ts keeps them equal to the types there, docs/tracing.md explains the words. */

function words<const Word extends string>(list: Readonly<Record<Word, string>>) {
  return z.enum(Object.keys(list) as [Word, ...Word[]]);
}

const instant = z.iso.datetime();
const texts = z.array(z.string()).readonly();
const protocol = z.enum(protocols);
const direction = z.enum(['forward', 'reverse']);
export const findingCode = z.enum(findingCodes as unknown as [FindingCode, ...FindingCode[]]);

const objectRef = z.object({
  kind: z.enum(['device', 'user', 'user-group', 'connector', 'network', 'host', 'gateway', 'router', 'cloud', 'server']),
  id: z.string(),
  label: z.string(),
});

const nodeRef = z.object({ kind: words(nodeKinds), id: z.string(), label: z.string() });

const packetView = z.object({
  source: z.string(),
  sourcePort: z.int().nullable(),
  destination: z.string(),
  destinationPort: z.int().nullable(),
  protocol,
});

const facts = z.object({
  source: z.string().optional(),
  destination: z.string().optional(),
  protocol: z.string().optional(),
  port: z.number().optional(),
  prefix: z.string().optional(),
  prefixes: texts.optional(),
  nextHop: z.string().optional(),
  interface: z.string().optional(),
  tunnelInterface: z.string().optional(),
  lanAddress: z.string().optional(),
  routerAddress: z.string().optional(),
  networkName: z.string().optional(),
  networkId: z.string().optional(),
  connectorId: z.string().optional(),
  connectorName: z.string().optional(),
  userGroupId: z.string().optional(),
  platform: z.string().optional(),
  parameters: z.record(z.string(), z.string()).optional(),
  sysctl: z.string().optional(),
  value: z.string().optional(),
  wanted: z.string().optional(),
  family: z.string().optional(),
  table: z.string().optional(),
  chain: z.string().optional(),
  rule: z.string().optional(),
  handle: z.number().optional(),
  owner: z.string().optional(),
  mtu: z.number().optional(),
  bytes: z.number().optional(),
  resource: z.string().optional(),
  observation: z.string().optional(),
});

const cause = z.object({ code: findingCode, object: objectRef, facts });

const step = z.object({
  stage: words(stages),
  result: words(stepResults),
  evidence: words(evidences),
  observedAt: z.string().nullable(),
  quote: z.string().nullable(),
  detail: z.string(),
  packet: packetView.nullable(),
  cause: cause.nullable(),
});

const hop = z.object({
  node: nodeRef,
  in: z.string().nullable(),
  out: z.string().nullable(),
  steps: z.array(step).readonly(),
  tutorial: texts,
});

const trace = z.object({ ending: words(endings), hops: z.array(hop).readonly() });

const agentAction = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sysctl'), name: z.string(), value: z.number() }),
  z.object({
    kind: z.literal('accept-forward'),
    family: z.enum(['ip', 'ip6', 'inet']),
    table: z.string(),
    chain: z.string(),
  }),
  z.object({ kind: z.literal('forget-flows') }),
]);

const fix = z.object({
  platform: z.string(),
  title: z.string(),
  where: z.string(),
  commands: texts,
  console: texts,
  terraform: z.string().nullable(),
  undo: texts,
  risk: z.string(),
  betterWhen: z.string(),
  canApply: z.enum(['agent', 'operator']),
  action: agentAction.nullable(),
  verify: texts,
  evidence: z.enum(['tested', 'documented', 'unverified']),
});

export const finding = z.object({
  code: findingCode,
  severity: z.enum(['error', 'warning', 'info']),
  title: z.string(),
  explanation: z.string(),
  object: objectRef,
  direction: direction.nullable(),
  hop: nodeRef.nullable(),
  origin: z.enum(['inbound', 'local', 'outbound']),
  quote: z.string().nullable(),
  hides: z.array(findingCode).readonly(),
  hiddenBy: findingCode.nullable(),
  tutorial: texts,
  fixes: z.array(fix).readonly(),
});
export type FindingAnswer = z.infer<typeof finding>;

export const flowCheck = z.object({
  request: z.object({
    source: objectRef,
    destination: objectRef,
    sourceAddress: z.string(),
    destinationAddress: z.string(),
    protocol,
    port: z.int().nullable(),
    bytes: z.int(),
    dontFragment: z.boolean(),
  }),
  verdict: words(verdicts),
  confidence: words(confidences),
  summary: z.string(),
  forward: trace,
  sessions: z.array(z.object({ node: nodeRef, original: packetView, reply: packetView })).readonly(),
  reverse: trace.nullable(),
  findings: z.array(finding).readonly(),
});

/** When packets are sent: `auto` only if something would otherwise stay taken for granted or undecided. */
export const probeModes = ['auto', 'never', 'always'] as const;

/** A packet of IPv4 that everything has to pass, and the largest that a length field can say (RFC 791). */
export const packetBytes = { least: 68, most: 65_535, usual: 60 } as const;

/** Longest SRC or DST: a name of 2,000 characters, another one, and what stands before. */
const endText = z
  .string()
  .min(1)
  .max(4_200)
  .refine((text) => !text.includes('\0') && text.isWellFormed(), {
    error: 'contains a NUL or half of a surrogate pair, which no name has; allowed: any other text',
  });

export const traceRequest = z.object({
  source: endText,
  destination: endText,
  protocol: protocol.default('tcp'),
  /** Left out: 443 of TCP, 53 of UDP; ICMP has none. */
  port: z.int().min(1).max(65_535).optional(),
  /** Length of the IP packet; one that is named may not be fragmented. */
  size: z.int().min(packetBytes.least).max(packetBytes.most).optional(),
  probe: z.enum(probeModes).default('auto'),
});
export type TraceRequest = z.infer<typeof traceRequest>;

/** ProbeRound is what came of asking one connector; `results` is empty where `reason` says why nobody could ask. */
const probeRound = z.object({
  connectorId: z.string(),
  connectorName: z.string(),
  reason: z.string().nullable(),
  results: z
    .array(
      z.object({
        kind: z.enum(probeKinds),
        protocol: z.enum(['tcp', 'icmp']),
        target: z.string(),
        port: z.int().nullable(),
        bytes: z.int().nullable(),
        answer: z.enum(probeAnswers),
        quote: z.string(),
        at: z.string(),
      }),
    )
    .readonly(),
});

/** KeptTrace is a FlowCheck with its place in the list of traces: how it was asked, by whom, against which configuration. */
export const keptTrace = flowCheck.extend({
  id: z.uuid(),
  /** Of the model and configuration that it was checked against. */
  revision: z.int(),
  askedAt: instant,
  askedBy: z.string(),
  /** As it was asked; running it again asks the same. */
  asked: traceRequest,
  /** What was chosen where the question left it open, one sentence each. */
  remarks: texts,
  probes: z.array(probeRound).readonly(),
});
export type KeptTrace = z.infer<typeof keptTrace>;

/** TraceLine is a trace in the list; `codes` are those of root causes. */
export const traceLine = keptTrace
  .pick({ id: true, revision: true, askedAt: true, askedBy: true, asked: true, verdict: true, confidence: true, summary: true })
  .extend({ codes: z.array(findingCode).readonly() });
export type TraceLine = z.infer<typeof traceLine>;

export const findingsAnswer = z.object({
  revision: z.int(),
  checkedAt: instant,
  findings: z.array(finding).readonly(),
});
export type FindingsAnswer = z.infer<typeof findingsAnswer>;

/** ApplyRequest confirms one fix that an agent may do. What is done is what the finding says now, not what the caller says. */
const applyRequest = z.object({
  code: findingCode,
  connectorId: z.string().max(100),
  /** The trace that found it, which is run again to see whether it helped; without it the doctor looks. */
  traceId: z.string().max(100).optional(),
});
export type ApplyRequest = z.infer<typeof applyRequest>;

export const appliedFix = z.object({
  code: findingCode,
  connectorId: z.string(),
  connectorName: z.string(),
  title: z.string(),
  action: agentAction,
  /** What the agent says it did, or why it did not. */
  done: z.boolean(),
  words: z.string(),
  /** The same finding about the same machine is still there; null: the machine has not reported since. */
  remains: z.boolean().nullable(),
  undo: texts,
  /** The trace that was run again; null where none was named. */
  trace: keptTrace.nullable(),
});
export type AppliedFix = z.infer<typeof appliedFix>;

export const traceRoutes = {
  ask: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/traces',
    summary: 'Trace a flow there and back; with Accept: text/event-stream the progress is told as well',
    body: traceRequest,
    answer: keptTrace,
  }),
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/traces',
    summary: 'List the traces that are kept, the newest first',
    query: pageQuery,
    answer: pageResponse(traceLine),
  }),
  read: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/traces/:id',
    summary: 'Read a trace that is kept',
    answer: keptTrace,
  }),
  rerun: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/traces/:id/rerun',
    summary: 'Ask again what a trace asked, against what is there now; the answer is a new trace',
    answer: keptTrace,
  }),
  findings: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/findings',
    summary: 'List what is wrong with everything that is configured, or with one network',
    query: z.object({ network: z.string().max(100).optional() }),
    answer: findingsAnswer,
  }),
  apply: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/findings/apply',
    summary: 'Have a connector do a fix that it may do, and look whether it helped',
    body: applyRequest,
    answer: appliedFix,
  }),
};
