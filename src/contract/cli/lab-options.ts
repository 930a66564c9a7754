/** What crosses from `causeway lab` to the lab: one JSON value, the only argument of src/lab/main.ts. */
import { z } from 'zod';

export const labOptions = z.discriminatedUnion('action', [
  z.object({ action: z.literal('list'), json: z.boolean() }),
  z.object({
    action: z.literal('conformance'),
    /** Names of faults as `lab list` shows them, of two with a plus sign between, or of healthy set-ups; none: all of them and a sample of pairs. */
    faults: z.array(z.string()),
    /** Draws other pairs than the usual ones; null: the usual ones. */
    seed: z.int().nonnegative().nullable(),
    json: z.boolean(),
  }),
  z.object({
    action: z.literal('run'),
    /** Name of a scenario as `lab list` shows it; null: every scenario, one after the other. */
    scenario: z.string().nullable(),
    /** A variant of the scenario, such as `static-route`; null: its default. */
    option: z.string().nullable(),
    /** Codes of the failure catalogue that are injected before the first step. */
    faults: z.array(z.string()),
    /** Leaves the hosts running and prints how to enter each. */
    keep: z.boolean(),
    json: z.boolean(),
  }),
]);
export type LabOptions = z.infer<typeof labOptions>;
