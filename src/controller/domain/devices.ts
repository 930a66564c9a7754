import { sql } from 'kysely';
import type { DeviceRequest, DeviceUpdate } from '../../contract/api/device.ts';
import { conflict, notFound } from '../../contract/errors.ts';
import type { DeviceId, UserId } from '../../core/ids.ts';
import { leastUsedUserLane } from '../../core/lanes.ts';
import type { ModelTrx, Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import type { DeviceView } from './device-view.ts';
import { readDevice } from './device-view.ts';
import { shownName } from './shown-name.ts';
import type { WantedAddress } from './tunnel-address.ts';
import { takeAddresses } from './tunnel-address.ts';

/**
 * addDevices creates devices of a user who exists, up to what the user's group allows. Each gets a tunnel address behind the connectors'
 * block (or the one that is asked for) and the user lane with the fewest devices. `field` as in addConnectors.
 */
export async function addDevices(
  change: Change,
  user: UserId,
  requests: readonly DeviceRequest[],
  field: (index: number) => string = () => '',
): Promise<DeviceId[]> {
  if (requests.length === 0) return [];
  const { trx } = change;
  await refuseTooMany(trx, user, requests.length);
  const lanes = await devicesPerLane(trx);
  const rows = await trx
    .insertInto('device')
    .values(
      requests.map(({ name, description, clientUUID }) => {
        const lane = leastUsedUserLane(lanes);
        lanes[lane] = (lanes[lane] ?? 0) + 1;
        return { user_id: user, name, description: description ?? '', client_uuid: clientUUID ?? '', user_lane: lane };
      }),
    )
    .returning(['id', 'number', 'name'])
    .execute();
  const made = rows.toSorted((a, b) => a.number - b.number);
  const addresses = await takeAddresses(
    trx,
    'device',
    made.map(({ id }, index) => ({
      owner: { kind: 'device', id },
      wanted: wantedAddress(`${field(index)}ipV4Address`, requests[index]?.ipV4Address),
    })),
  );
  for (const [index, { id, name }] of made.entries()) {
    change.record({ entity: 'device', entityId: id, action: 'created', after: { user, name, address: addresses[index] } });
  }
  return made.map(({ id }) => id);
}

function wantedAddress(field: string, text: string | undefined): WantedAddress | undefined {
  return text === undefined ? undefined : { field, text };
}

/** updateDevice changes what is given. */
export async function updateDevice(
  change: Change,
  id: DeviceId,
  of: UserId | undefined,
  update: DeviceUpdate,
): Promise<DeviceView> {
  const before = await readDevice(change.trx, id, of);
  const after = {
    name: update.name ?? before.name,
    description: update.description ?? before.description,
    clientUuid: update.clientUUID ?? before.clientUuid,
  };
  const { name, description, clientUuid } = before;
  if (name === after.name && description === after.description && clientUuid === after.clientUuid) return before;
  await change.trx
    .updateTable('device')
    .set({ name: after.name, description: after.description, client_uuid: after.clientUuid })
    .where('id', '=', id)
    .execute();
  change.record({ entity: 'device', entityId: id, action: 'updated', before: { name, description, clientUuid }, after });
  return { ...before, ...after };
}

/**
 * forgetMachine takes a device from the machine that it belongs to: where machines are learnt, the next tunnel says whose it is. An update cannot
 * do that, because clients of the vendor's API send an empty clientUUID where they mean none.
 */
export async function forgetMachine(change: Change, id: DeviceId): Promise<DeviceView> {
  const before = await readDevice(change.trx, id);
  await change.trx
    .updateTable('device')
    .set({ client_uuid: '', machine_forgotten_at: change.now })
    .where('id', '=', id)
    .execute();
  change.record({ entity: 'device', entityId: id, action: 'machine-forgotten', before: { clientUuid: before.clientUuid } });
  return { ...before, clientUuid: '' };
}

/** removeDevice deletes it. The database revokes its certificates and lets its address rest. */
export async function removeDevice(change: Change, id: DeviceId, of: UserId | undefined): Promise<void> {
  const before = await readDevice(change.trx, id, of);
  await change.trx.deleteFrom('device').where('id', '=', id).execute();
  recordDeviceGone(change, before);
}

/** recordDeviceGone says that a device went, by itself or with its user. */
export function recordDeviceGone(change: Change, device: DeviceView): void {
  const { id, user, name, address } = device;
  change.record({ entity: 'device', entityId: id, action: 'deleted', before: { user, name, address } });
}

/** revokeDeviceProfiles revokes every certificate of a device, which cuts its tunnel; the device itself and its address stay. */
export async function revokeDeviceProfiles(change: Change, id: DeviceId, of: UserId | undefined): Promise<void> {
  await readDevice(change.trx, id, of);
  const valid = await change.trx
    .selectFrom('certificate')
    .select('serial')
    .where('device_id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
  // An update that meets no row would still count as a change of the model, and gateways would be told of nothing.
  if (valid.length === 0) return;
  const serials = valid.map(({ serial }) => serial);
  await change.trx.updateTable('certificate').set({ revoked_at: change.now }).where('serial', 'in', serials).execute();
  change.record({ entity: 'device', entityId: id, action: 'profile-revoked', before: { serials } });
}

/** requireUser fails with `not found` unless the user exists. */
export async function requireUser(reader: Reader, id: UserId): Promise<void> {
  const row = await reader.selectFrom('app_user').select('id').where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('user', id);
}

async function refuseTooMany(trx: ModelTrx, user: UserId, added: number): Promise<void> {
  const { username, group, max_device } = await trx
    .selectFrom('app_user')
    .innerJoin('user_group', 'user_group.id', 'app_user.group_id')
    .select(['app_user.username', 'user_group.name as group', 'user_group.max_device'])
    .where('app_user.id', '=', user)
    .executeTakeFirstOrThrow();
  const { devices } = await trx
    .selectFrom('device')
    .select(({ fn }) => fn.countAll<number>().as('devices'))
    .where('user_id', '=', user)
    .executeTakeFirstOrThrow();
  if (devices + added <= max_device) return;
  const more = added === 1 ? 'one more' : `${String(added)} more`;
  const message =
    `User ${shownName(username)} has ${String(devices)} of the ${String(max_device)} devices that user group ${shownName(group)} allows, ` +
    `so ${more} cannot be added. Remove a device, or have maxDevice of the group raised.`;
  throw conflict('userId', message, { devices, maxDevice: max_device });
}

/** The number of devices on each user lane of the gateway that has most of them; one lane while no gateway has said hello. */
async function devicesPerLane(trx: ModelTrx): Promise<number[]> {
  const { lanes } = await trx
    .selectFrom('gateway')
    .select(({ fn }) => fn.coalesce(fn.max('user_lanes'), sql<number>`1`).as('lanes'))
    .executeTakeFirstOrThrow();
  const counts: number[] = Array.from({ length: lanes }, () => 0);
  const rows = await trx
    .selectFrom('device')
    .select(({ fn }) => ['user_lane', fn.countAll<number>().as('devices')])
    .groupBy('user_lane')
    .execute();
  for (const { user_lane, devices } of rows) if (user_lane < counts.length) counts[user_lane] = devices;
  return counts;
}
