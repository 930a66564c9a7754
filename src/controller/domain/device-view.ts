import type { DeviceListQuery } from '../../contract/api/device-details.ts';
import { notFound } from '../../contract/errors.ts';
import type { PageQuery } from '../../contract/page.ts';
import type { DeviceId, UserId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { Reader } from '../store/database.ts';
import { deviceConditions, deviceOrders } from './device-terms.ts';
import type { ListPage } from './list-page.ts';
import { readPage } from './list-page.ts';
import { readSortedPage } from './sorted-page.ts';
import { hasLiveSession } from './live-session.ts';

/** DeviceView is a device with its tunnel address and whether packets can pass. */
export type DeviceView = {
  readonly id: DeviceId;
  readonly user: UserId;
  readonly name: string;
  readonly description: string;
  readonly clientUuid: string;
  readonly address: AddressText;
  readonly online: boolean;
};

/** Every device has a tunnel address from its creation on, hence the inner join. */
function select(reader: Reader) {
  return reader
    .selectFrom('device')
    .innerJoin('tunnel_address', 'tunnel_address.device_id', 'device.id')
    .orderBy('device.number')
    .select([
      'device.id',
      'device.user_id',
      'device.name',
      'device.description',
      'device.client_uuid',
      'tunnel_address.address',
      hasLiveSession('device').as('online'),
    ]);
}

type DeviceRow = Awaited<ReturnType<ReturnType<typeof select>['executeTakeFirstOrThrow']>>;

function toView(row: DeviceRow): DeviceView {
  const { id, user_id, name, description, client_uuid, address, online } = row;
  return { id, user: user_id, name, description, clientUuid: client_uuid, address, online };
}

/** readDevice fails with `not found` also for the device of another user than the one that is named. */
export async function readDevice(reader: Reader, id: DeviceId, of?: UserId): Promise<DeviceView> {
  let query = select(reader).where('device.id', '=', id);
  if (of !== undefined) query = query.where('device.user_id', '=', of);
  const row = await query.executeTakeFirst();
  if (row === undefined) throw notFound('device', id);
  return toView(row);
}

/** devicesOf gives all devices of these users with one query. */
export async function devicesOf(reader: Reader, users: readonly UserId[]): Promise<DeviceView[]> {
  if (users.length === 0) return [];
  const rows = await select(reader).where('device.user_id', 'in', users).execute();
  return rows.map(toView);
}

/** listDevices gives one page of the devices of all users, or of one, in the order of creation. */
export async function listDevices(reader: Reader, of: UserId | undefined, query: PageQuery): Promise<ListPage<DeviceView>> {
  let rows = select(reader);
  let count = reader.selectFrom('device').select(({ fn }) => fn.countAll<number>().as('total'));
  if (of !== undefined) {
    rows = rows.where('device.user_id', '=', of);
    count = count.where('device.user_id', '=', of);
  }
  const { items, total } = await readPage(query, rows, count);
  return { items: items.map(toView), total };
}

/** findDevices gives one page of the devices that are asked for, in the order that is asked for. */
export async function findDevices(reader: Reader, query: DeviceListQuery): Promise<ListPage<DeviceView>> {
  const { items, total } = await readSortedPage(query, select(reader).where(deviceConditions(query)), deviceOrders, 'device');
  return { items: items.map(toView), total };
}
