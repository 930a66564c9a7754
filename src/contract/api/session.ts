import { z } from 'zod';
import { cursorQuery } from '../page.ts';
import { optionalQuery } from './fields.ts';
import { defineRoute } from './route.ts';
import { connectionStatuses } from './words.ts';

export const sessionStatuses = ['ACTIVE', 'COMPLETED', 'FAILED'] as const;

const instant = optionalQuery()
  .refine((text) => text === undefined || z.iso.datetime({ offset: true }).safeParse(text).success, {
    error: 'is not allowed; allowed: an instant such as 2026-01-31T00:00:00Z',
    abort: true,
  })
  .transform((text) => (text === undefined ? undefined : new Date(text)));

/** The cursor style of api.md 3. Start is inclusive, end exclusive, neither older than 30 days (checked against the clock in the domain). */
export const sessionQuery = cursorQuery.extend({
  cursor: optionalQuery(),
  startDate: instant,
  endDate: instant,
  status: z
    .union([z.enum(sessionStatuses), z.literal('')], { error: `is not allowed; allowed: ${sessionStatuses.join(', ')}` })
    .optional()
    .transform((value) => (value === '' ? undefined : value)),
  returnOnlyNew: z
    .enum(['true', 'false'])
    .optional()
    .transform((value) => value === 'true'),
});
export type SessionQuery = z.infer<typeof sessionQuery>;

export const session = z.object({
  sessionId: z.string(),
  /** Empty for a connector's session, as are deviceId and the names that it does not have. */
  userId: z.string(),
  deviceId: z.string(),
  regionId: z.string(),
  bytesIn: z.int(),
  bytesOut: z.int(),
  connectorName: z.string(),
  userName: z.string(),
  deviceName: z.string(),
  clientIp: z.string(),
  startDateTime: z.string(),
  vpnIpv4: z.string(),
  networkName: z.string(),
  regionName: z.string(),
  connectionStatus: z.enum(connectionStatuses),
});
export type Session = z.infer<typeof session>;

/** nextCursor is absent at the end. */
export const sessionList = z.object({ sessions: z.array(session), nextCursor: z.string().optional() });
export type SessionList = z.infer<typeof sessionList>;

export const sessionRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/v1/sessions',
    summary: 'List tunnels of the last 30 days, newest first',
    query: sessionQuery,
    answer: sessionList,
  }),
};
