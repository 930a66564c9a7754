/** What `causeway lab conformance --json` prints: one object. Stable; docs/json.md. */
import { z } from 'zod';

const name = z.string();

/** ConformanceRow is one fault of the catalogue: what real packets did, what the product said, and what its fix did. */
const conformanceRow = z.object({
  /** What --fault takes: the code, with a word more where one code is made in several ways. */
  fault: name,
  code: name,
  /** What a program said whose packets did not pass; null: the fault could not be made. */
  broken: z.string().nullable(),
  /** The code that was found first, and where; null: nothing was found. */
  found: name.nullable(),
  hop: name.nullable(),
  direction: z.enum(['forward', 'reverse']).nullable(),
  verdict: name.nullable(),
  /** Milliseconds that the product took to answer. */
  tookMs: z.number().nullable(),
  /** Further codes of the answer, in its order. */
  others: z.array(name),
  /** `done`: the printed commands were run; `by-hand`: none are printed, a person does it; null: nothing was found to be fixed. */
  fix: z.object({ kind: z.enum(['done', 'failed', 'by-hand']), title: z.string().nullable() }).nullable(),
  /** After the fix real packets pass, and the product says `works`. */
  verified: z.boolean(),
  passed: z.boolean(),
  /** What was not as it should be, one sentence each. */
  problems: z.array(z.string()),
});
export type ConformanceRow = z.infer<typeof conformanceRow>;

/** PairRow is two faults at a time: the product has to name that which the packet meets first, or either on one machine, and nothing else. */
const pairRow = z.object({
  /** What --fault takes: the names of both, with a plus sign between. */
  pair: name,
  codes: z.array(name),
  /** Those of them that may be found first. */
  right: z.array(name),
  broken: z.string().nullable(),
  found: name.nullable(),
  hop: name.nullable(),
  direction: z.enum(['forward', 'reverse']).nullable(),
  verdict: name.nullable(),
  tookMs: z.number().nullable(),
  others: z.array(name),
  /** After both were taken back real packets pass. */
  mended: z.boolean(),
  passed: z.boolean(),
  problems: z.array(z.string()),
});
export type PairRow = z.infer<typeof pairRow>;

/** HealthyRow is a set-up in which everything works: nothing may be found. */
const healthyRow = z.object({
  variant: name,
  verdict: name.nullable(),
  found: z.array(name),
  passed: z.boolean(),
  problems: z.array(z.string()),
});
export type HealthyRow = z.infer<typeof healthyRow>;

export const conformanceResult = z.object({
  passed: z.boolean(),
  faults: z.array(conformanceRow),
  pairs: z.array(pairRow),
  healthy: z.array(healthyRow),
  /** Codes that cannot be made here, each with the reason. */
  notInjectable: z.record(name, z.string()),
});
export type ConformanceResult = z.infer<typeof conformanceResult>;
