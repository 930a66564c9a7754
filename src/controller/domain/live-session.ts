import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';

/**
 * A gateway that has said nothing for this long is not believed about its sessions any more: its packets may go nowhere. Gateways report
 * every few seconds.
 */
export const gatewaySilence_s = 30;

/** gatewayReports is true for the gateway of the row at hand while it reports. */
export function gatewayReports(): RawBuilder<boolean> {
  return sql<boolean>`coalesce(gateway.reported_at > now() - make_interval(secs => ${gatewaySilence_s}), false)`;
}

/**
 * hasLiveSession is true for the connector or device of the row at hand when a gateway that reports holds an established session of it:
 * only then can packets pass. Costs one look into an index of live sessions for each row.
 */
export function hasLiveSession(owner: 'connector' | 'device'): RawBuilder<boolean> {
  const column = sql.ref(owner === 'connector' ? 'session.connector_id' : 'session.device_id');
  return sql<boolean>`exists (
    select from session join gateway on gateway.id = session.gateway_id
    where ${column} = ${sql.ref(`${owner}.id`)} and session.state = 'established' and ${gatewayReports()})`;
}
