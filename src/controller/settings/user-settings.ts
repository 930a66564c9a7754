import { z } from 'zod';
import { deviceEnforcements } from '../../core/device-identity.ts';
import { profileDistributions } from '../../contract/api/setting.ts';
import { invalidInput } from '../../contract/errors.ts';
import type { RegisterRoutes } from '../deps.ts';
import type { Change } from '../store/model-transaction.ts';
import { flag, modifySetting, readSetting, registerWord, sendJson } from './bare-settings.ts';
import { changeWpcSettings, readWpcSettings } from './wpc-settings.ts';

/** What came as text/plain is a number only if it is digits and nothing else: Number('') would be 0. */
const allowance = z.union(
  [
    z.int(),
    z
      .string()
      .trim()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  ],
  {
    error: 'is not a number; allowed: 1 to 1000',
  },
);

/**
 * registerUserSettings: settings of people and their devices, in the vendor's paths and formats (api.md 5). The vendor does not say what
 * `device-allowance-force-update` does; here the allowance is written to every user group, whenever either of the two is set.
 */
export const registerUserSettings: RegisterRoutes = (app, { store }) => {
  const settings = async () => await readWpcSettings(store.database);

  app.get('/settings/user/device-allowance', { config: readSetting }, async (_request, reply) =>
    sendJson(reply, (await settings()).device_allowance),
  );
  app.put('/settings/user/device-allowance', { config: modifySetting, schema: { body: allowance } }, async (request, reply) => {
    const count = request.body;
    if (count < 1 || count > 1000) throw invalidInput('user/device-allowance', count, 'is not allowed', '1 to 1000');
    await changeWpcSettings(store, request.actor, async (change, before) => {
      if (before.device_allowance_forced) await forceAllowance(change, count);
      return { device_allowance: count };
    });
    return await sendJson(reply, count);
  });

  const forced = '/settings/user/device-allowance-force-update';
  app.get(forced, { config: readSetting }, async (_request, reply) =>
    sendJson(reply, (await settings()).device_allowance_forced),
  );
  app.put(forced, { config: modifySetting, schema: { body: flag } }, async (request, reply) => {
    await changeWpcSettings(store, request.actor, async (change, before) => {
      if (request.body) await forceAllowance(change, before.device_allowance);
      return { device_allowance_forced: request.body };
    });
    return await sendJson(reply, request.body);
  });

  registerWord(app, store, { name: 'user/profile-distribution', column: 'profile_distribution', allowed: profileDistributions });
  registerWord(app, store, { name: 'user/device-enforcement', column: 'device_enforcement', allowed: deviceEnforcements });
};

async function forceAllowance({ trx, record }: Change, count: number): Promise<void> {
  const changed = await trx
    .updateTable('user_group')
    .set({ max_device: count })
    .where('max_device', '<>', count)
    .returning('id')
    .execute();
  for (const { id } of changed) record({ entity: 'user-group', entityId: id, action: 'updated', after: { maxDevice: count } });
}
