import type { FindingAnswer } from '../../contract/api/trace.ts';

/** connectorOf is the connector whose machine a finding is about; undefined where it is about something else. */
export function connectorOf({ object, hop }: FindingAnswer): { readonly id: string; readonly name: string } | undefined {
  const found = object.kind === 'connector' ? object : hop?.kind === 'connector' ? hop : undefined;
  return found === undefined ? undefined : { id: found.id.replace(/^connector:/, ''), name: found.label };
}
