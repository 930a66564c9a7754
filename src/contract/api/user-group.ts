import { z } from 'zod';
import { connectAuths } from '../../core/connect-authentication.ts';
import { pageQuery, pageResponse } from '../page.ts';
import {
  maximumNameLength,
  optionalChoice,
  optionalCount,
  optionalFlag,
  optionalList,
  optionalText,
  requiredText,
} from './fields.ts';
import { defineRoute } from './route.ts';
import { internetAccessModes, secondFactorDemands } from './words.ts';

const fields = {
  vpnRegionIds: optionalList(z.string()),
  internetAccess: optionalChoice(internetAccessModes),
  maxDevice: optionalCount(1, 1_000),
  connectAuth: optionalChoice(connectAuths),
  secondFactor: optionalChoice(secondFactorDemands),
  allRegionsIncluded: optionalFlag(),
  gatewaysIds: optionalList(z.string()),
  tunnelBypass: z
    .object({ ipv4Subnets: optionalList(z.string()) })
    .nullish()
    .transform((value) => value ?? undefined),
};

export const userGroupRequest = z.object({ ...fields, name: requiredText(maximumNameLength) });
export type UserGroupRequest = z.infer<typeof userGroupRequest>;

/** What is not given stays. */
export const userGroupUpdate = z.object({ ...fields, name: optionalText(maximumNameLength) });
export type UserGroupUpdate = z.infer<typeof userGroupUpdate>;

export const userGroup = z.object({
  id: z.string(),
  name: z.string(),
  vpnRegionIds: z.array(z.string()),
  allRegionsIncluded: z.boolean(),
  internetAccess: z.enum(internetAccessModes),
  maxDevice: z.int(),
  connectAuth: z.enum(connectAuths),
  /** Ours. REQUIRED: whoever of the group has no second factor can do nothing in the portal but add one. */
  secondFactor: z.enum(secondFactorDemands),
  systemSubnets: z.array(z.string()),
  gatewaysIds: z.array(z.string()),
  tunnelBypass: z.object({ ipv4Subnets: z.array(z.string()) }),
});
export type UserGroup = z.infer<typeof userGroup>;

export const userGroupRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/v1/user-groups',
    summary: 'List user groups',
    query: pageQuery,
    answer: pageResponse(userGroup),
  }),
  create: defineRoute({
    method: 'POST',
    path: '/api/v1/user-groups',
    summary: 'Create a user group',
    body: userGroupRequest,
    answer: userGroup,
  }),
  read: defineRoute({ method: 'GET', path: '/api/v1/user-groups/:id', summary: 'Read a user group', answer: userGroup }),
  update: defineRoute({
    method: 'PUT',
    path: '/api/v1/user-groups/:id',
    summary: 'Change a user group',
    dryRun: true,
    body: userGroupUpdate,
    answer: userGroup,
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/api/v1/user-groups/:id',
    summary: 'Delete a user group that has no users',
    dryRun: true,
    answer: null,
  }),
};
