import { z } from 'zod';
import { optionalQuery } from './fields.ts';
import { defineRoute } from './route.ts';

/** Who did what to what, from where, and how it was before and after. Kept for 400 days. Holds no secrets. */
export const auditEntry = z.object({
  /** Grows with time; the cursor of `before`. */
  id: z.int(),
  at: z.iso.datetime(),
  /** `person`, `api-credential`, `local-root`, `one-time-link`, `anonymous`, … */
  principalKind: z.string(),
  principalId: z.string().nullable(),
  principalName: z.string(),
  sourceAddress: z.string().nullable(),
  requestId: z.string().nullable(),
  action: z.string(),
  entity: z.string(),
  entityId: z.string(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

const exactly = optionalQuery().refine((text) => text === undefined || text.length <= 200, {
  error: 'is too long; allowed: at most 200 characters',
});

export const auditQuery = z.object({
  /** Only entries before this one; left out: the newest. */
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  entity: exactly,
  entityId: exactly,
  /** The id of who did it, or a kind such as `local-root`. */
  principal: exactly,
  action: exactly,
});
export type AuditQuery = z.infer<typeof auditQuery>;

export const auditList = z.object({
  entries: z.array(auditEntry),
  /** What to pass as `before` next; null: these are the oldest. */
  next: z.int().nullable(),
});

export const auditRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/audit',
    summary: 'List who did what, newest first',
    query: auditQuery,
    answer: auditList,
  }),
};
