import { notSupported } from '../../contract/errors.ts';
import type { Retention, RetentionKind } from '../../core/retention.ts';
import { retentionKinds, retentionWith } from '../../core/retention.ts';
import { requireRegion } from '../region/regions.ts';
import type { Actor } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { InternetAccess, Row, RowUpdate } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

export type WpcSettings = Omit<Row<'wpc'>, 'singleton' | 'revision' | 'event_seq'>;

/** Retention is written by setRetention alone, since its column takes text. */
type WpcSettingsUpdate = Omit<RowUpdate<'wpc'>, 'retention'>;

export async function readWpcSettings(reader: Reader): Promise<WpcSettings> {
  return await reader
    .selectFrom('wpc')
    .select([
      'cloud_id',
      'name',
      'tunnel_ranges',
      'topology',
      'default_region',
      'default_internet_access',
      'device_allowance',
      'vpn_port',
      'dns_servers',
      'profile_distribution',
      'device_enforcement',
      'device_allowance_forced',
      'two_factor_auth',
      'trusted_devices_allowed',
      'connect_auth',
      'retention',
    ])
    .executeTakeFirstOrThrow();
}

/** changeWpcSettings writes what differs, as one change of the model; writing the value that is there changes nothing. */
export async function changeWpcSettings(
  store: Store,
  actor: Actor,
  decide: (change: Change, before: WpcSettings) => Promise<WpcSettingsUpdate> | WpcSettingsUpdate,
): Promise<void> {
  await inModelTransaction(store, actor, async (change) => {
    const before = await readWpcSettings(change.trx);
    const wanted = await decide(change, before);
    const after = { ...before, ...wanted };
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    await change.trx.updateTable('wpc').set(wanted).execute();
    change.record({ entity: 'settings', entityId: 'wpc', action: 'updated', before, after });
  });
}

/** setWpcName: it is shown everywhere from now on; mails that wait keep the name that they were written with. */
export async function setWpcName(store: Store, actor: Actor, name: string): Promise<void> {
  await changeWpcSettings(store, actor, () => ({ name }));
}

/** setDefaultRegion: profiles that name no region use it, and its gateway serves the regions that have none. */
export async function setDefaultRegion(store: Store, actor: Actor, region: string): Promise<void> {
  await changeWpcSettings(store, actor, async (change) => ({
    default_region: await requireRegion(change.trx, 'wpc/default-region', region),
  }));
}

type RetentionWish = { readonly [Kind in RetentionKind]?: number | undefined };

/** setRetention: what it leaves out stays. The next sweep deletes what is older, and nothing brings that back. */
export async function setRetention(store: Store, actor: Actor, wanted: RetentionWish): Promise<Retention> {
  return await inModelTransaction(store, actor, async (change) => {
    const { retention: chosen } = await readWpcSettings(change.trx);
    const before = retentionWith(chosen);
    // What is undefined is not in JSON.
    const kept = JSON.stringify({ ...chosen, ...wanted });
    const after = retentionWith({ ...before, ...wanted });
    if (retentionKinds.every((kind) => before[kind] === after[kind])) return before;
    await change.trx.updateTable('wpc').set({ retention: kept }).execute();
    change.record({
      entity: 'settings',
      entityId: 'wpc',
      action: 'updated',
      before: { retention: before },
      after: { retention: after },
    });
    return after;
  });
}

/** refuseOtherTopology accepts what is in force; the other one needs access groups. */
export function refuseOtherTopology(topology: string): void {
  if (topology === 'FULL_MESH') return;
  const why =
    topology === 'CUSTOM'
      ? 'is not available: it denies everything that no access group allows, and access groups do not exist yet'
      : 'is not a topology';
  throw notSupported('wpc/topology', topology, why, 'FULL_MESH');
}

/** setDefaultInternetAccess: what new networks (but internet gateways), hosts and groups get that say nothing themselves. */
export async function setDefaultInternetAccess(store: Store, actor: Actor, access: InternetAccess): Promise<void> {
  await changeWpcSettings(store, actor, () => ({ default_internet_access: access }));
}
