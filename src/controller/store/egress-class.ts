import { conflict } from '../../contract/errors.ts';
import { assignEgressClasses, egressClassKey, mostEgressClasses } from '../../core/egress-classes.ts';
import type { ModelTrx } from './database.ts';
import { internetOf } from './read-sites.ts';

/**
 * assignEgressNumbers gives a number to every choice of internet gateways that somebody has, and takes those away that nobody has any
 * more. Called at the end of every model transaction; writes only what differs. Throws conflict when numbers run out.
 */
export async function assignEgressNumbers(trx: ModelTrx): Promise<void> {
  const choices = await trx
    .selectFrom('user_group')
    .select(['internet_access', 'gateways_ids'])
    .unionAll(trx.selectFrom('network').select(['internet_access', 'gateways_ids']))
    .unionAll(trx.selectFrom('host').select(['internet_access', 'gateways_ids']))
    .execute();
  const keys = choices.flatMap(
    ({ internet_access, gateways_ids }) => egressClassKey(internetOf(internet_access, gateways_ids, [])) ?? [],
  );
  const different = new Set(keys).size;
  if (different > mostEgressClasses) {
    throw conflict(
      'gatewaysIds',
      `There would be ${String(different)} different choices of internet gateways, and ${String(mostEgressClasses)} are possible. Give some user groups, networks or hosts the same gatewaysIds.`,
    );
  }
  const held = await trx.selectFrom('egress_class').selectAll().execute();
  const assigned = assignEgressClasses(Object.fromEntries(held.map(({ key, number }) => [key, number])), keys.toSorted());
  const gone = held.filter(({ key }) => assigned[key] === undefined).map(({ key }) => key);
  if (gone.length > 0) await trx.deleteFrom('egress_class').where('key', 'in', gone).execute();
  const known = new Set(held.map(({ key }) => key));
  const added = Object.entries(assigned).filter(([key]) => !known.has(key));
  if (added.length > 0) {
    await trx
      .insertInto('egress_class')
      .values(added.map(([key, number]) => ({ key, number })))
      .execute();
  }
}
