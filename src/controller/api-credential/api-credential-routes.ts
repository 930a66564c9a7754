import { apiCredentialRoutes } from '../../contract/api/api-credential.ts';
import type { RegisterRoutes } from '../deps.ts';
import { objectId } from '../domain/object-id.ts';
import { allowed, serve } from '../routes/serve.ts';
import { createApiCredential, deleteApiCredential, listApiCredentials } from './api-credentials.ts';

/** registerApiCredentials: people who administer make credentials, and root on this machine; no credential can make itself another. */
export const registerApiCredentials: RegisterRoutes = (app, { store }) => {
  serve(app, apiCredentialRoutes.create, { kind: 'administrator' }, async ({ actor, body }) => {
    const made = await createApiCredential(store, actor, {
      name: body.name,
      permissions: body.permissions,
      expiresAt: body.expiresAt === undefined ? null : new Date(body.expiresAt),
      allowedPrefixes: body.allowedPrefixes,
    });
    return { client_id: made.clientId, client_secret: made.clientSecret };
  });

  serve(app, apiCredentialRoutes.list, allowed('api-credential:read'), async () => {
    const credentials = await listApiCredentials(store);
    return credentials.map((credential) => ({
      id: credential.id,
      name: credential.name,
      clientId: credential.client_id,
      permissions: credential.permissions,
      allowedPrefixes: credential.allowed_prefixes,
      createdAt: credential.created_at.toISOString(),
      createdBy: credential.created_by,
      expiresAt: credential.expires_at?.toISOString() ?? null,
      lastUsedAt: credential.last_used_at?.toISOString() ?? null,
    }));
  });

  serve(app, apiCredentialRoutes.remove, allowed('api-credential:modify'), async ({ actor, id }) =>
    deleteApiCredential(store, actor, objectId('api-credential', id)),
  );
};
