import { sql } from 'kysely';
import { isObjectId } from '../domain/object-id.ts';
import type { Reader } from '../store/database.ts';

/** ObjectName is what an object is called, and the network that it belongs to. */
export type ObjectName = { readonly name: string; readonly networkId: string | null };

/** readObjectNames finds what is there still, by id, with one query. */
export async function readObjectNames(
  reader: Reader,
  objects: readonly { readonly entity: string; readonly id: string }[],
): Promise<ReadonlyMap<string, ObjectName>> {
  const ids = [...new Set(objects.map(({ id }) => id).filter(isObjectId))];
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; name: string; network_id: string | null }>`
    with wanted as (select unnest(${ids}::uuid[]) as id)
    select id, name, id as network_id from network join wanted using (id)
    union all select id, name, null from host join wanted using (id)
    union all select id, name, network_id from connector join wanted using (id)
    union all select network_route.id, prefix::text, network_id from network_route join wanted using (id)
    union all select id, name, null from user_group join wanted using (id)
    union all select id, username, null from app_user join wanted using (id)
    union all select id, name, null from device join wanted using (id)
    union all select id, name, null from gateway join wanted using (id)
    union all select id, name, null from api_credential join wanted using (id)`.execute(reader);
  return new Map(rows.map(({ id, name, network_id }) => [id, { name, networkId: network_id }]));
}

/** lastName is what an object was called as the audit has it, of one that is gone. */
export function lastName(row: Readonly<Record<string, unknown>> | null): string | undefined {
  const name = row?.['name'] ?? row?.['username'] ?? row?.['prefix'];
  return typeof name === 'string' && name !== '' ? name : undefined;
}
