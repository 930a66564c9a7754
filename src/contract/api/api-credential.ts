import { z } from 'zod';
import { formatPrefix, parsePrefix } from '../../core/ip/prefix.ts';
import { apiCredential, apiCredentialRequest } from '../cli/api-credential.ts';
import { permission } from '../permission.ts';
import { defineRoute } from './route.ts';

const prefixText = z.string().transform((text, context) => {
  const parsed = parsePrefix(text);
  if (parsed.ok) return formatPrefix(parsed.value);
  const meant = parsed.suggestion === undefined ? '' : `, such as ${parsed.suggestion}`;
  context.addIssue({ code: 'custom', message: `is not allowed; allowed: a prefix without bits set behind its length${meant}` });
  return z.NEVER;
});

/** With which programs prove who they are. People make them (or root on the server); no credential can make another. */
export const newApiCredential = apiCredentialRequest.extend({
  /** Left out: everything. */
  permissions: z.array(permission).min(1).max(100).default(['all:modify']),
  /** ISO instant; left out: until it is deleted. */
  expiresAt: z.iso.datetime({ offset: true }).optional(),
  /** From where it may be used; left out or empty: from anywhere. */
  allowedPrefixes: z.array(prefixText).max(50).default([]),
});
export type NewApiCredential = z.infer<typeof newApiCredential>;

export const listedApiCredential = z.object({
  id: z.string(),
  name: z.string(),
  clientId: z.string(),
  permissions: z.array(z.string()),
  allowedPrefixes: z.array(z.string()),
  createdAt: z.iso.datetime(),
  /** The user name of who made it, or `local root`. */
  createdBy: z.string(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type ListedApiCredential = z.infer<typeof listedApiCredential>;

export const apiCredentialRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/api-credentials',
    summary: 'List API credentials, without their secrets',
    answer: z.array(listedApiCredential),
  }),
  create: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/api-credentials',
    summary: 'Make an API credential; its secret is shown this once. For people who administer, not for API credentials',
    body: newApiCredential,
    status: 201,
    answer: apiCredential,
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/api/causeway/v1/api-credentials/:id',
    summary: 'Withdraw an API credential at once, with its access tokens',
    answer: null,
  }),
};
