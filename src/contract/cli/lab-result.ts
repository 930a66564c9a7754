/** What `causeway lab --json` prints: one object for each scenario that ran, an array when there are several. Stable; docs/json.md. */
import { z } from 'zod';

export const labStep = z.object({
  /** Step of the tutorial, such as RA-11. */
  id: z.string(),
  title: z.string(),
  passed: z.boolean(),
  /** What was really seen, in one or a few lines; for a step that failed, what was missing and the code of the failure catalogue. */
  observed: z.string(),
});
export type LabStep = z.infer<typeof labStep>;

export const labResult = z.object({
  scenario: z.string(),
  option: z.string(),
  faults: z.array(z.string()),
  passed: z.boolean(),
  /** In order; the run ends at the first step that failed. */
  steps: z.array(labStep),
});
export type LabResult = z.infer<typeof labResult>;
