import { z } from 'zod';
import { optionalQuery, requiredText } from './fields.ts';
import { defineRoute } from './route.ts';
import { connectionStatuses, devicePlatforms } from './words.ts';

/** What signed-in people do with their own devices, whatever their role. Devices of others do not exist here (404). */

/** The limit of api.md 6. */
const deviceName = requiredText(32);

export const ownDevice = z.object({
  id: z.string(),
  name: z.string(),
  /** Null: it was made by an administrator, who did not say. */
  platform: z.enum(devicePlatforms).nullable(),
  ipV4Address: z.string(),
  connectionStatus: z.enum(connectionStatuses),
  createdAt: z.iso.datetime(),
  /** Whether a profile of it can connect now. */
  hasProfile: z.boolean(),
  /** When the one ends that it connects by: a file cannot be renewed. Null: there is none. */
  profileEndsAt: z.iso.datetime().nullable(),
  /** When a tunnel of it was last up; null: never, or longer ago than sessions are kept (30 days). */
  lastConnectedAt: z.iso.datetime().nullable(),
});
export type OwnDevice = z.infer<typeof ownDevice>;

export const ownDevices = z.object({
  devices: z.array(ownDevice),
  /** How many the person may have. */
  allowance: z.int(),
  /** MANUAL: administrators make devices and hand out profiles. */
  distribution: z.enum(['AUTOMATIC', 'MANUAL']),
});

/** OwnRegion is a place that a profile can lead to: of several regions that one gateway serves, one. */
export const ownRegion = z.object({
  id: z.string(),
  name: z.string(),
  country: z.string(),
  countryIso: z.string(),
  /** The region whose gateway serves it; another one than `id` where it has none of its own. */
  servedBy: z.string(),
  /** Where profiles lead that name no region. */
  isDefault: z.boolean(),
  /**
   * A browser measures the time of a GET of it, in the middle of several, after one that opens the connection: the way to the machine of that
   * gateway and back over HTTPS. Null: that machine answers no HTTPS of ours.
   */
  latencyUrl: z.url().nullable(),
});
export type OwnRegion = z.infer<typeof ownRegion>;

export const reachableNetwork = z.object({ name: z.string(), prefixes: z.array(z.string()) });
export const reachableHost = z.object({ name: z.string(), addresses: z.array(z.string()) });

/** What the person's devices may reach in the WPC. Whether it answers now is another question. */
export const ownReach = z.object({
  networks: z.array(reachableNetwork),
  hosts: z.array(reachableHost),
  /** Other people's devices, at their tunnel addresses. */
  reachesDevices: z.boolean(),
  internet: z.enum(['local', 'internet-gateways', 'blocked']),
});
export type OwnReach = z.infer<typeof ownReach>;

export const profileLink = z.object({
  /** Downloads the profile, without signing in. A secret. */
  url: z.url(),
  /** The same for OpenVPN Connect: opening it imports the profile. */
  importUrl: z.string(),
  expiresAt: z.iso.datetime(),
});
export type ProfileLink = z.infer<typeof profileLink>;

const regionQuery = z.object({ regionId: optionalQuery() });

export const ownDeviceRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/me/devices',
    summary: 'List the own devices',
    answer: ownDevices,
  }),
  create: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/me/devices',
    summary: 'Add an own device',
    body: z.object({ name: deviceName, platform: z.enum(devicePlatforms) }),
    status: 201,
    answer: ownDevice,
  }),
  update: defineRoute({
    method: 'PATCH',
    path: '/api/causeway/v1/me/devices/:id',
    summary: 'Rename an own device',
    body: z.object({ name: deviceName }),
    answer: ownDevice,
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/api/causeway/v1/me/devices/:id',
    summary: 'Remove an own device; its tunnel is cut and its profiles never work again',
    answer: null,
  }),
  profile: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/me/devices/:id/profile',
    summary: 'Make a profile with a new key and certificate for an own device',
    query: regionQuery,
    answer: 'text',
  }),
  profileLink: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/me/devices/:id/profile-link',
    summary: 'Make a link by which a client fetches a profile within 10 minutes; voids the one before',
    query: regionQuery,
    answer: profileLink,
  }),
  regions: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/me/regions',
    summary: 'List the regions that the own profiles can lead to',
    answer: z.array(ownRegion),
  }),
  reach: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/me/reach',
    summary: 'Read what the own devices may reach',
    answer: ownReach,
  }),
};

/** Fetched by clients, which do not sign in. HEAD changes nothing. */
export const profileDownloadPath = '/profile/:token';
