import { z } from 'zod';
import { pageResponse } from '../page.ts';
import { device } from './device.ts';
import { optionalChoice } from './fields.ts';
import type { AskedOf } from './list-query.ts';
import { listQuery } from './list-query.ts';
import { defineRoute } from './route.ts';
import { devicePlatforms } from './words.ts';

/** DeviceDetails is a device with what the vendor's shape cannot say. */
export const deviceDetails = device.extend({
  username: z.string(),
  /** Null: it was made by an administrator, who did not say. */
  platform: z.enum(devicePlatforms).nullable(),
  createdAt: z.iso.datetime(),
  /** Whether a profile of it can connect now. */
  hasProfile: z.boolean(),
  /** When the one ends that it connects by: a file cannot be renewed. Null: there is none. */
  profileEndsAt: z.iso.datetime().nullable(),
  /** When a tunnel of it was last up; null: never, or longer ago than sessions are kept (30 days). */
  lastConnectedAt: z.iso.datetime().nullable(),
});
export type DeviceDetails = z.infer<typeof deviceDetails>;

export const deviceSorts = ['name', 'user', 'address', 'state', 'platform', 'seen', 'profile'] as const;
/** Without a profile nothing can connect. */
export const deviceStates = ['online', 'offline', 'no-profile'] as const;

/** `q` looks in name, description, user and tunnel address. */
export const deviceListQuery = listQuery(deviceSorts, {
  state: optionalChoice(deviceStates),
  platform: optionalChoice(devicePlatforms),
});
export type DeviceListQuery = AskedOf<typeof deviceListQuery>;

export const deviceDetailsRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/devices',
    summary: 'List the devices of all users with what is not in the vendor shape',
    query: deviceListQuery,
    answer: pageResponse(deviceDetails),
  }),
  forgetMachine: defineRoute({
    method: 'PUT',
    path: '/api/causeway/v1/devices/:id/forget-machine',
    summary: 'Take a device from the machine that it belongs to, so that the next one is learnt',
    answer: device,
  }),
};
