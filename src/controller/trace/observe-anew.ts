import type { WpcModel } from '../../core/model.ts';
import type { TraceInput } from '../../core/trace/input.ts';
import type { ProbePlan } from '../../core/trace/probe.ts';
import type { Actor } from '../principal.ts';
import { holds } from './find-ends.ts';
import type { Concern } from './read-trace-input.ts';
import { readTraceInput } from './read-trace-input.ts';
import { refreshMachines, timeLeft } from './refresh-machines.ts';
import type { TraceParts } from './run-trace.ts';

/** A report of this age is good enough for an overview. */
const fresh_ms = 10_000;

/** Where more connectors are concerned than this, their last reports have to do: they are a minute old at most. */
const mostAsked = 50;

const asking_ms = 6_000;

/**
 * observeAnew reads what a judgement depends on. Where the caller may ask connectors, and there are few, those that are concerned report anew
 * first and send the probes of `plan`. Throws what `concern` does, and conflict where there is no gateway.
 */
export async function observeAnew(
  { database, configurations, probes }: TraceParts,
  actor: Actor,
  concern: (model: WpcModel) => Concern,
  plan: (input: TraceInput) => ProbePlan,
): Promise<TraceInput> {
  const read = async () => await readTraceInput(database, configurations, ({ model }) => concern(model));
  const first = await read();
  const concerned = concern(first.input.model);
  if (!holds(actor, 'network:modify') || concerned.connectors.length > mostAsked) return first.input;
  const asking = { actor, until_ms: performance.now() + asking_ms };
  const hasNews = await refreshMachines(probes, first, concerned, asking, () => undefined, fresh_ms);
  const input = hasNews ? (await read()).input : first.input;
  const answers = await Promise.all(
    plan(input).map(({ connector, questions }) => probes.ask(connector, questions, { actor, timeout_ms: timeLeft(asking) })),
  );
  const results = answers.flatMap((answer) => (answer.kind === 'answered' ? answer.results : []));
  return { ...input, observed: { ...input.observed, probes: results } };
}
