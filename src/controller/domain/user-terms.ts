import type { RawBuilder, SqlBool } from 'kysely';
import { sql } from 'kysely';
import type { UserListQuery, userSorts } from '../../contract/api/user.ts';
import type { Orders } from './list-terms.ts';
import { all, hasId, matching, natural } from './list-terms.ts';
import { hasLiveSession } from './live-session.ts';

const username = sql<string>`app_user.username`;
const name = sql<string>`trim(app_user.first_name || ' ' || app_user.last_name)`;
const email = sql<string>`app_user.email`;
const groupName = sql<string>`(select name from user_group where user_group.id = app_user.group_id)`;
const online = sql<SqlBool>`exists (select from device where device.user_id = app_user.id and ${hasLiveSession('device')})`;

/** userOrders is by what users are sorted; `group` is the first one. */
export const userOrders: Orders<(typeof userSorts)[number]> = {
  username: natural(username),
  name: natural(name),
  email: natural(email),
  group: natural(groupName),
  role: sql`app_user.role`,
  status: sql`app_user.status`,
  devices: sql`(select count(*) from device where device.user_id = app_user.id)`,
};

/** userConditions is which users a request asks for. */
export function userConditions({ q, id, role, status, group, state, username: called }: UserListQuery): RawBuilder<SqlBool> {
  return all([
    hasId(sql`app_user.id`, id),
    matching([username, name, email, groupName], q),
    ...(called === undefined ? [] : [sql<SqlBool>`lower(app_user.username) = lower(${called})`]),
    ...(role === undefined ? [] : [sql<SqlBool>`app_user.role = ${role}`]),
    ...(status === undefined ? [] : [sql<SqlBool>`app_user.status = ${status}`]),
    // As text: what is no id is the id of no group.
    ...(group === undefined
      ? []
      : [sql<SqlBool>`(app_user.group_id::text = ${group} or ${group} = any (app_user.secondary_group_ids::text[]))`]),
    ...(state === undefined ? [] : [state === 'online' ? online : sql<SqlBool>`not ${online}`]),
  ]);
}
