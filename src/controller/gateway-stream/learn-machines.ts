import { sql } from 'kysely';
import type { SessionReport } from '../../contract/gateway.ts';
import { canonicalMachine } from '../../core/device-identity.ts';
import type { DeviceId } from '../../core/ids.ts';
import type { Actor } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { Store } from '../store/store.ts';

type Learnt = { readonly device: DeviceId; readonly machine: string };
/** What a session says of the machine that it began on. */
type Said = Learnt & { readonly startedAt: string };

/**
 * learnMachines notes, where the setting is LEARN_AND_ENFORCE, which machine a device's first tunnel came from (core/device-identity.ts); from
 * then on gateways let no other one in. Where it was forgotten, it is learnt only from a tunnel that came up since. Of two that say so at once the
 * one that is reported first stays, and the other is cut. One query where nothing is to be learnt, none where no device of the report says
 * anything. Learning the same again changes nothing.
 */
export async function learnMachines(store: Store, actor: Actor, sessions: readonly SessionReport[]): Promise<void> {
  const said = sessions.flatMap(({ endpoint, state, machine, startedAt }): Said[] => {
    const name = machine === undefined ? '' : canonicalMachine(machine);
    if (state !== 'established' || name === '' || !endpoint.startsWith('device:')) return [];
    return [{ device: endpoint.slice('device:'.length) as DeviceId, machine: name, startedAt }];
  });
  if (said.length === 0 || (await toLearn(store.database, said)).length === 0) return;
  await inModelTransaction(store, actor, async ({ trx, record }) => {
    // Read again under the model's lock: the setting may have changed, and another gateway may have been first.
    const learnt = await toLearn(trx, said);
    await sql`update device set client_uuid = learnt.machine
      from json_to_recordset(${JSON.stringify(learnt)}::json) as learnt (device uuid, machine text)
      where device.id = learnt.device`.execute(trx);
    for (const { device, machine } of learnt) {
      record({ entity: 'device', entityId: device, action: 'machine-learnt', after: { clientUuid: machine } });
    }
  });
}

/** Of two words for one device in one report the first counts. */
async function toLearn(reader: Reader, said: readonly Said[]): Promise<readonly Learnt[]> {
  const { rows } = await sql<Learnt>`
    select distinct on (device.id) device.id as device, said.machine
    from json_to_recordset(${JSON.stringify(said.map((each, index) => ({ ...each, index })))}::json)
      as said (device uuid, machine text, "startedAt" timestamptz, index int)
    join device on device.id = said.device and device.client_uuid = ''
      and said."startedAt" > coalesce(device.machine_forgotten_at, '-infinity')
    where (select device_enforcement from wpc) = 'LEARN_AND_ENFORCE'
    order by device.id, said.index`.execute(reader);
  return rows;
}
