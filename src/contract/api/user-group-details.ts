import { z } from 'zod';
import { pageResponse } from '../page.ts';
import type { AskedOf } from './list-query.ts';
import { listQuery } from './list-query.ts';
import { defineRoute } from './route.ts';
import { userGroup } from './user-group.ts';

/** UserGroupDetails is a user group with what the vendor's shape cannot say. */
export const userGroupDetails = userGroup.extend({
  /** How many people are in it, by their first or a further group. */
  members: z.int(),
  /** Users who name no group join it, and it cannot be deleted. */
  isDefault: z.boolean(),
});
export type UserGroupDetails = z.infer<typeof userGroupDetails>;

export const userGroupSorts = ['name', 'members', 'internet', 'auth', 'regions', 'devices'] as const;

/** `q` looks in the name. */
export const userGroupListQuery = listQuery(userGroupSorts, {});
export type UserGroupListQuery = AskedOf<typeof userGroupListQuery>;

export const userGroupDetailsRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/user-groups',
    summary: 'List the user groups with how many people each has',
    query: userGroupListQuery,
    answer: pageResponse(userGroupDetails),
  }),
};
