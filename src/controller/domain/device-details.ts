import type { DeviceListQuery } from '../../contract/api/device-details.ts';
import type { DevicePlatform } from '../../contract/api/words.ts';
import type { Reader } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import { profileEnd } from './device-terms.ts';
import type { DeviceView } from './device-view.ts';
import { findDevices } from './device-view.ts';
import type { ListPage } from './list-page.ts';

/** DeviceDetailsView is a device with what its person and administrators see of it beside the vendor's fields. */
export type DeviceDetailsView = DeviceView & {
  readonly username: string;
  readonly platform: DevicePlatform | null;
  readonly createdAt: Date;
  /** Null: there is none that could connect now. */
  readonly profileEndsAt: Date | null;
  readonly lastConnectedAt: Date | null;
};

/** listDeviceDetails takes a fixed number of queries, of one moment: a device that is deleted meanwhile must not be half there. */
export async function listDeviceDetails(
  { database }: Pick<Store, 'database'>,
  query: DeviceListQuery,
): Promise<ListPage<DeviceDetailsView>> {
  return await database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const { items, total } = await findDevices(trx, query);
      return { items: await withDetails(trx, items), total };
    });
}

/** withDetails adds them with one query, and fails where a device is gone meanwhile. */
export async function withDetails(reader: Reader, devices: readonly DeviceView[]): Promise<DeviceDetailsView[]> {
  if (devices.length === 0) return [];
  const ids = devices.map(({ id }) => id);
  const rows = await reader
    .selectFrom('device')
    .innerJoin('app_user', 'app_user.id', 'device.user_id')
    // Joined, so that all sessions are read once and not for each device: no index leads from a device to sessions that have ended.
    .leftJoin(
      (from) =>
        from
          .selectFrom('session')
          .select(({ fn }) => ['device_id', fn.max('started_at').as('at')])
          .where('device_id', 'in', ids)
          .where('state', '<>', 'refused')
          .groupBy('device_id')
          .as('last'),
      (join) => join.onRef('last.device_id', '=', 'device.id'),
    )
    .select([
      'device.id',
      'app_user.username',
      'device.platform',
      'device.created_at',
      profileEnd.as('profile_ends_at'),
      'last.at as last_connected_at',
    ])
    .where('device.id', 'in', ids)
    .execute();
  const more = new Map(rows.map((row) => [row.id, row]));
  return devices.map((device) => {
    const row = more.get(device.id);
    if (row === undefined) throw new Error(`device ${device.id} is gone between two queries`);
    return {
      ...device,
      username: row.username,
      platform: row.platform,
      createdAt: row.created_at,
      profileEndsAt: row.profile_ends_at,
      lastConnectedAt: row.last_connected_at,
    };
  });
}
