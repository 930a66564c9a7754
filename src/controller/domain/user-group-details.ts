import { sql } from 'kysely';
import type { UserGroupListQuery, userGroupSorts } from '../../contract/api/user-group-details.ts';
import type { Reader } from '../store/database.ts';
import type { ListPage } from './list-page.ts';
import type { Orders } from './list-terms.ts';
import { all, hasId, matching, natural } from './list-terms.ts';
import { readSortedPage } from './sorted-page.ts';
import type { UserGroupView } from './user-groups.ts';
import { selectUserGroups, toUserGroup } from './user-groups.ts';

/** UserGroupDetailsView is a user group with what administrators see of it beside the vendor's fields. */
export type UserGroupDetailsView = UserGroupView & { readonly members: number; readonly isDefault: boolean };

/** By the first or a further group; who has it as both counts once. */
const members = sql<number>`(select count(*) from app_user
  where app_user.group_id = user_group.id or user_group.id = any (app_user.secondary_group_ids))`;

const orders: Orders<(typeof userGroupSorts)[number]> = {
  name: natural(sql`user_group.name`),
  members,
  internet: sql`user_group.internet_access`,
  auth: sql`user_group.connect_auth`,
  // All of them come first, as the longest list does not.
  regions: sql`case when user_group.all_regions_included then '' else array_to_string(user_group.regions, ', ') end`,
  devices: sql`user_group.max_device`,
};

/** listUserGroupDetails takes at most two queries, however many groups the page has. */
export async function listUserGroupDetails(reader: Reader, query: UserGroupListQuery): Promise<ListPage<UserGroupDetailsView>> {
  const where = all([hasId(sql`user_group.id`, query.id), matching([sql`user_group.name`], query.q)]);
  const rows = selectUserGroups(reader)
    .select([
      members.as('members'),
      // The default group is the first one (defaultUserGroup).
      sql<boolean>`user_group.number = (select min(number) from user_group)`.as('is_default'),
    ])
    .where(where);
  const { items, total } = await readSortedPage(query, rows, orders, 'user_group');
  return {
    items: items.map((row) => ({ ...toUserGroup(row), members: row.members, isDefault: row.is_default })),
    total,
  };
}
