/** The schemas of trace.ts say what core/trace says. Checked by tsc alone. */
import type { z } from 'zod';
import type { Finding } from '../../core/trace/findings/finding.ts';
import type { FlowCheck } from '../../core/trace/result.ts';
import type { LanStatement } from '../../core/trace/statement.ts';
import type { lanStatement } from './lan-statement.ts';
import type { finding, flowCheck } from './trace.ts';

/** Plain takes off what JSON does not have: brands of texts, and who may write. */
type Plain<T> = T extends string
  ? // A record of a literal needs its key, one of all texts or of branded ones does not.
    Record<never, never> extends Record<T, true>
    ? string
    : T
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? // zod writes what may be left out as what may be undefined too.
        { -readonly [Key in keyof T]: Plain<Exclude<T[Key], undefined>> }
      : T;

/** Each may stand for the other; that of fields which may be left out both have all, FactsOf says. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type FactsOf<Check extends { readonly forward: { readonly hops: readonly { readonly steps: readonly unknown[] }[] } }> =
  Check['forward']['hops'][number]['steps'][number] extends { readonly cause: infer Cause }
    ? NonNullable<Cause> extends { readonly facts: infer Facts }
      ? keyof Facts
      : never
    : never;

export function typeTests(): void {
  const check: Same<Plain<FlowCheck>, Plain<z.output<typeof flowCheck>>> = true;
  const facts: Same<FactsOf<FlowCheck>, FactsOf<z.output<typeof flowCheck>>> = true;
  const found: Same<Plain<Finding>, Plain<z.output<typeof finding>>> = true;
  const stated: Same<Plain<LanStatement>, Plain<z.output<typeof lanStatement>>> = true;
  // @ts-expect-error a word that only one of the two has makes them differ
  const other: Same<Plain<FlowCheck['verdict']>, 'works' | 'broken'> = true;
  // @ts-expect-error and so does a fact
  const fewer: Same<FactsOf<FlowCheck>, 'source'> = true;
  void [check, facts, found, stated, other, fewer];
}
