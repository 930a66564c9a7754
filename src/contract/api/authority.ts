import { z } from 'zod';
import { defineRoute } from './route.ts';

/** The CA of the installation, and its renewal (docs/housekeeping.md). */

const root = z.object({
  /** As openssl shows it: `AB:CD:…`. */
  sha256: z.string(),
  validFrom: z.iso.datetime(),
  validUntil: z.iso.datetime(),
});

export const authority = z.object({
  /** `announced`: the next CA is believed beside the current one; `switched`: it signs connectors and devices. */
  phase: z.enum(['single', 'announced', 'switched']),
  current: root,
  next: root.nullable(),
  /** Names of gateways whose lanes do not all believe both yet. */
  gatewaysBehind: z.array(z.string()),
  /** Who still has a certificate of the current CA after the switch: the first 100, with the end of the certificate. */
  dependents: z.array(
    z.object({ kind: z.enum(['device', 'connector']), id: z.string(), name: z.string(), until: z.iso.datetime() }),
  ),
  /** In words: what comes next, or what is waited for. */
  nextStep: z.string(),
});
export type AuthorityAnswer = z.infer<typeof authority>;

export const authorityRoutes = {
  read: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/ca',
    summary: 'Read the CA of the installation and how far its renewal is',
    answer: authority,
  }),
  renew: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/ca/renew',
    summary: 'Begin to renew the CA; with now, end the current one at once, and every profile and connector with it',
    body: z.strictObject({ now: z.boolean().default(false) }),
    answer: authority,
  }),
};
