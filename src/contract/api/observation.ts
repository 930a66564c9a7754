import { z } from 'zod';
import { defineRoute } from './route.ts';

/** Observation is the raw text of one section that a connector's agent has posted last; interpreted in core, by whoever reads it. */
export const observation = z.object({ section: z.string(), observedAt: z.iso.datetime(), body: z.string() });

export const observationRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/connectors/:id/observations',
    summary: 'Read what a connector has last reported of its machine, as it was received',
    answer: z.array(observation),
  }),
};
