import type { RawBuilder, SqlBool } from 'kysely';
import { sql } from 'kysely';
import type { DeviceListQuery, deviceSorts } from '../../contract/api/device-details.ts';
import type { Orders } from './list-terms.ts';
import { all, hasId, matching, natural } from './list-terms.ts';
import { hasLiveSession } from './live-session.ts';

const name = sql<string>`device.name`;
const username = sql<string>`(select username from app_user where app_user.id = device.user_id)`;
const online = hasLiveSession('device');
/** Whether a profile of it can connect now. */
const hasProfile = sql<boolean>`exists (select from certificate
  where certificate.device_id = device.id and certificate.revoked_at is null and certificate.not_after > now())`;

/** When the profile ends by which it connects: of those in use the last to end; of those that were handed out, where none is in use. */
export const profileEnd = sql<Date | null>`(
  select coalesce(max(not_after) filter (where first_used_at is not null), max(not_after)) from certificate
  where certificate.device_id = device.id and certificate.revoked_at is null and certificate.not_after > now())`;

/** deviceOrders is by what devices are sorted; those that never connected are the longest ago, and where there is no profile none ends. */
export const deviceOrders: Orders<(typeof deviceSorts)[number]> = {
  name: natural(name),
  user: natural(username),
  address: sql`tunnel_address.address`,
  state: sql`case when ${online} then 0 when ${hasProfile} then 1 else 2 end`,
  platform: sql`coalesce(device.platform, '')`,
  seen: sql`coalesce((select max(started_at) from session where session.device_id = device.id and state <> 'refused'), '-infinity')`,
  profile: sql`coalesce(${profileEnd}, 'infinity')`,
};

const states = {
  online,
  offline: sql<SqlBool>`(not ${online} and ${hasProfile})`,
  'no-profile': sql<SqlBool>`(not ${online} and not ${hasProfile})`,
} as const;

/** deviceConditions is which devices a request asks for. */
export function deviceConditions({ q, id, state, platform }: DeviceListQuery): RawBuilder<SqlBool> {
  return all([
    hasId(sql`device.id`, id),
    matching([name, sql`device.description`, username, sql`host(tunnel_address.address)`], q),
    ...(state === undefined ? [] : [states[state]]),
    ...(platform === undefined ? [] : [sql<SqlBool>`device.platform = ${platform}`]),
  ]);
}
