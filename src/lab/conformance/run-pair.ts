import type { PairRow } from '../../contract/cli/lab-conformance.ts';
import type { TraceFound } from './ask-trace.ts';
import { askTrace } from './ask-trace.ts';
import { awaitBroken, awaitPasses, tryFlow } from './checked-flow.ts';
import { observeNow } from './observe-now.ts';
import type { Pair } from './pair.ts';
import { rightFirst } from './pair.ts';
import { prepare, takeBack } from './prove-fault.ts';
import type { Standing } from './standing.ts';
import { stateLans } from './state-lan.ts';

/**
 * runPair injects two faults, sees real packets break, asks the product, and takes both back, the later one first. Right is an answer that names
 * one of them, that which the packet meets first, and nothing else. What goes wrong is in the row; it does not throw.
 */
export async function runPair(standing: Standing, pair: Pair): Promise<PairRow> {
  const [one, other] = pair.faults;
  const works = () => tryFlow(standing, one.flow);
  const problems: string[] = [];
  let broken: string | null = null;
  let found: TraceFound | null = null;
  let mended = false;
  const attempted = async (step: () => Promise<void>) => {
    try {
      await step();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  };
  await attempted(async () => {
    await stateLans(standing, one.mode, one.statement, other.statement);
    for (const fault of pair.faults) await prepare(standing, fault);
    await one.inject(standing);
    await other.inject(standing);
    broken = (await awaitBroken(works)).said;
    await observeNow(standing);
    found = await askTrace(standing.region, one.flow);
    problems.push(...differences(pair, found));
  });
  await attempted(async () => {
    await takeBack(standing, other);
    await takeBack(standing, one);
    await awaitPasses(works);
    mended = true;
  });
  return rowOf(pair, { broken, found, mended, problems });
}

type Outcome = Pick<PairRow, 'broken' | 'mended' | 'problems'> & { readonly found: TraceFound | null };

function rowOf(pair: Pair, { broken, found, mended, problems }: Outcome): PairRow {
  const first = found?.findings[0];
  return {
    pair: pair.name,
    codes: pair.faults.map(({ code }) => code),
    right: rightFirst(pair).map(({ code }) => code),
    broken,
    found: first?.code ?? null,
    hop: first?.hop ?? null,
    direction: first?.direction ?? null,
    verdict: found?.verdict ?? null,
    tookMs: found?.tookMs ?? null,
    others: found?.findings.slice(1).map(({ code }) => code) ?? [],
    mended,
    passed: problems.length === 0,
    problems,
  };
}

/** differences says what of an answer is not right, one sentence each. */
function differences(pair: Pair, { verdict, findings, unasked }: TraceFound): string[] {
  const [first, ...others] = findings;
  if (first === undefined) return [`nothing was found; the verdict is ${verdict}`, ...unasked];
  const said: string[] = [];
  const right = rightFirst(pair);
  const named = right.find(({ code }) => code === first.code);
  if (named === undefined) said.push(`found ${first.code} first, and not ${right.map(({ code }) => code).join(' or ')}`);
  if (named !== undefined && first.hop !== named.expect.hop)
    said.push(`blamed ${first.hop ?? 'no hop'} and not ${named.expect.hop}`);
  if (verdict === 'works') said.push('the verdict is works');
  const alarms = others.filter(
    ({ severity, hidden, code }) => severity === 'error' && !hidden && pair.faults.every((fault) => fault.code !== code),
  );
  if (alarms.length > 0) said.push(`also found ${alarms.map(({ code }) => code).join(', ')}`);
  return said;
}
