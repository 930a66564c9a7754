import type { FlowCheck, FlowRequest } from './result.ts';
import type { Verdict } from './words.ts';

/** summaryOf is the first line of an answer: what was asked, what happens, and at which machine. */
export function summaryOf(
  request: FlowRequest,
  verdict: Verdict,
  { forward, reverse }: Pick<FlowCheck, 'forward' | 'reverse'>,
): string {
  const { source, destination, destinationAddress, protocol, port } = request;
  const target = destination.label === destinationAddress ? destinationAddress : `${destination.label} (${destinationAddress})`;
  const what = `${protocol.toUpperCase()}${port === null ? '' : ` ${String(port)}`}`;
  const flow = `${source.label} to ${target}, ${what}`;
  const last = (reverse ?? forward).hops.at(-1);
  const where = last === undefined ? '' : `${last.node.kind} ${last.node.label}`;
  const why = last?.steps.at(-1)?.detail ?? '';
  switch (verdict) {
    case 'works':
      return `${flow}: works`;
    case 'broken':
      return `${flow}: does not arrive; it ends at the ${where}: ${why}`;
    case 'broken-return':
      return `${flow}: arrives, and the answer is lost at the ${where}: ${why}`;
    case 'not-permitted':
      return `${flow}: is not permitted; the ${where} says: ${why}`;
    case 'intermittent':
      return `${flow}: works only for a time; the answer is lost at the ${where}: ${why}`;
    case 'unknown':
      return `${flow}: cannot be decided; at the ${where}: ${why}`;
  }
}
