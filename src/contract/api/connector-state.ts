import { z } from 'zod';
import { connectorHealths } from '../gateway.ts';
import { defineRoute } from './route.ts';

/** `not-probed`: nobody could take over from it, so nothing depends on its health. */
export const shownHealths = [...connectorHealths, 'not-probed'] as const;

/**
 * What a connector does for its network now. `active` has the routes alone, `sharing` with others; `standby` would take over; `draining`
 * takes nothing new while another one can; `offline` has no tunnel.
 */
export const connectorRoles = ['active', 'standby', 'sharing', 'draining', 'offline'] as const;

/** ConnectorState is what the gateway last reported of a connector. */
export const connectorState = z.object({
  health: z.enum(shownHealths),
  /** One sentence for people: what is probed, and what came of it. */
  healthReason: z.string(),
  /** Null where it is not probed. */
  healthSince: z.iso.datetime().nullable(),
  role: z.enum(connectorRoles),
  draining: z.boolean(),
  /** The lane of its own; null: it shares the TCP lane with others, since lanes have run out. */
  lane: z.string().nullable(),
  /** What is probed behind it and counts; null: only its tunnel. */
  probeTarget: z.string().nullable(),
  /** Milliseconds of the last answer; null: there is none. */
  roundTripMs: z.number().nullable(),
});
export type ConnectorState = z.infer<typeof connectorState>;

/** Drained says whether a connector takes new traffic, and what an administrator has to know before switching it off. */
export const drained = z.object({
  id: z.string(),
  name: z.string(),
  networkId: z.string(),
  draining: z.boolean(),
  /** Why its traffic does not go elsewhere; null: it does. */
  warning: z.string().nullable(),
});
export type Drained = z.infer<typeof drained>;

export const drainRoutes = {
  drain: defineRoute({
    method: 'PUT',
    path: '/api/causeway/v1/connectors/:id/drain',
    summary: 'Let a connector of a network take no new traffic while another one can; what it has stays',
    answer: drained,
  }),
  resume: defineRoute({
    method: 'PUT',
    path: '/api/causeway/v1/connectors/:id/resume',
    summary: 'Let a drained connector take traffic again',
    answer: drained,
  }),
};
