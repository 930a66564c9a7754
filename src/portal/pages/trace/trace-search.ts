import { z } from 'zod';
import { protocols } from '../../../core/trace/packet.ts';

const text = z.string().min(1).max(4_200).optional().catch(undefined);

/** The question of the page, and the trace that answers it; `hop` is the one that is open: `f1` is the second of the way there, `r0` the first of the way back. */
export const traceSearch = z.object({
  from: text,
  to: text,
  proto: z.enum(protocols).optional().catch(undefined),
  // The router makes numbers of what looks like one.
  port: z.coerce
    .string()
    .regex(/^\d{1,5}$/)
    .optional()
    .catch(undefined),
  id: z.uuid().optional().catch(undefined),
  hop: z
    .string()
    .regex(/^[fr]\d{1,2}$/)
    .optional()
    .catch(undefined),
  panel: z.enum(['what-if']).optional().catch(undefined),
  /** The change that the panel tries (what-if-change.ts). */
  change: text,
});
export type TraceSearch = z.infer<typeof traceSearch>;
