import { sql } from 'kysely';
import type { ConnectAuth } from '../../core/connect-authentication.ts';
import type { DeviceId, Serial, UserGroupId, UserId } from '../../core/ids.ts';
import type { Reader } from '../store/database.ts';
import type { UserRole, UserStatus } from '../store/schema.ts';

/** DeviceOwner is a device with the person whose it is, as far as that matters at connect. */
export type DeviceOwner = {
  readonly device: DeviceId;
  readonly deviceName: string;
  readonly user: UserId;
  readonly username: string;
  readonly role: UserRole;
  readonly status: UserStatus;
  readonly group: UserGroupId;
  readonly connectAuth: ConnectAuth;
};

/** ownerOfCertificate finds whose device a valid certificate belongs to; undefined for any other. */
export async function ownerOfCertificate(reader: Reader, serial: string): Promise<DeviceOwner | undefined> {
  return await select(reader)
    .innerJoin('certificate', 'certificate.device_id', 'device.id')
    .where('certificate.serial', '=', serial as Serial)
    .where('certificate.revoked_at', 'is', null)
    .where('certificate.not_after', '>', sql<Date>`now()`)
    .executeTakeFirst();
}

/** ownerOfDevice is the same for a device. */
export async function ownerOfDevice(reader: Reader, device: DeviceId): Promise<DeviceOwner | undefined> {
  return await select(reader).where('device.id', '=', device).executeTakeFirst();
}

function select(reader: Reader) {
  return reader
    .selectFrom('device')
    .innerJoin('app_user', 'app_user.id', 'device.user_id')
    .innerJoin('user_group', 'user_group.id', 'app_user.group_id')
    .select([
      'device.id as device',
      'device.name as deviceName',
      'app_user.id as user',
      'app_user.username',
      'app_user.role',
      'app_user.status',
      'user_group.id as group',
      'user_group.connect_auth as connectAuth',
    ]);
}
