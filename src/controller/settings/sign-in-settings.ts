import { connectAuths } from '../../core/connect-authentication.ts';
import type { RegisterRoutes } from '../deps.ts';
import { distrustAllBrowsers } from '../identity/browsers.ts';
import { flag, modifySetting, readSetting, registerWord, sendJson } from './bare-settings.ts';
import { changeWpcSettings, readWpcSettings } from './wpc-settings.ts';

/**
 * registerSignInSettings: what is demanded of people who sign in, in the vendor's paths and formats (api.md 5). Whom a demanded second factor
 * concerns, and since when, is decided by identity/demanded-second-factor.ts with each request.
 */
export const registerSignInSettings: RegisterRoutes = (app, { store }) => {
  const settings = async () => await readWpcSettings(store.database);

  const twoFactor = '/settings/auth/two-factor-auth';
  app.get(twoFactor, { config: readSetting }, async (_request, reply) => sendJson(reply, (await settings()).two_factor_auth));
  app.put(twoFactor, { config: modifySetting, schema: { body: flag } }, async (request, reply) => {
    await changeWpcSettings(store, request.actor, () => ({ two_factor_auth: request.body }));
    return await sendJson(reply, request.body);
  });

  const trusted = '/settings/auth/trusted-devices-allowed';
  app.get(trusted, { config: readSetting }, async (_request, reply) =>
    sendJson(reply, (await settings()).trusted_devices_allowed),
  );
  app.put(trusted, { config: modifySetting, schema: { body: flag } }, async (request, reply) => {
    await changeWpcSettings(store, request.actor, async ({ trx }) => {
      // Allowing it again later must not bring back what was trusted before.
      if (!request.body) await distrustAllBrowsers(trx);
      return { trusted_devices_allowed: request.body };
    });
    return await sendJson(reply, request.body);
  });

  registerWord(app, store, { name: 'user/connect-auth', column: 'connect_auth', allowed: connectAuths });
};
