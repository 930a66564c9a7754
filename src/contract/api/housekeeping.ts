import { z } from 'zod';
import { defineRoute } from './route.ts';

/** How the installation keeps itself, and what it cannot mend by itself (docs/housekeeping.md). */

export const condition = z.object({
  /** Stable, for programs; the same as in the problems of status. */
  code: z.string(),
  /** How far it has come: `30 days`, `7 days`, `1 days`, `ended` for what ends; otherwise often empty. */
  level: z.string(),
  /** What it is about: a device, a connector, or the installation. */
  entity: z.string(),
  entityId: z.string(),
  message: z.string(),
  since: z.iso.datetime(),
});
export type ConditionAnswer = z.infer<typeof condition>;

export const housekeeping = z.object({
  conditions: z.array(condition),
  /** File systems of the controller's machine; inodes are 0 of 0 where the file system makes them as needed. */
  disks: z.array(
    z.object({
      path: z.string(),
      freeBytes: z.number(),
      bytes: z.number(),
      freeInodes: z.number(),
      inodes: z.number(),
      level: z.enum(['enough', 'low', 'full']),
    }),
  ),
  database: z.object({
    bytes: z.number(),
    /** The largest first, with indexes; `rows` is an estimate. */
    tables: z.array(z.object({ name: z.string(), bytes: z.number(), rows: z.number() })),
  }),
  /** Of the last sweep; null before the first one. */
  sweptAt: z.iso.datetime().nullable(),
});
export type Housekeeping = z.infer<typeof housekeeping>;

export const housekeepingRoutes = {
  read: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/housekeeping',
    summary: 'Read what does not mend itself, the room on the disks and what the database holds',
    answer: housekeeping,
  }),
};
