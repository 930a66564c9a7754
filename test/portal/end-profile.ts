import { systemActor } from '../../src/controller/principal.ts';
import type { IssuingController } from '../../src/controller/routes/test-api.ts';
import { inModelTransaction } from '../../src/controller/store/model-transaction.ts';
import type { DeviceId } from '../../src/core/ids.ts';

/** endProfileIn has the profiles of a device end in `days`, and an hour. */
export async function endProfileIn({ controller }: IssuingController, device: string, days: number): Promise<void> {
  const ends = new Date(Date.now() + (days * 24 + 1) * 3_600_000);
  await inModelTransaction(controller.deps.store, systemActor, async ({ trx, record }) => {
    await trx
      .updateTable('certificate')
      .set({ not_after: ends })
      .where('device_id', '=', device as DeviceId)
      .execute();
    record({ entity: 'device', entityId: device, action: 'updated' });
  });
}
