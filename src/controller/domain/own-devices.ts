import { CausewayError } from '../../contract/errors.ts';
import type { DevicePlatform } from '../../contract/api/words.ts';
import type { DeviceId, UserId } from '../../core/ids.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import type { ProfileDistribution } from '../store/schema.ts';
import type { DeviceDetailsView } from './device-details.ts';
import { withDetails } from './device-details.ts';
import { devicesOf, readDevice } from './device-view.ts';
import { addDevices } from './devices.ts';

export type OwnDevices = {
  readonly devices: readonly DeviceDetailsView[];
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
  const devices = await withDetails(reader, await devicesOf(reader, [user]));
  return { devices, allowance: max_device, distribution: profile_distribution };
}

/** readOwnDevice fails with `not found` for a device of somebody else, as for none. */
export async function readOwnDevice(reader: Reader, user: UserId, id: DeviceId): Promise<DeviceDetailsView> {
  const [device] = await withDetails(reader, [await readDevice(reader, id, user)]);
  if (device === undefined) throw new Error('a device that was read is gone within its transaction');
  return device;
}

/** addOwnDevice adds one, up to the allowance of the person's group (conflict) and where people may have profiles of their own (forbidden). */
export async function addOwnDevice(
  change: Change,
  user: UserId,
  request: { readonly name: string; readonly platform: DevicePlatform },
): Promise<DeviceDetailsView> {
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
