import { isMailAddress } from '../../contract/api/mail.ts';
import type { UserRequest, UserUpdate } from '../../contract/api/user.ts';
import { invalidInput } from '../../contract/errors.ts';
import type { UserGroupId, UserId } from '../../core/ids.ts';
import type { ModelTrx } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import type { UserStatus } from '../store/schema.ts';
import { addDevices, recordDeviceGone } from './devices.ts';
import { keepAnOwner, requireAuthorityOver, requireRoleChange } from './role-rules.ts';
import { shownName } from './shown-name.ts';
import { defaultUserGroup, requireUserGroups } from './user-groups.ts';
import type { UserView } from './user-view.ts';
import { readUser } from './user-view.ts';

/**
 * createUser makes a person, with devices if they are given. Who has a mail address is INVITED until activated, anybody else ACTIVE at
 * once; both may connect with a profile. To sign in a user needs an invitation (identity/invitations.ts).
 */
export async function createUser(change: Change, request: UserRequest): Promise<UserView> {
  const { trx } = change;
  await refuseTakenName(trx, request.username);
  refuseMail(request.email);
  await requireRoleChange(trx, change.actor, { person: undefined, before: 'MEMBER', after: request.role ?? 'MEMBER' });
  const [group = await defaultUserGroup(trx)] = await requireUserGroups(trx, listOf(request.groupId), () => 'groupId');
  const values = {
    username: request.username,
    first_name: request.firstName ?? '',
    last_name: request.lastName ?? '',
    email: request.email ?? '',
    group_id: group,
    secondary_group_ids: await secondaryGroups(trx, request.secondaryGroupIds, group),
    role: request.role ?? 'MEMBER',
    status: request.status ?? (request.email === undefined ? 'ACTIVE' : 'INVITED'),
  };
  const { id } = await trx.insertInto('app_user').values(values).returning('id').executeTakeFirstOrThrow();
  change.record({ entity: 'user', entityId: id, action: 'created', after: values });
  await addDevices(change, id, request.devices ?? [], (index) => `devices.${String(index)}.`);
  return readUser(trx, id);
}

/** createOwner makes the first person of an installation (identity/set-up.ts): whoever holds its link has no role that could give this one. */
export async function createOwner(change: Change, email: string): Promise<UserId> {
  const { trx } = change;
  refuseMail(email);
  await refuseTakenName(trx, email, 'email');
  const values = { username: email, email, group_id: await defaultUserGroup(trx), role: 'OWNER', status: 'ACTIVE' } as const;
  const { id } = await trx.insertInto('app_user').values(values).returning('id').executeTakeFirstOrThrow();
  change.record({ entity: 'user', entityId: id, action: 'created', after: values });
  return id;
}

/** updateUser changes what is given. */
export async function updateUser(change: Change, id: UserId, update: UserUpdate): Promise<UserView> {
  const { trx } = change;
  const before = await readUser(trx, id);
  if (update.username !== undefined && update.username !== before.username) {
    throw invalidInput('username', update.username, 'cannot replace the user name, which is for ever', before.username);
  }
  refuseMail(update.email);
  await requireAuthorityOver(trx, change.actor, before.role);
  await requireRoleChange(trx, change.actor, { person: id, before: before.role, after: update.role ?? before.role });
  if (update.status === 'INVITED' && before.status !== 'INVITED') {
    throw invalidInput('status', update.status, `cannot follow ${before.status}`, 'ACTIVE, SUSPENDED');
  }
  const [group = before.group] = await requireUserGroups(trx, listOf(update.groupId), () => 'groupId');
  const after: UserView = {
    ...before,
    firstName: update.firstName ?? before.firstName,
    lastName: update.lastName ?? before.lastName,
    email: update.email ?? before.email,
    group,
    secondaryGroups:
      update.secondaryGroupIds === undefined
        ? // Who is moved into one of them has it as the first one, and not twice.
          before.secondaryGroups.filter((each) => each !== group)
        : await secondaryGroups(trx, update.secondaryGroupIds, group),
    role: update.role ?? before.role,
    status: update.status ?? before.status,
  };
  return writeChanges(change, before, after, 'updated');
}

/** setUserStatus suspends a user, whose devices are cut off and refused and whose sessions end, or activates one. Doing it twice changes nothing. */
export async function setUserStatus(
  change: Change,
  id: UserId,
  status: Extract<UserStatus, 'ACTIVE' | 'SUSPENDED'>,
): Promise<UserView> {
  const before = await readUser(change.trx, id);
  await requireAuthorityOver(change.trx, change.actor, before.role);
  return writeChanges(change, before, { ...before, status }, status === 'ACTIVE' ? 'activated' : 'suspended');
}

/** removeUser deletes a person with all devices, whose certificates are revoked and whose addresses rest (foreign keys). */
export async function removeUser(change: Change, id: UserId): Promise<void> {
  const { devices, ...before } = await readUser(change.trx, id);
  await requireAuthorityOver(change.trx, change.actor, before.role);
  if (isOwner(before)) await keepAnOwner(change.trx, change.actor, id);
  await change.trx.deleteFrom('app_user').where('id', '=', id).execute();
  for (const device of devices) recordDeviceGone(change, device);
  change.record({ entity: 'user', entityId: id, action: 'deleted', before });
}

async function writeChanges(change: Change, before: UserView, after: UserView, action: string): Promise<UserView> {
  const [was, is] = [toRow(before), toRow(after)];
  if (JSON.stringify(was) === JSON.stringify(is)) return before;
  if (isOwner(before) && !isOwner(after)) await keepAnOwner(change.trx, change.actor, before.id);
  await change.trx.updateTable('app_user').set(is).where('id', '=', before.id).execute();
  change.record({ entity: 'user', entityId: before.id, action, before: was, after: is });
  return after;
}

function toRow(user: UserView) {
  return {
    first_name: user.firstName,
    last_name: user.lastName,
    email: user.email,
    group_id: user.group,
    secondary_group_ids: [...user.secondaryGroups],
    role: user.role,
    status: user.status,
  };
}

async function secondaryGroups(
  trx: ModelTrx,
  texts: readonly string[] | undefined,
  primary: UserGroupId,
): Promise<UserGroupId[]> {
  const groups = await requireUserGroups(trx, texts ?? [], (index) => `secondaryGroupIds.${String(index)}`);
  for (const [index, group] of groups.entries()) {
    if (group !== primary && groups.indexOf(group) === index) continue;
    const problem = group === primary ? 'is already the primary group' : 'is given twice';
    throw invalidInput(`secondaryGroupIds.${String(index)}`, group, problem, 'each further group once');
  }
  return groups;
}

async function refuseTakenName(trx: ModelTrx, username: string, field = 'username'): Promise<void> {
  const other = await trx
    .selectFrom('app_user')
    .select('username')
    .where((where) => where(where.fn('lower', ['username']), '=', where.fn('lower', [where.val(username)])))
    .executeTakeFirst();
  if (other !== undefined) {
    throw invalidInput(
      field,
      username,
      `is taken by user ${shownName(other.username)}`,
      'a name that no other user has, upper and lower case alike',
    );
  }
}

function refuseMail(email: string | undefined): void {
  if (email === undefined || isMailAddress(email)) return;
  throw invalidInput('email', email, 'is not a mail address', 'an address such as bob+vpn@example.com, or none');
}

function isOwner({ role, status }: Pick<UserView, 'role' | 'status'>): boolean {
  return role === 'OWNER' && status === 'ACTIVE';
}

function listOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text];
}
