import type { AppliedFix, ApplyRequest, KeptTrace } from '../../contract/api/trace.ts';
import { conflict } from '../../contract/errors.ts';
import type { ConnectorId } from '../../core/ids.ts';
import type { AgentAction, Finding, Fix } from '../../core/trace/findings/finding.ts';
import { readAnyConnector } from '../domain/connector-view.ts';
import { objectId } from '../domain/object-id.ts';
import type { Actor } from '../principal.ts';
import { demandSitePermission } from '../routes/site-permission.ts';
import { connectorNode, diagnose } from './doctor.ts';
import { readTrace } from './keep-trace.ts';
import type { TraceParts } from './run-trace.ts';

/** AskAgain runs the trace of a request once more and keeps the answer. */
export type AskAgain = (asked: KeptTrace['asked']) => Promise<KeptTrace>;

type Found = {
  readonly findings: readonly Pick<Finding, 'code' | 'object' | 'hop' | 'fixes'>[];
  readonly trace: KeptTrace | null;
};

/** An agent may be in a pass over its machine; the observation that follows takes a second or two. */
const applying_ms = 15_000;

/**
 * applyFix has a connector's agent do what a finding's fix says, and looks whether it helped. The action is taken from what is found now,
 * never from the caller, so that nothing is carried out which no finding calls for. Throws conflict where nothing is found (any more) that
 * an agent may mend, or the agent cannot be asked.
 */
export async function applyFix(
  parts: TraceParts,
  actor: Actor,
  { code, connectorId, traceId }: ApplyRequest,
  askAgain: AskAgain,
): Promise<AppliedFix> {
  const connector = await readAnyConnector(parts.database, objectId('connector', connectorId));
  demandSitePermission(actor, connector, 'modify');
  const asked = traceId === undefined ? undefined : (await readTrace(parts.database, actor, traceId)).asked;
  const look = async (): Promise<Found> => {
    if (asked === undefined) return { findings: (await diagnose(parts, actor, undefined)).findings, trace: null };
    const trace = await askAgain(asked);
    return { findings: trace.findings, trace };
  };
  const fix = fixFor((await look()).findings, code, connector.id);
  if (fix === undefined) {
    const where = asked === undefined ? 'the doctor' : 'the trace';
    throw conflict(
      'code',
      `For connector ${connector.name} ${where} finds no ${code} now that its agent may mend; see GET /findings for what there is.`,
    );
  }
  const answer = await parts.probes.act(connector.id, [fix.action], { actor, timeout_ms: applying_ms, observe: true });
  if (answer.kind !== 'answered') throw conflict('connectorId', `${fix.title} was not done. ${answer.reason}`);
  const [result] = answer.results;
  const after = await look();
  return {
    code,
    connectorId: connector.id,
    connectorName: connector.name,
    title: fix.title,
    action: fix.action,
    done: result?.done === true,
    words: result?.words ?? 'the agent did not say',
    // Without a report since, what is found is of before.
    remains:
      answer.observedAt === null
        ? null
        : after.findings.some((finding) => finding.code === code && concerns(finding, connector.id)),
    undo: fix.undo,
    trace: after.trace,
  };
}

function fixFor(
  findings: Found['findings'],
  code: string,
  connector: ConnectorId,
): (Fix & { readonly action: AgentAction }) | undefined {
  for (const finding of findings) {
    if (finding.code !== code || !concerns(finding, connector)) continue;
    for (const fix of finding.fixes) if (fix.canApply === 'agent' && fix.action !== null) return { ...fix, action: fix.action };
  }
  return undefined;
}

function concerns({ object, hop }: Found['findings'][number], connector: ConnectorId): boolean {
  return object.id === connector || hop?.id === connectorNode(connector);
}
