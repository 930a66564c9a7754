import { deviceRoutes } from '../../contract/api/device.ts';
import { deviceDetailsRoutes } from '../../contract/api/device-details.ts';
import { toPage } from '../../contract/page.ts';
import type { UserId } from '../../core/ids.ts';
import type { RegisterRoutes } from '../deps.ts';
import { deviceRegion } from '../domain/device-region.ts';
import { listDeviceDetails } from '../domain/device-details.ts';
import { listDevices, readDevice } from '../domain/device-view.ts';
import { addDevices, forgetMachine, removeDevice, requireUser, revokeDeviceProfiles, updateDevice } from '../domain/devices.ts';
import { objectId, requiredObjectId } from '../domain/object-id.ts';
import { issueDeviceProfile } from '../pki/endpoint-profile.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { deviceAnswer, deviceDetailsAnswer } from './device-answer.ts';
import { allowed, serve } from './serve.ts';

const reading = allowed('device:read');
const modifying = allowed('device:modify');

/** registerDevices: /devices. */
export const registerDevices: RegisterRoutes = (app, deps) => {
  const { store } = deps;
  serve(app, deviceRoutes.list, reading, async ({ query }) => {
    const user = userOf(query);
    if (user !== undefined) await requireUser(store.database, user);
    const { items, total } = await listDevices(store.database, user, query);
    return toPage(items.map(deviceAnswer), total, query);
  });
  serve(app, deviceRoutes.create, modifying, async ({ actor, query, body }) => {
    const user = requiredObjectId('user', 'userId', query.userId);
    return inModelTransaction(store, actor, async (change) => {
      await requireUser(change.trx, user);
      const [id] = await addDevices(change, user, [body]);
      if (id === undefined) throw new Error('adding a device gave none');
      return deviceAnswer(await readDevice(change.trx, id));
    });
  });
  serve(app, deviceRoutes.read, reading, async ({ id, query }) =>
    deviceAnswer(await readDevice(store.database, objectId('device', id), userOf(query))),
  );
  serve(app, deviceRoutes.update, modifying, async ({ actor, id, query, body }) =>
    deviceAnswer(
      await inModelTransaction(store, actor, async (change) => updateDevice(change, objectId('device', id), userOf(query), body)),
    ),
  );
  serve(app, deviceRoutes.remove, modifying, async ({ actor, id, query }) =>
    inModelTransaction(store, actor, async (change) => removeDevice(change, objectId('device', id), userOf(query))),
  );
  // A profile holds a private key: whoever may only read must not be able to become the device.
  serve(app, deviceRoutes.profile, modifying, async ({ actor, id, query }) => {
    const device = await readDevice(store.database, objectId('device', id), userOf(query));
    const region = await deviceRegion(store.database, device.user, query.regionId);
    return issueDeviceProfile(deps, actor, device.id, { region, signIn: query.signIn });
  });
  serve(app, deviceRoutes.revokeProfile, modifying, async ({ actor, id, query }) =>
    inModelTransaction(store, actor, async (change) => revokeDeviceProfiles(change, objectId('device', id), userOf(query))),
  );
};

/** registerDeviceDetails: what is ours of devices. */
export const registerDeviceDetails: RegisterRoutes = (app, { store }) => {
  serve(app, deviceDetailsRoutes.list, reading, async ({ query }) => {
    const { items, total } = await listDeviceDetails(store, query);
    return toPage(items.map(deviceDetailsAnswer), total, query);
  });
  serve(app, deviceDetailsRoutes.forgetMachine, modifying, async ({ actor, id }) =>
    deviceAnswer(await inModelTransaction(store, actor, async (change) => forgetMachine(change, objectId('device', id)))),
  );
};

function userOf({ userId }: { readonly userId?: string | undefined }): UserId | undefined {
  return userId === undefined ? undefined : objectId('user', userId);
}
