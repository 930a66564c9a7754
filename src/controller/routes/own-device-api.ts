import { z } from 'zod';
import { ownDeviceRoutes, profileDownloadPath } from '../../contract/api/own-device.ts';
import type { RegisterRoutes } from '../deps.ts';
import { deviceRegion } from '../domain/device-region.ts';
import { readDevice } from '../domain/device-view.ts';
import { removeDevice, updateDevice } from '../domain/devices.ts';
import { objectId } from '../domain/object-id.ts';
import { addOwnDevice, readOwnDevice, readOwnDevices, requireOwnProfiles } from '../domain/own-devices.ts';
import { readOwnReach } from '../domain/own-reach.ts';
import { readOwnRegions } from '../domain/own-regions.ts';
import type { RouteAuth } from '../http/route-auth.ts';
import { issueDeviceProfile } from '../pki/endpoint-profile.ts';
import { downloadProfile, findLinkedDevice, makeProfileLink } from '../pki/profile-link.ts';
import { requirePerson } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { ownDeviceAnswer } from './device-answer.ts';
import { serve } from './serve.ts';

const signedIn: RouteAuth = { kind: 'person' };

/** registerOwnDevices: what people do with their own devices. Every call looks for devices of who asks, and of nobody else. */
export const registerOwnDevices: RegisterRoutes = (app, deps) => {
  const { store, installation } = deps;

  serve(app, ownDeviceRoutes.list, signedIn, async ({ actor }) => {
    const { devices, allowance, distribution } = await readOwnDevices(store.database, requirePerson(actor).id);
    return { devices: devices.map(ownDeviceAnswer), allowance, distribution };
  });

  serve(app, ownDeviceRoutes.create, signedIn, async ({ actor, body }) =>
    ownDeviceAnswer(
      await inModelTransaction(store, actor, async (change) => addOwnDevice(change, requirePerson(actor).id, body)),
    ),
  );

  serve(app, ownDeviceRoutes.update, signedIn, async ({ actor, id, body }) => {
    const { id: user } = requirePerson(actor);
    return await inModelTransaction(store, actor, async (change) => {
      const { id: device } = await updateDevice(change, objectId('device', id), user, {
        name: body.name,
        description: undefined,
        clientUUID: undefined,
      });
      return ownDeviceAnswer(await readOwnDevice(change.trx, user, device));
    });
  });

  serve(app, ownDeviceRoutes.remove, signedIn, async ({ actor, id }) =>
    inModelTransaction(store, actor, async (change) => removeDevice(change, objectId('device', id), requirePerson(actor).id)),
  );

  serve(app, ownDeviceRoutes.profile, signedIn, async ({ actor, id, query }) => {
    const device = await readDevice(store.database, objectId('device', id), requirePerson(actor).id);
    await requireOwnProfiles(store.database);
    const region = await deviceRegion(store.database, device.user, query.regionId);
    return issueDeviceProfile(deps, actor, device.id, { region });
  });

  serve(app, ownDeviceRoutes.profileLink, signedIn, async ({ actor, id, query }) =>
    inModelTransaction(store, actor, async (change) => {
      const device = await readDevice(change.trx, objectId('device', id), requirePerson(actor).id);
      await requireOwnProfiles(change.trx);
      const region = await deviceRegion(change.trx, device.user, query.regionId);
      return await makeProfileLink(change, installation, device.id, region);
    }),
  );

  serve(app, ownDeviceRoutes.regions, signedIn, async ({ actor }) =>
    readOwnRegions(store.database, installation, requirePerson(actor).id),
  );

  serve(app, ownDeviceRoutes.reach, signedIn, async ({ actor }) =>
    // One moment: a network must not stand there without the prefixes that it had.
    store.database
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (trx) => readOwnReach(trx, requirePerson(actor).id)),
  );
};

const profileType = 'application/x-openvpn-profile';
const params = z.object({ token: z.string() });
const config = { auth: { kind: 'public' }, secretPath: true } as const;

/** registerProfileDownloads: what clients fetch with a link that a person made. The token in the path is the whole secret, and is not logged. */
export const registerProfileDownloads: RegisterRoutes = (app, deps) => {
  // Of its own, because the one that comes with GET would make a profile and throw it away.
  app.head(profileDownloadPath, { config, schema: { params } }, async (request, reply) => {
    await findLinkedDevice(deps.store.database, request.params.token);
    return await reply.type(profileType).send();
  });

  app.get(profileDownloadPath, { config, schema: { params }, exposeHeadRoute: false }, async (request, reply) => {
    const actor = { ...request.actor, principal: { kind: 'one-time-link', purpose: 'profile' } } as const;
    const { name, profile } = await downloadProfile(deps, actor, request.params.token);
    return await reply
      .type(profileType)
      .header('Content-Disposition', `attachment; filename="${fileName(name)}"`)
      .send(profile);
  });
};

/** In a header between quotes: nothing but what is safe there and in every file system. */
function fileName(device: string): string {
  const name = device.replaceAll(/[^A-Za-z0-9_-]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return `${name === '' ? 'causeway' : name}.ovpn`;
}
