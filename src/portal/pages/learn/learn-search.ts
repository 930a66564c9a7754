import { z } from 'zod';
import type { Supposition } from '../../../core/trace/supposition.ts';
import { suppositions } from '../../../core/trace/supposition.ts';

/** The tutorial's flows, in its order; the first one is open where the address names none. */
export const learnFlows = ['remote-access', 'internet', 'sites'] as const;
export type LearnFlow = (typeof learnFlows)[number];

/** `id` is the trace that is walked through, `step` the place in it, `suppose` what is taken to be otherwise in it. */
export const learnSearch = z.object({
  flow: z.enum(learnFlows).optional().catch(undefined),
  id: z.uuid().optional().catch(undefined),
  suppose: z
    .enum(Object.keys(suppositions) as [Supposition, ...Supposition[]])
    .optional()
    .catch(undefined),
  step: z.coerce.number().int().min(1).max(99).optional().catch(undefined),
});
