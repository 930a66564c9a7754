import { z } from 'zod';
import { defineRoute } from './route.ts';

/** Links that are handed over by people, because they stand for a person: each works once, and is shown this once. */
export const oneTimeLink = z.object({
  url: z.string(),
  expiresAt: z.iso.datetime(),
});
export type OneTimeLink = z.infer<typeof oneTimeLink>;

export const linkRoutes = {
  password: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/users/:id/password-link',
    summary:
      'Make a link with which a user sets a password, within 30 minutes; for people who administer, not for API credentials',
    answer: oneTimeLink,
  }),
  removeSecondFactors: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/users/:id/second-factors/remove',
    summary: 'Take the second factors of a user away who has lost them, and end the sessions; for people who administer',
    answer: null,
  }),
  setUp: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/set-up-link',
    summary: 'Make a new link to set this installation up, within an hour; only for root on the server',
    answer: oneTimeLink,
  }),
};
