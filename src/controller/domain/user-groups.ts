import type { UserGroupRequest, UserGroupUpdate } from '../../contract/api/user-group.ts';
import type { SecondFactorDemand } from '../../contract/api/words.ts';
import { conflict, invalidInput, notFound } from '../../contract/errors.ts';
import type { PageQuery } from '../../contract/page.ts';
import type { ConnectAuth } from '../../core/connect-authentication.ts';
import type { RegionId, UserGroupId } from '../../core/ids.ts';
import { listRegions } from '../region/regions.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import type { InternetChoice } from './internet-choice.ts';
import { chooseInternet, defaultChoice } from './internet-choice.ts';
import type { ListPage } from './list-page.ts';
import { readPage } from './list-page.ts';
import { referredId } from './object-id.ts';
import { shownName } from './shown-name.ts';

/** UserGroupView is a user group. `regions` counts only where not all regions are included, but is kept as it was written. */
export type UserGroupView = {
  readonly id: UserGroupId;
  readonly name: string;
  readonly regions: readonly RegionId[];
  readonly allRegions: boolean;
  readonly internet: InternetChoice;
  readonly maxDevice: number;
  readonly connectAuth: ConnectAuth;
  readonly secondFactor: SecondFactorDemand;
};

export async function createUserGroup(change: Change, request: UserGroupRequest): Promise<UserGroupView> {
  const defaults = await change.trx.selectFrom('wpc').select(['device_allowance', 'connect_auth']).executeTakeFirstOrThrow();
  const regions = await checkRegions(change.trx, request.vpnRegionIds ?? []);
  const wanted = {
    name: request.name,
    regions,
    // Who names neither gets all: a group that may connect nowhere is nobody's wish.
    allRegions: request.allRegionsIncluded ?? regions.length === 0,
    internet: await chooseInternet(change.trx, request, await defaultChoice(change.trx)),
    maxDevice: request.maxDevice ?? defaults.device_allowance,
    connectAuth: request.connectAuth ?? defaults.connect_auth,
    secondFactor: request.secondFactor ?? 'OPTIONAL',
  };
  refuseNowhere(wanted);
  const { id } = await change.trx.insertInto('user_group').values(toRow(wanted)).returning('id').executeTakeFirstOrThrow();
  change.record({ entity: 'user-group', entityId: id, action: 'created', after: wanted });
  return { id, ...wanted };
}

/** updateUserGroup changes what is given. Fewer devices than users have cuts nobody off; it stops them from adding more. */
export async function updateUserGroup(change: Change, id: UserGroupId, update: UserGroupUpdate): Promise<UserGroupView> {
  const before = await readUserGroup(change.trx, id);
  const after: UserGroupView = {
    id,
    name: update.name ?? before.name,
    regions: update.vpnRegionIds === undefined ? before.regions : await checkRegions(change.trx, update.vpnRegionIds),
    allRegions: update.allRegionsIncluded ?? before.allRegions,
    internet: await chooseInternet(change.trx, update, before.internet),
    maxDevice: update.maxDevice ?? before.maxDevice,
    connectAuth: update.connectAuth ?? before.connectAuth,
    secondFactor: update.secondFactor ?? before.secondFactor,
  };
  refuseNowhere(after);
  if (JSON.stringify(toRow(after)) === JSON.stringify(toRow(before))) return before;
  await change.trx.updateTable('user_group').set(toRow(after)).where('id', '=', id).execute();
  change.record({ entity: 'user-group', entityId: id, action: 'updated', before, after });
  return after;
}

/** removeUserGroup deletes a group without users; the default group stays, because a user who names no group needs one. */
export async function removeUserGroup(change: Change, id: UserGroupId): Promise<void> {
  const before = await readUserGroup(change.trx, id);
  if (id === (await defaultUserGroup(change.trx))) {
    throw conflict(
      'user group',
      `The default user group ${shownName(before.name)} cannot be deleted: users who name no group join it.`,
    );
  }
  const { users } = await change.trx
    .selectFrom('app_user')
    .select(({ fn }) => fn.countAll<number>().as('users'))
    .where((where) => where.or([where('group_id', '=', id), where(where.val(id), '=', where.fn.any('secondary_group_ids'))]))
    .executeTakeFirstOrThrow();
  if (users > 0) {
    const message = `User group ${shownName(before.name)} still has ${String(users)} user${users === 1 ? '' : 's'}. Move them to another group first.`;
    throw conflict('user group', message, { users });
  }
  await change.trx.deleteFrom('user_group').where('id', '=', id).execute();
  change.record({ entity: 'user-group', entityId: id, action: 'deleted', before });
}

/** defaultUserGroup is the first one: it is made with the database and never deleted. */
export async function defaultUserGroup(reader: Reader): Promise<UserGroupId> {
  return (await reader.selectFrom('user_group').select('id').orderBy('number').limit(1).executeTakeFirstOrThrow()).id;
}

/** requireUserGroups turns ids of a body into groups that exist, in the order given; `field` names the one that does not. */
export async function requireUserGroups(
  reader: Reader,
  texts: readonly string[],
  field: (index: number) => string,
): Promise<UserGroupId[]> {
  const ids = texts.map((text) => referredId('user-group', text));
  const present = ids.filter((id) => id !== undefined);
  const rows =
    present.length === 0 ? [] : await reader.selectFrom('user_group').select('id').where('id', 'in', present).execute();
  const known = new Set(rows.map(({ id }) => id));
  return ids.map((id, index) => {
    if (id !== undefined && known.has(id)) return id;
    throw invalidInput(field(index), texts[index], 'is not the id of a user group', 'an id of GET /api/v1/user-groups');
  });
}

export async function readUserGroup(reader: Reader, id: UserGroupId): Promise<UserGroupView> {
  const row = await selectUserGroups(reader).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('user group', id);
  return toUserGroup(row);
}

export async function listUserGroups(reader: Reader, query: PageQuery): Promise<ListPage<UserGroupView>> {
  const count = reader.selectFrom('user_group').select(({ fn }) => fn.countAll<number>().as('total'));
  const { items: rows, total } = await readPage(query, selectUserGroups(reader), count);
  return { items: rows.map(toUserGroup), total };
}

/** selectUserGroups reads what toUserGroup takes, in the order of creation. */
export function selectUserGroups(reader: Reader) {
  return reader
    .selectFrom('user_group')
    .select([
      'id',
      'name',
      'regions',
      'all_regions_included',
      'internet_access',
      'gateways_ids',
      'tunnel_bypass',
      'max_device',
      'connect_auth',
      'second_factor',
    ])
    .orderBy('number');
}

type UserGroupRow = Awaited<ReturnType<ReturnType<typeof selectUserGroups>['executeTakeFirstOrThrow']>>;

/** toUserGroup makes a user group of its row. */
export function toUserGroup(row: UserGroupRow): UserGroupView {
  return {
    id: row.id,
    name: row.name,
    regions: row.regions,
    allRegions: row.all_regions_included,
    internet: { mode: row.internet_access, gateways: row.gateways_ids, bypass: row.tunnel_bypass },
    maxDevice: row.max_device,
    connectAuth: row.connect_auth,
    secondFactor: row.second_factor,
  };
}

function toRow(group: Omit<UserGroupView, 'id'>) {
  return {
    name: group.name,
    regions: [...group.regions],
    all_regions_included: group.allRegions,
    internet_access: group.internet.mode,
    gateways_ids: [...group.internet.gateways],
    tunnel_bypass: [...group.internet.bypass],
    max_device: group.maxDevice,
    connect_auth: group.connectAuth,
    second_factor: group.secondFactor,
  };
}

async function checkRegions(reader: Reader, texts: readonly string[]): Promise<RegionId[]> {
  if (texts.length === 0) return [];
  const regions = (await listRegions(reader)).map(({ id }) => id);
  return texts.map((text, index) => {
    const region = regions.find((id) => id === text);
    if (region !== undefined && texts.indexOf(text) === index) return region;
    const problem = region === undefined ? 'is not a region' : 'is given twice';
    throw invalidInput(`vpnRegionIds.${String(index)}`, text, problem, `each once of ${regions.join(', ')}`);
  });
}

function refuseNowhere(group: Pick<UserGroupView, 'regions' | 'allRegions'>): void {
  if (group.allRegions || group.regions.length > 0) return;
  const problem = 'leaves the group without any region to connect to';
  throw invalidInput('vpnRegionIds', [], problem, 'at least one region, or allRegionsIncluded: true');
}
