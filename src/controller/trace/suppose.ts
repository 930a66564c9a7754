import type { SupposedTrace } from '../../contract/api/what-if.ts';
import { invalidInput } from '../../contract/errors.ts';
import { checkFlow } from '../../core/trace/check-flow.ts';
import type { Supposition } from '../../core/trace/supposition.ts';
import { supposing, suppositionsFor } from '../../core/trace/supposition.ts';
import type { Actor } from '../principal.ts';
import { readTrace } from './keep-trace.ts';
import type { TraceParts } from './run-trace.ts';
import { prepareTrace } from './run-trace.ts';

/**
 * supposeInTrace walks the flow of a kept trace once more, with something of its way taken to be otherwise. Sends no packet, changes and keeps
 * nothing. Throws not-found for a trace that is not kept, and invalid-input for what does not matter to this flow as it is now.
 */
export async function supposeInTrace(
  parts: TraceParts,
  actor: Actor,
  { traceId, suppose }: { readonly traceId: string; readonly suppose: Supposition },
): Promise<SupposedTrace> {
  const { asked } = await readTrace(parts.database, actor, traceId);
  const { read, question } = await prepareTrace(parts, actor, { ...asked, probe: 'never' });
  const asItIs = checkFlow(read.input, question);
  const possible = suppositionsFor(asItIs);
  const supposed = possible.includes(suppose) ? supposing(read.input, asItIs, suppose) : undefined;
  if (supposed === undefined) {
    const problem = 'does not matter to this flow as it is now, or nothing is known of the machine that it is about';
    throw invalidInput(
      'suppose',
      suppose,
      problem,
      possible.join(', ') || 'nothing: the flow ends already, or meets no connector',
    );
  }
  return { revision: read.input.model.revision, suppose, ...checkFlow(supposed, question) };
}
