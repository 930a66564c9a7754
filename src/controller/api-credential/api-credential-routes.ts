import { z } from 'zod';
import { apiCredential, apiCredentialRequest } from '../../contract/cli/api-credential.ts';
import { permission } from '../../contract/permission.ts';
import type { RegisterRoutes } from '../deps.ts';
import { createApiCredential, deleteApiCredential, listApiCredentials } from './api-credentials.ts';

const createRequest = apiCredentialRequest.extend({
  /** Left out: everything. */
  permissions: z.array(permission).min(1).max(100).default(['all:modify']),
  /** ISO instant; left out: until it is deleted. */
  expiresAt: z.iso.datetime().optional(),
});

const listed = z.object({
  id: z.uuid(),
  name: z.string(),
  clientId: z.string(),
  permissions: z.array(z.string()),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
});

/** registerApiCredentials: only root on this machine makes credentials, so that no credential can make itself another. */
export const registerApiCredentials: RegisterRoutes = (app, deps) => {
  app.post(
    '/api-credentials',
    { config: { auth: { kind: 'local' } }, schema: { body: createRequest, response: { 201: apiCredential } } },
    async (request, reply) => {
      const { name, permissions, expiresAt } = request.body;
      const made = await createApiCredential(deps.store, request.actor, {
        name,
        permissions,
        expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
      });
      return await reply.code(201).send({ client_id: made.clientId, client_secret: made.clientSecret });
    },
  );

  app.get(
    '/api-credentials',
    { config: { auth: { kind: 'api', permission: 'api-credential:read' } }, schema: { response: { 200: z.array(listed) } } },
    async () => {
      const credentials = await listApiCredentials(deps.store);
      return credentials.map((credential) => ({
        id: credential.id,
        name: credential.name,
        clientId: credential.client_id,
        permissions: credential.permissions,
        createdAt: credential.created_at.toISOString(),
        expiresAt: credential.expires_at?.toISOString() ?? null,
        lastUsedAt: credential.last_used_at?.toISOString() ?? null,
      }));
    },
  );

  app.delete(
    '/api-credentials/:id',
    {
      config: { auth: { kind: 'api', permission: 'api-credential:modify' } },
      schema: { params: z.object({ id: z.uuid() }), response: { 204: z.void() } },
    },
    async (request, reply) => {
      await deleteApiCredential(deps.store, request.actor, request.params.id);
      return await reply.code(204).send();
    },
  );
};
