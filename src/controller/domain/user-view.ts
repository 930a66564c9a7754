import { notFound } from '../../contract/errors.ts';
import type { UserListQuery } from '../../contract/api/user.ts';
import type { UserGroupId, UserId } from '../../core/ids.ts';
import type { Reader } from '../store/database.ts';
import type { UserRole, UserStatus } from '../store/schema.ts';
import type { DeviceView } from './device-view.ts';
import { devicesOf } from './device-view.ts';
import type { ListPage } from './list-page.ts';
import { readSortedPage } from './sorted-page.ts';
import { userConditions, userOrders } from './user-terms.ts';

/** UserView is a person with the person's devices. */
export type UserView = {
  readonly id: UserId;
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly group: UserGroupId;
  readonly secondaryGroups: readonly UserGroupId[];
  readonly role: UserRole;
  readonly status: UserStatus;
  readonly devices: readonly DeviceView[];
};

export async function readUser(reader: Reader, id: UserId): Promise<UserView> {
  const row = await select(reader).where('id', '=', id).executeTakeFirst();
  const [view] = row === undefined ? [] : await withDevices(reader, [row]);
  if (view === undefined) throw notFound('user', id);
  return view;
}

/** listUsers takes at most three queries, however many users the page has. */
export async function listUsers(reader: Reader, query: UserListQuery): Promise<ListPage<UserView>> {
  const { items, total } = await readSortedPage(query, select(reader).where(userConditions(query)), userOrders, 'app_user');
  return { items: await withDevices(reader, items), total };
}

function select(reader: Reader) {
  return reader
    .selectFrom('app_user')
    .select(['id', 'username', 'first_name', 'last_name', 'email', 'group_id', 'secondary_group_ids', 'role', 'status'])
    .orderBy('number');
}

type UserRow = Awaited<ReturnType<ReturnType<typeof select>['executeTakeFirstOrThrow']>>;

async function withDevices(reader: Reader, rows: readonly UserRow[]): Promise<UserView[]> {
  const devices = Map.groupBy(
    await devicesOf(
      reader,
      rows.map(({ id }) => id),
    ),
    ({ user }) => user,
  );
  return rows.map((row) => ({
    id: row.id,
    username: row.username,
    firstName: row.first_name,
    lastName: row.last_name,
    email: row.email,
    group: row.group_id,
    secondaryGroups: row.secondary_group_ids,
    role: row.role,
    status: row.status,
    devices: devices.get(row.id) ?? [],
  }));
}
