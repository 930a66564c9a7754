import type { ConnectorId } from '../../core/ids.ts';
import type { ObservedMachine, TraceInput } from '../../core/trace/input.ts';
import type { Actor } from '../principal.ts';
import type { Probes } from '../probe/probes.ts';
import type { Concern } from './read-trace-input.ts';

/** Asking is on whose behalf agents are asked, and until when (performance.now()) somebody waits for them. */
export type Asking = { readonly actor: Actor; readonly until_ms: number };

/** One agent that is not there must not use up the time of the probes. */
const refresh_ms = 4_000;

export function timeLeft({ until_ms }: Asking): number {
  return Math.max(1, Math.round(until_ms - performance.now()));
}

/** refreshMachines has connectors that are attached and whose reports are missing or older than `mostAge_ms` report now; true where one has. */
export async function refreshMachines(
  probes: Pick<Probes, 'observe'>,
  { model, observed }: TraceInput,
  { connectors }: Concern,
  asking: Asking,
  tell: (progress: string) => void,
  mostAge_ms: number,
): Promise<boolean> {
  const now_ms = Date.parse(observed.now);
  const isStale = (id: ConnectorId) =>
    observed.attached.has(`connector:${id}`) && now_ms - newestReport_ms(observed.machines.get(id)) > mostAge_ms;
  const stale = new Set(connectors.filter(isStale));
  const answers = await Promise.all(
    model.connectors
      .filter(({ id }) => stale.has(id))
      .map(async ({ id, name }) => {
        tell(`asking ${name} what its machine looks like now`);
        return await probes.observe(id, { actor: asking.actor, timeout_ms: Math.min(refresh_ms, timeLeft(asking)) });
      }),
  );
  return answers.some(({ kind }) => kind === 'observed');
}

/** newestReport_ms is when a machine was last reported, whatever part of it; minus infinity where it never was. */
export function newestReport_ms(machine: ObservedMachine | undefined): number {
  return Math.max(
    Number.NEGATIVE_INFINITY,
    ...[...(machine?.sections.values() ?? [])].map(({ observedAt }) => Date.parse(observedAt)),
  );
}
