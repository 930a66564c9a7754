import { ageInWords } from '../../core/age-in-words.ts';
import type { CloudState } from '../../core/trace/cloud/cloud-state.ts';
import type { TraceInput } from '../../core/trace/input.ts';

/** Routes and rules of a cloud change by hand, a few times a day where much is going on. */
const old_ms = 24 * 3_600_000;

/** oldCloud says in a sentence that what was read of a network's cloud is older than a day at `now`; undefined where it is not. */
export function oldCloud(network: string, { reading }: CloudState, now: string): string | undefined {
  const age_ms = Date.parse(now) - Date.parse(reading.at);
  if (!(age_ms > old_ms)) return undefined;
  return `What is known of the cloud of ${network} was read ${ageInWords(age_ms)}; causeway cloud commands shows how to read it again.`;
}

/** cloudRemarks says of each network whose cloud a trace has to do with that nobody has read that, or that it was long ago. */
export function cloudRemarks({ model, observed }: TraceInput): readonly string[] {
  return model.networks.flatMap(({ id, name }) => {
    const state = observed.clouds.get(id);
    if (state === undefined) return [];
    if (state.reading.from === 'api') return oldCloud(name, state, observed.now) ?? [];
    return `The cloud of ${name} has not been read, so most of its routes and filters are not known; causeway cloud commands shows how.`;
  });
}
