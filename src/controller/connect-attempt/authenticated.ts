import type { DeviceId, UserId } from '../../core/ids.ts';
import type { Change } from '../store/model-transaction.ts';

/** Authenticated is who has proved at connect that a device is theirs, from where, and how. */
export type Authenticated = { readonly user: string; readonly from: string; readonly by: 'page' | 'password' };

/** noteAuthenticated has the gateways let the device in without asking for as long as its group says (core/connect-authentication.ts). */
export async function noteAuthenticated(change: Change, device: DeviceId, how: Authenticated): Promise<void> {
  await change.trx
    .insertInto('device_authentication')
    .values({ device_id: device, authenticated_at: change.now })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet({ authenticated_at: change.now }))
    .execute();
  change.record({ entity: 'device', entityId: device, action: 'authenticated', after: how });
}

/** forgetAuthenticated has a person's devices asked anew at their next connection, where the group asks at all: what let them in counts no more. */
export async function forgetAuthenticated({ trx }: Pick<Change, 'trx'>, user: UserId): Promise<void> {
  await trx
    .deleteFrom('device_authentication')
    .using('device')
    .whereRef('device.id', '=', 'device_authentication.device_id')
    .where('device.user_id', '=', user)
    .execute();
}
