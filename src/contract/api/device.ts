import { z } from 'zod';
import { pageQuery, pageResponse } from '../page.ts';
import { descriptionText, optionalChoice, optionalQuery, optionalText, requiredText } from './fields.ts';
import { defineRoute } from './route.ts';
import { connectionStatuses } from './words.ts';

/** Limits of api.md 6. */
const maximumName = 32;
const maximumDescription = 120;

const description = descriptionText(maximumDescription);
const clientUUID = optionalText(120);
/** Ours: clients of the vendor's API send the tunnel address only in `devices` of a new user, where it asks for a fixed one. */
const ipV4Address = optionalText(60);

export const deviceRequest = z.object({ name: requiredText(maximumName), description, clientUUID, ipV4Address });
export type DeviceRequest = z.infer<typeof deviceRequest>;

/** What is not given stays. The tunnel address is read-only here: the client repeats the one that it read. */
export const deviceUpdate = z.object({ name: optionalText(maximumName), description, clientUUID });
export type DeviceUpdate = z.infer<typeof deviceUpdate>;

/**
 * `platform` is left out: documents make it an object and the Go client a string, so either breaks the other (api.md 1.9).
 * `ipV6Address` is left out: IP_V4_ONLY.
 */
export const device = z.object({
  id: z.string(),
  userId: z.string(),
  clientUUID: z.string(),
  name: z.string(),
  description: z.string(),
  ipV4Address: z.string(),
  connectionStatus: z.enum(connectionStatuses),
});
export type Device = z.infer<typeof device>;

/** `userId` may be left out of calls that name the device; where it is given, the device must be that user's. */
const userQuery = z.object({ userId: optionalQuery() });

export const deviceRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/v1/devices',
    summary: 'List the devices of all users or of one',
    query: pageQuery.extend(userQuery.shape),
    answer: pageResponse(device),
  }),
  create: defineRoute({
    method: 'POST',
    path: '/api/v1/devices',
    summary: 'Add a device to a user',
    query: userQuery,
    body: deviceRequest,
    status: 201,
    answer: device,
  }),
  read: defineRoute({
    method: 'GET',
    path: '/api/v1/devices/:id',
    summary: 'Read a device',
    query: userQuery,
    answer: device,
  }),
  update: defineRoute({
    method: 'PUT',
    path: '/api/v1/devices/:id',
    summary: 'Change a device',
    query: userQuery,
    body: deviceUpdate,
    answer: device,
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/api/v1/devices/:id',
    summary: 'Delete a device; its tunnel is cut and its certificates are revoked',
    dryRun: true,
    query: userQuery,
    answer: null,
  }),
  profile: defineRoute({
    method: 'POST',
    path: '/api/v1/devices/:id/profile',
    summary: 'Make a profile with a new key and certificate; earlier ones stay valid until they are revoked',
    // `signIn` is ours, for groups that ask at connect: `password` (where it is not said) works with every client, `page` with those that show pages.
    query: userQuery.extend({ regionId: optionalQuery(), signIn: optionalChoice(['password', 'page']) }),
    answer: 'text',
  }),
  revokeProfile: defineRoute({
    method: 'DELETE',
    path: '/api/v1/devices/:id/profile',
    summary: 'Revoke every profile of a device and cut its tunnel',
    dryRun: true,
    query: userQuery,
    answer: null,
  }),
};
