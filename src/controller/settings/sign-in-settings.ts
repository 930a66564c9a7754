import { z } from 'zod';
import { invalidInput } from '../../contract/errors.ts';
import { connectAuths } from '../../core/connect-authentication.ts';
import type { RegisterRoutes } from '../deps.ts';
import { distrustAllBrowsers } from '../identity/browsers.ts';
import { flag, sendJson, sendText } from './user-settings.ts';
import { changeWpcSettings, readWpcSettings } from './wpc-settings.ts';

const read = { auth: { kind: 'api', permission: 'settings:read' } } as const;
const modify = { auth: { kind: 'api', permission: 'settings:modify' } } as const;

/**
 * registerSignInSettings: what is demanded of people who sign in, in the vendor's paths and formats (api.md 5). Whom a demanded second factor
 * concerns, and since when, is decided by identity/demanded-second-factor.ts with each request.
 */
export const registerSignInSettings: RegisterRoutes = (app, { store }) => {
  const settings = async () => await readWpcSettings(store.database);

  const twoFactor = '/settings/auth/two-factor-auth';
  app.get(twoFactor, { config: read }, async (_request, reply) => sendJson(reply, (await settings()).two_factor_auth));
  app.put(twoFactor, { config: modify, schema: { body: flag } }, async (request, reply) => {
    await changeWpcSettings(store, request.actor, () => ({ two_factor_auth: request.body }));
    return await sendJson(reply, request.body);
  });

  const trusted = '/settings/auth/trusted-devices-allowed';
  app.get(trusted, { config: read }, async (_request, reply) => sendJson(reply, (await settings()).trusted_devices_allowed));
  app.put(trusted, { config: modify, schema: { body: flag } }, async (request, reply) => {
    await changeWpcSettings(store, request.actor, async ({ trx }) => {
      // Allowing it again later must not bring back what was trusted before.
      if (!request.body) await distrustAllBrowsers(trx);
      return { trusted_devices_allowed: request.body };
    });
    return await sendJson(reply, request.body);
  });

  const connectAuth = '/settings/user/connect-auth';
  app.get(connectAuth, { config: read }, async (_request, reply) => sendText(reply, (await settings()).connect_auth));
  app.put(connectAuth, { config: modify, schema: { body: z.string().trim().max(200) } }, async (request, reply) => {
    const wanted = connectAuths.find((each) => each === request.body);
    if (wanted === undefined) {
      throw invalidInput('user/connect-auth', request.body, 'is not allowed', connectAuths.join(', '));
    }
    await changeWpcSettings(store, request.actor, () => ({ connect_auth: wanted }));
    return await sendText(reply, wanted);
  });
};
