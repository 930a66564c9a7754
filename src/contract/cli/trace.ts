import { z } from 'zod';
import { appliedFix, finding, keptTrace } from '../api/trace.ts';

/** `causeway trace --json`: the FlowCheck, and where it is kept. */
export const traceAnswer = keptTrace;

/** `causeway doctor --json`: what is wrong; with --fix also what agents have done. */
export const doctorAnswer = z.object({ findings: z.array(finding).readonly(), applied: z.array(appliedFix).readonly() });
export type DoctorAnswer = z.infer<typeof doctorAnswer>;
