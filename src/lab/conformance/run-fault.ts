import type { ConformanceRow } from '../../contract/cli/lab-conformance.ts';
import { awaitCondition } from '../await-condition.ts';
import { applyPrintedFix } from './apply-printed-fix.ts';
import type { TraceFound } from './ask-trace.ts';
import { askDoctor, askTrace } from './ask-trace.ts';
import { tryFlow } from './checked-flow.ts';
import type { ConformanceFault, Expected } from './fault.ts';
import { observeNow } from './observe-now.ts';
import { proveFault } from './prove-fault.ts';
import type { Standing } from './standing.ts';
import { stateLans } from './state-lan.ts';

/** How long a fix may take to be seen: a tunnel that connects again takes some seconds. */
const fixedWithinMs = 30_000;

/**
 * runFault is one round of the conformance pack: inject, see real packets break, ask the product, do what it prints, see real packets pass, ask
 * again, and take everything back. What goes wrong is in the row; it does not throw.
 */
export async function runFault(standing: Standing, name: string, fault: ConformanceFault): Promise<ConformanceRow> {
  const row = new Row(name, fault);
  try {
    await stateLans(standing, fault.mode, fault.statement);
    await proveFault(standing, fault, async (broken) => {
      row.injected(broken);
      await observeNow(standing);
      row.asked(await ask(standing, fault));
      await fix(standing, fault, row);
    });
  } catch (error) {
    row.failed(error);
  }
  return row.done();
}

async function ask({ region }: Standing, { code, flow, asks }: ConformanceFault): Promise<TraceFound> {
  const traced = await askTrace(region, flow);
  if (asks !== 'doctor') return traced;
  // The doctor has no first cause: it lists whatever is wrong anywhere.
  const all = await askDoctor(region);
  return { ...traced, findings: [...all.filter((found) => found.code === code), ...all.filter((found) => found.code !== code)] };
}

async function fix(standing: Standing, fault: ConformanceFault, row: Row): Promise<void> {
  const { holds } = standing;
  const [first] = row.found?.findings ?? [];
  if (first === undefined) return;
  // The machine's owner ends what worked against it, and what was said of the LAN was of before.
  if (fault.keepsHolds !== true) await holds.release();
  await stateLans(standing, fault.mode);
  const applied = await applyPrintedFix(standing, first.fixes);
  row.applied(applied);
  if (applied.kind !== 'done') return;
  await fault.afterFix?.(standing);
  const attempt = () => fault.attempt?.(standing) ?? tryFlow(standing, fault.flow);
  await awaitCondition(
    'real packets pass after the printed fix',
    async () => {
      const { passes, said } = await attempt();
      if (!passes) throw new Error(said);
      return true;
    },
    { withinMs: fixedWithinMs },
  );
  await observeNow(standing);
  const after = await ask(standing, fault);
  const left = after.findings.filter(({ code }) => code === fault.code);
  if (after.verdict !== 'works') throw new Error(`after the printed fix the verdict is ${after.verdict}: ${after.summary}`);
  if (left.length > 0) throw new Error(`after the printed fix ${fault.code} is still found`);
  row.verified();
}

/** Row collects what happened, in the order in which it does. */
class Row {
  readonly #name: string;
  readonly #fault: ConformanceFault;
  readonly #problems: string[] = [];
  #broken: string | null = null;
  #fix: ConformanceRow['fix'] = null;
  #verified = false;
  found: TraceFound | null = null;

  constructor(name: string, fault: ConformanceFault) {
    this.#name = name;
    this.#fault = fault;
  }

  injected(broken: string): void {
    this.#broken = broken;
  }

  asked(found: TraceFound): void {
    this.found = found;
    const { unseen, expect } = this.#fault;
    this.#problems.push(...(unseen === undefined ? differences(this.#fault, expect, found) : claims(found)));
  }

  applied(applied: Awaited<ReturnType<typeof applyPrintedFix>>): void {
    this.#fix = applied.kind === 'by-hand' ? { kind: 'by-hand', title: null } : { kind: applied.kind, title: applied.title };
    if (applied.kind === 'failed') this.#problems.push(`the printed fix "${applied.title}": ${applied.reason}`);
  }

  verified(): void {
    this.#verified = true;
  }

  failed(error: unknown): void {
    this.#problems.push(error instanceof Error ? error.message : String(error));
  }

  done(): ConformanceRow {
    const first = this.found?.findings[0];
    return {
      fault: this.#name,
      code: this.#fault.code,
      broken: this.#broken,
      found: first?.code ?? null,
      hop: first?.hop ?? null,
      direction: first?.direction ?? null,
      verdict: this.found?.verdict ?? null,
      tookMs: this.found?.tookMs ?? null,
      others: this.found?.findings.slice(1).map(({ code }) => code) ?? [],
      fix: this.#fix,
      verified: this.#verified,
      passed: this.#problems.length === 0,
      problems: this.#problems,
    };
  }
}

/** claims is what may not be said of a fault that nobody reports: that the flow is proven to work. */
function claims({ verdict, confidence }: TraceFound): string[] {
  return verdict === 'works' && confidence === 'proven' ? ['the flow is said to be proven to work'] : [];
}

/** differences says what of an answer is not as the fault demands, one sentence each; none when it is right. */
function differences(fault: ConformanceFault, expected: Expected, { verdict, findings, unasked }: TraceFound): string[] {
  const [first, ...others] = findings;
  if (first === undefined) return [`nothing was found; the verdict is ${verdict}`, ...unasked];
  const said: string[] = [];
  if (first.code !== fault.code) said.push(`found ${first.code} first`);
  if (verdict !== expected.verdict) said.push(`the verdict is ${verdict} and not ${expected.verdict}`);
  if (first.hop !== expected.hop && !(fault.asks === 'doctor' && first.hop === null))
    said.push(`blamed ${first.hop ?? 'no hop'} and not ${expected.hop}`);
  if (first.direction !== null && !expected.directions.includes(first.direction)) said.push(`said ${first.direction}`);
  const alarms = others.filter(({ severity, hidden, code }) => severity === 'error' && !hidden && code !== fault.code);
  if (alarms.length > 0) said.push(`also found ${alarms.map(({ code }) => code).join(', ')}`);
  return said;
}
