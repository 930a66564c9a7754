import { auditRoutes } from '../../contract/api/audit.ts';
import type { RegisterRoutes } from '../deps.ts';
import { allowed, serve } from '../routes/serve.ts';
import { readAudit } from './audit-log.ts';

/** registerAudit: the audit trail, with the permission to read events. */
export const registerAudit: RegisterRoutes = (app, { store }) => {
  serve(app, auditRoutes.list, allowed('event:read'), async ({ query }) => {
    const rows = await readAudit(store.database, query);
    const shown = rows.slice(0, query.limit);
    return {
      entries: shown.map((row) => ({
        id: row.id,
        at: row.at.toISOString(),
        principalKind: row.principal_kind,
        principalId: row.principal_id,
        principalName: row.principal_name,
        sourceAddress: row.source_address,
        requestId: row.request_id,
        action: row.action,
        entity: row.entity,
        entityId: row.entity_id,
        before: asRecord(row.before),
        after: asRecord(row.after),
      })),
      next: rows.length > query.limit ? (shown.at(-1)?.id ?? null) : null,
    };
  });
};

function asRecord(value: object | null): Record<string, unknown> | null {
  return value === null ? null : { ...value };
}
