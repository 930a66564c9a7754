import { z } from 'zod';
import { defineRoute } from './route.ts';

/** One-time token with which a connector's agent enrols. `installCommand` is the line to paste as root (design.md 6). */
export const installToken = z.object({ token: z.string(), expiresAt: z.iso.datetime(), installCommand: z.string() });
export type InstallToken = z.infer<typeof installToken>;

export const installTokenRoutes = {
  create: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/connectors/:id/install-token',
    summary: 'Make a one-time token that installs a connector within 24 hours',
    answer: installToken,
  }),
};
