import { z } from 'zod';
import { apiCredential, apiCredentialRequest } from '../cli/api-credential.ts';
import { permission } from '../permission.ts';
import { defineRoute } from './route.ts';

export const apiCredentialCreation = apiCredentialRequest.extend({
  /** Left out: everything. */
  permissions: z.array(permission).min(1).max(100).default(['all:modify']),
  /** ISO instant; left out: until it is deleted. */
  expiresAt: z.iso.datetime().optional(),
});

/** Never with its secret. */
export const listedApiCredential = z.object({
  id: z.uuid(),
  name: z.string(),
  clientId: z.string(),
  permissions: z.array(z.string()),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
});

export const apiCredentialRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/api-credentials',
    summary: 'List the API credentials, without their secrets',
    answer: z.array(listedApiCredential),
  }),
  create: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/api-credentials',
    summary: 'Make an API credential; its secret is answered this once',
    body: apiCredentialCreation,
    status: 201,
    answer: apiCredential,
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/api/causeway/v1/api-credentials/:id',
    summary: 'Withdraw an API credential with every access token that it got',
    answer: null,
  }),
};
