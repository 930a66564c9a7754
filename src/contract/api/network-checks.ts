import { z } from 'zod';
import { checkKinds, checkStates } from '../../core/trace/check-words.ts';
import { defineRoute } from './route.ts';
import { findingCode } from './trace.ts';

/** ConnectorCheck: what each kind and state means: core/trace/check-words.ts. */
const connectorCheck = z.object({
  kind: z.enum(checkKinds),
  state: z.enum(checkStates),
  /** One clause for people; empty where there is nothing to say. */
  words: z.string(),
  /** Of the report or the probe that it rests on; null where it rests on neither. */
  at: z.iso.datetime().nullable(),
  /** What a trace and the doctor call what is wrong. */
  code: findingCode.nullable(),
});

export const networkChecks = z.object({
  revision: z.int(),
  checkedAt: z.iso.datetime(),
  connectors: z.array(
    z.object({ connectorId: z.string(), connectorName: z.string(), checks: z.array(connectorCheck).readonly() }),
  ),
});
export type NetworkChecks = z.infer<typeof networkChecks>;

export const networkCheckRoutes = {
  read: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/networks/:id/checks',
    summary: 'Say what is in order of each connector of a network, from the tunnel to the way back',
    /** `never`: what was reported and stated has to do, and no packet is sent. */
    query: z.object({ probe: z.enum(['auto', 'never']).default('auto') }),
    answer: networkChecks,
  }),
};
