import { z } from 'zod';
import { apiCredentialCreation, listedApiCredential } from '../../contract/api/api-credential.ts';
import { apiCredential } from '../../contract/cli/api-credential.ts';
import type { RegisterRoutes } from '../deps.ts';
import { createApiCredential, deleteApiCredential, listApiCredentials } from './api-credentials.ts';

/** registerApiCredentials: only root on this machine makes credentials, so that no credential can make itself another. */
export const registerApiCredentials: RegisterRoutes = (app, deps) => {
  app.post(
    '/api-credentials',
    { config: { auth: { kind: 'local' } }, schema: { body: apiCredentialCreation, response: { 201: apiCredential } } },
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
    {
      config: { auth: { kind: 'api', permission: 'api-credential:read' } },
      schema: { response: { 200: z.array(listedApiCredential) } },
    },
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
