import { sql } from 'kysely';
import { CausewayError } from '../../contract/errors.ts';
import type { DevicePlatform } from '../../contract/api/words.ts';
import type { DeviceId, UserId } from '../../core/ids.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import type { ProfileDistribution } from '../store/schema.ts';
import type { DeviceView } from './device-view.ts';
import { devicesOf, readDevice } from './device-view.ts';
import { addDevices } from './devices.ts';

/** OwnDeviceView is a device as its person sees it. */
export type OwnDeviceView = DeviceView & {
  readonly platform: DevicePlatform | null;
  readonly createdAt: Date;
  readonly hasProfile: boolean;
  readonly lastConnectedAt: Date | null;
};

export type OwnDevices = {
  readonly devices: readonly OwnDeviceView[];
  readonly allowance: number;
  readonly distribution: ProfileDistribution;
};

/** readOwnDevices takes a fixed number of queries. */
export async function readOwnDevices(reader: Reader, user: UserId): Promise<OwnDevices> {
  const { max_device, profile_distribution } = await reader
    .selectFrom('app_user')
    .innerJoin('user_group', 'user_group.id', 'app_user.group_id')
    .innerJoin('wpc', (join) => join.onTrue())
    .select(['user_group.max_device', 'wpc.profile_distribution'])
    .where('app_user.id', '=', user)
    .executeTakeFirstOrThrow();
  const devices = await withMore(reader, await devicesOf(reader, [user]));
  return { devices, allowance: max_device, distribution: profile_distribution };
}

/** readOwnDevice fails with `not found` for a device of somebody else, as for none. */
export async function readOwnDevice(reader: Reader, user: UserId, id: DeviceId): Promise<OwnDeviceView> {
  const [device] = await withMore(reader, [await readDevice(reader, id, user)]);
  if (device === undefined) throw new Error('a device that was read is gone within its transaction');
  return device;
}

/** addOwnDevice adds one, up to the allowance of the person's group (conflict) and where people may have profiles of their own (forbidden). */
export async function addOwnDevice(
  change: Change,
  user: UserId,
  request: { readonly name: string; readonly platform: DevicePlatform },
): Promise<OwnDeviceView> {
  await requireOwnProfiles(change.trx);
  const [id] = await addDevices(change, user, [
    { name: request.name, description: undefined, clientUUID: undefined, ipV4Address: undefined },
  ]);
  if (id === undefined) throw new Error('adding a device gave none');
  await change.trx.updateTable('device').set({ platform: request.platform }).where('id', '=', id).execute();
  return await readOwnDevice(change.trx, user, id);
}

/** requireOwnProfiles refuses where administrators alone hand out profiles: then neither devices nor profiles are made by people. */
export async function requireOwnProfiles(reader: Reader): Promise<void> {
  const { profile_distribution } = await reader.selectFrom('wpc').select('profile_distribution').executeTakeFirstOrThrow();
  if (profile_distribution === 'AUTOMATIC') return;
  throw new CausewayError(
    'forbidden',
    'Devices and their profiles are made by the administrators of this WPC (profile distribution is MANUAL). Ask one of them for a profile.',
  );
}

async function withMore(reader: Reader, devices: readonly DeviceView[]): Promise<OwnDeviceView[]> {
  if (devices.length === 0) return [];
  const rows = await reader
    .selectFrom('device')
    .select((device) => [
      'device.id',
      'device.platform',
      'device.created_at',
      device
        .exists(
          device
            .selectFrom('certificate')
            .select('serial')
            .whereRef('certificate.device_id', '=', 'device.id')
            .where('revoked_at', 'is', null)
            .where('not_after', '>', sql<Date>`now()`),
        )
        .as('has_profile'),
      device
        .selectFrom('session')
        .select(({ fn }) => fn.max('session.started_at').as('at'))
        .whereRef('session.device_id', '=', 'device.id')
        .where('session.state', '<>', 'refused')
        .as('last_connected_at'),
    ])
    .where(
      'device.id',
      'in',
      devices.map(({ id }) => id),
    )
    .execute();
  const more = new Map(rows.map((row) => [row.id, row]));
  return devices.map((device) => {
    const row = more.get(device.id);
    if (row === undefined) throw new Error(`device ${device.id} is gone between two queries`);
    return {
      ...device,
      platform: row.platform,
      createdAt: row.created_at,
      hasProfile: row.has_profile === true,
      lastConnectedAt: row.last_connected_at,
    };
  });
}
