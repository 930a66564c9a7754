import { z } from 'zod';
import { pageResponse } from '../page.ts';
import { device, deviceRequest } from './device.ts';
import { optionalChoice, optionalList, optionalQuery, optionalText, requiredText } from './fields.ts';
import type { AskedOf } from './list-query.ts';
import { listQuery } from './list-query.ts';
import { defineRoute } from './route.ts';
import { connectionStatuses, userRoles, userStatuses } from './words.ts';

/** Limits of api.md 6. */
const maximumUsername = 120;
const maximumPersonName = 20;

const fields = {
  firstName: optionalText(maximumPersonName),
  lastName: optionalText(maximumPersonName),
  email: optionalText(maximumUsername),
  groupId: optionalText(100),
  secondaryGroupIds: optionalList(z.string()),
  role: optionalChoice(userRoles),
  status: optionalChoice(userStatuses),
};

/** Without a group the user joins the default group; `devices` are created with the user. */
export const userRequest = z.object({ ...fields, username: requiredText(maximumUsername), devices: optionalList(deviceRequest) });
export type UserRequest = z.infer<typeof userRequest>;

/** What is not given stays. A user name is for ever: another one is refused, the same or none is taken. */
export const userUpdate = z.object({ ...fields, username: optionalText(maximumUsername) });
export type UserUpdate = z.infer<typeof userUpdate>;

export const user = z.object({
  id: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  username: z.string(),
  email: z.string(),
  groupId: z.string(),
  secondaryGroupIds: z.array(z.string()),
  status: z.enum(userStatuses),
  authType: z.literal('INTERNAL'),
  role: z.enum(userRoles),
  devices: z.array(device),
  connectionStatus: z.enum(connectionStatuses),
  licensed: z.boolean(),
});
export type User = z.infer<typeof user>;

export const userSorts = ['username', 'name', 'email', 'group', 'role', 'status', 'devices'] as const;

/** Ours: `q` looks in user name, name, mail address and the name of the group. `group` is the id of the first or of a further one. */
export const userListQuery = listQuery(userSorts, {
  role: optionalChoice(userRoles),
  status: optionalChoice(userStatuses),
  group: optionalQuery(),
  /** Exactly this one, whatever its case. */
  username: optionalQuery(),
  state: optionalChoice(['online', 'offline']),
});
export type UserListQuery = AskedOf<typeof userListQuery>;

export const userRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/v1/users',
    summary: 'List users with their devices',
    query: userListQuery,
    answer: pageResponse(user),
  }),
  create: defineRoute({
    method: 'POST',
    path: '/api/v1/users',
    summary: 'Create a user, with devices if they are given',
    body: userRequest,
    answer: user,
  }),
  read: defineRoute({ method: 'GET', path: '/api/v1/users/:id', summary: 'Read a user', answer: user }),
  update: defineRoute({
    method: 'PUT',
    path: '/api/v1/users/:id',
    summary: 'Change a user; devices stay',
    dryRun: true,
    body: userUpdate,
    answer: user,
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/api/v1/users/:id',
    summary: 'Delete a user with all devices; their tunnels are cut',
    dryRun: true,
    answer: null,
  }),
  activate: defineRoute({
    method: 'PUT',
    path: '/api/v1/users/:id/activate',
    summary: 'Let the devices of a suspended user connect again',
    dryRun: true,
    answer: user,
  }),
  suspend: defineRoute({
    method: 'PUT',
    path: '/api/v1/users/:id/suspend',
    summary: 'Cut the devices of a user off and refuse them until the user is activated',
    dryRun: true,
    answer: user,
  }),
};
