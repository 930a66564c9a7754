import { ageInWords } from '../../core/age-in-words.ts';
import type { TraceInput } from '../../core/trace/input.ts';
import type { Concern } from './read-trace-input.ts';
import { newestReport_ms } from './refresh-machines.ts';

/** Agents report once a minute, also where nothing has changed (connector/agent/observe.sh). */
const old_ms = 15 * 60_000;

/** reportRemarks says of each connector of a trace that its machine was reported long ago: what has changed there since is in no step. */
export function reportRemarks({ model, observed }: TraceInput, { connectors }: Concern): readonly string[] {
  const concerned = new Set(connectors);
  return model.connectors.flatMap(({ id, name }) => {
    const at_ms = newestReport_ms(observed.machines.get(id));
    const age_ms = Date.parse(observed.now) - at_ms;
    if (!concerned.has(id) || at_ms === Number.NEGATIVE_INFINITY || age_ms < old_ms) return [];
    const why = observed.attached.has(`connector:${id}`) ? 'was not asked or did not answer' : 'is not connected';
    return `What is known of the machine of ${name} was reported ${ageInWords(age_ms)}, and its agent ${why}: it may be different now.`;
  });
}
