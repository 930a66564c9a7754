import type { FindingAnswer } from '../../contract/api/trace.ts';
import { doctorAnswer, traceAnswer } from '../../contract/cli/trace.ts';
import type { FindingCode } from '../../core/trace/finding-code.ts';
import type { Confidence, Direction, NodeKind, Verdict } from '../../core/trace/words.ts';
import type { Host } from '../host.ts';
import type { Region } from '../shapes/region.ts';
import { causeway } from '../shapes/region.ts';
import type { CheckedFlow } from './checked-flow.ts';
import { sourceOf } from './checked-flow.ts';

/** PrintedFix is a fix as the product prints it; `commands` are run where `where` says. */
export type PrintedFix = { readonly title: string; readonly where: string; readonly commands: readonly string[] };

type FoundFinding = {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning' | 'info';
  readonly hop: NodeKind | null;
  readonly direction: Direction | null;
  readonly hidden: boolean;
  readonly fixes: readonly PrintedFix[];
};

/** TraceFound is the part of a trace's answer that is compared; the root cause is the first of its findings. */
export type TraceFound = {
  readonly verdict: Verdict;
  readonly confidence: Confidence;
  readonly summary: string;
  readonly findings: readonly FoundFinding[];
  /** Why connectors could not be asked, in the product's words. */
  readonly unasked: readonly string[];
  readonly tookMs: number;
};

/** The product's own bound on a trace, with room for a machine under load. */
const timeoutMs = 60_000;

/**
 * askTrace runs `causeway trace` on the region's host, as an administrator would: once more where it says itself that a connector could not be asked
 * and that the flow works as far as is known. Throws with the product's words where it has no answer.
 */
export async function askTrace(region: Region, flow: CheckedFlow): Promise<TraceFound> {
  const found = await askOnce(region, flow);
  return found.verdict === 'works' && found.unasked.length > 0 ? await askOnce(region, flow) : found;
}

async function askOnce(region: Region, flow: CheckedFlow): Promise<TraceFound> {
  const port = flow.port === null ? [] : ['--port', String(flow.port)];
  const size = flow.bytes === null ? [] : ['--size', String(flow.bytes)];
  const command = ['trace', sourceOf(flow.from), flow.to, '--proto', flow.protocol, ...port, ...size];
  const start = performance.now();
  const { code, stdout, stderr } = await run(region.host, [...command, '--json', '--data', region.dataDirectory]);
  const tookMs = Math.round(performance.now() - start);
  if (stdout.trim() === '') throw new Error(`causeway ${command.join(' ')}: exit ${code}: ${stderr.trim()}`);
  const { verdict, confidence, summary, findings, probes } = traceAnswer.parse(JSON.parse(stdout));
  const unasked = probes.flatMap(({ connectorName, reason }) => (reason === null ? [] : [`${connectorName}: ${reason}`]));
  return { verdict, confidence, summary, tookMs, unasked, findings: findings.map(foundOf) };
}

/** askDoctor runs `causeway doctor` on the region's host: what is wrong with everything that is configured. */
export async function askDoctor(region: Region): Promise<readonly FoundFinding[]> {
  const { code, stdout, stderr } = await run(region.host, ['doctor', '--json', '--data', region.dataDirectory]);
  if (stdout.trim() === '') throw new Error(`causeway doctor: exit ${code}: ${stderr.trim()}`);
  return doctorAnswer.parse(JSON.parse(stdout)).findings.map(foundOf);
}

function foundOf({ code, severity, hop, direction, hiddenBy, fixes }: FindingAnswer): FoundFinding {
  return { code, severity, hop: hop?.kind ?? null, direction, hidden: hiddenBy !== null, fixes };
}

function run(host: Host, command: readonly string[]) {
  return host.run(causeway(...command), { timeoutMs });
}
