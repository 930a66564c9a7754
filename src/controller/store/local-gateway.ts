import type { RegionId } from '../../core/ids.ts';
import { systemActor } from '../principal.ts';
import { requireRegion } from '../region/regions.ts';
import { inModelTransaction } from './model-transaction.ts';
import type { Store } from './store.ts';

export type LocalGateway = {
  readonly hostname: string;
  readonly vpnPort: number;
  /** Null: the region that it has, else the default region. */
  readonly region: string | null;
  readonly tokenSha256: Buffer;
};

/** The name by which the gateway on the controller's own machine is found again. */
const name = 'local';

/**
 * ensureLocalGateway writes down the gateway of this machine as it was started: made at the first start, which also makes its region the
 * default one, and changed when region, port, hostname or token differ. Starting again with the same changes nothing.
 */
export async function ensureLocalGateway(store: Store, wanted: LocalGateway): Promise<void> {
  await inModelTransaction(store, systemActor, async (change) => {
    const { trx } = change;
    const existing = await trx.selectFrom('gateway').selectAll().where('name', '=', name).executeTakeFirst();
    const region = await chooseRegion();
    const values = { hostname: wanted.hostname, vpn_port: wanted.vpnPort, region, token_sha256: wanted.tokenSha256 };

    if (existing === undefined) {
      const made = await trx
        .insertInto('gateway')
        .values({ name, ...values })
        .returning('id')
        .executeTakeFirstOrThrow();
      await trx.updateTable('wpc').set({ default_region: region, vpn_port: wanted.vpnPort }).execute();
      change.record({
        entity: 'gateway',
        entityId: made.id,
        action: 'created',
        after: { name, region, vpnPort: wanted.vpnPort },
      });
      return;
    }
    const same =
      existing.hostname === values.hostname &&
      existing.vpn_port === values.vpn_port &&
      existing.region === region &&
      existing.token_sha256?.equals(values.token_sha256) === true;
    if (same) return;
    await trx.updateTable('gateway').set(values).where('id', '=', existing.id).execute();
    await trx.updateTable('wpc').set({ vpn_port: wanted.vpnPort }).execute();
    change.record({
      entity: 'gateway',
      entityId: existing.id,
      action: 'updated',
      before: { region: existing.region, vpnPort: existing.vpn_port, hostname: existing.hostname },
      after: { region, vpnPort: wanted.vpnPort, hostname: wanted.hostname },
    });

    async function chooseRegion(): Promise<RegionId> {
      if (wanted.region !== null) return await requireRegion(trx, 'region', wanted.region);
      if (existing !== undefined) return existing.region;
      return (await trx.selectFrom('wpc').select('default_region').executeTakeFirstOrThrow()).default_region;
    }
  });
}

/** withdrawLocalGateway: an installation that was started without its gateway lets nobody in with the gateway's old token. */
export async function withdrawLocalGateway(store: Store): Promise<void> {
  await inModelTransaction(store, systemActor, async (change) => {
    const withdrawn = await change.trx
      .updateTable('gateway')
      .set({ token_sha256: null })
      .where('name', '=', name)
      .where('token_sha256', 'is not', null)
      .returning('id')
      .executeTakeFirst();
    if (withdrawn !== undefined) change.record({ entity: 'gateway', entityId: withdrawn.id, action: 'withdrawn' });
  });
}
