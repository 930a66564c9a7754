/**
 * src/controller/audit reads who did what. Entries are written by store/model-transaction.ts, in the transaction that does it.
 * Tests: `node --test 'src/controller/audit/*.test.ts'`.
 */
import type { AuditQuery } from '../../contract/api/audit.ts';
import type { Reader } from '../store/database.ts';
import type { Row } from '../store/schema.ts';

/** readAudit gives entries that match, newest first; one more than the limit where older ones follow. */
export async function readAudit(reader: Reader, query: AuditQuery): Promise<Row<'audit'>[]> {
  const { before, limit, entity, entityId, principal, action } = query;
  let rows = reader.selectFrom('audit').selectAll();
  if (before !== undefined) rows = rows.where('id', '<', before);
  if (entity !== undefined) rows = rows.where('entity', '=', entity);
  if (entityId !== undefined) rows = rows.where('entity_id', '=', entityId);
  if (action !== undefined) rows = rows.where('action', '=', action);
  if (principal !== undefined) {
    rows = rows.where((where) => where.or([where('principal_id', '=', principal), where('principal_kind', '=', principal)]));
  }
  return await rows
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}
