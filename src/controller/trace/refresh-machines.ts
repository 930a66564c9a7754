import type { ConnectorId } from '../../core/ids.ts';
import type { ObservedMachine } from '../../core/trace/input.ts';
import type { Actor } from '../principal.ts';
import type { Probes } from '../probe/probes.ts';
import type { Concern, ReadTraceInput } from './read-trace-input.ts';

/** Asking is on whose behalf agents are asked, and until when (performance.now()) somebody waits for them. */
export type Asking = { readonly actor: Actor; readonly until_ms: number };

/** One agent that is not there must not use up the time of the probes. */
const refresh_ms = 4_000;

/** In this time after a change of the model the machines have done what follows from it: agents are told at once. */
const settling_ms = 3_000;

export function timeLeft({ until_ms }: Asking): number {
  return Math.max(1, Math.round(until_ms - performance.now()));
}

/**
 * refreshMachines has connectors that are attached and whose reports are missing, older than `fresh_ms`, or of before what happened last report
 * now; true where one has. Who asks has often just changed something, and wants to know what came of it.
 */
export async function refreshMachines(
  probes: Pick<Probes, 'observe'>,
  { input: { model, observed }, lastEventAt }: ReadTraceInput,
  { connectors }: Concern,
  asking: Asking,
  tell: (progress: string) => void,
  fresh_ms: number,
): Promise<boolean> {
  const now_ms = Date.parse(observed.now);
  const settled_ms = lastEventAt === null ? 0 : Date.parse(lastEventAt) + settling_ms;
  const isStale = (id: ConnectorId) =>
    observed.attached.has(`connector:${id}`) &&
    newestReport_ms(observed.machines.get(id)) < Math.max(settled_ms, now_ms - fresh_ms);
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
