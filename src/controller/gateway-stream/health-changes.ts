import { z } from 'zod';
import type { ConnectorReport, GatewayReport, PoolReport } from '../../contract/gateway.ts';
import { connectorReport, poolReport } from '../../contract/gateway.ts';

/** HealthReport is the part of a gateway's report that says how connectors are, and who serves what. */
export type HealthReport = Pick<GatewayReport, 'connectors' | 'pools'>;

/** HealthChanges are the transitions between two reports of one gateway. */
export type HealthChanges = {
  readonly connectors: readonly Pick<ConnectorReport, 'connector' | 'health' | 'reason'>[];
  readonly pools: readonly PoolMove[];
};

export type PoolMove = Pick<PoolReport, 'pool' | 'reason'> & { readonly from: readonly string[]; readonly to: readonly string[] };

/** parseHealthReport reads what was stored; what another version has written and this one cannot read is nothing. */
export function parseHealthReport(stored: { readonly connectors: unknown; readonly pools: unknown }): HealthReport {
  return {
    connectors: z.array(connectorReport).catch([]).parse(stored.connectors),
    pools: z.array(poolReport).catch([]).parse(stored.pools),
  };
}

/**
 * healthChanges compares a report with the one before. An agent that has just started repeats what was stored, so it causes nothing. A
 * connector that is reported for the first time was well until then. A network moves when its routes go from some connectors to others;
 * that they come and go with its only connector is told by that one's own coming and going. Traffic for the internet moves also from
 * nowhere, and is refused when nobody takes it.
 */
export function healthChanges(before: HealthReport, after: HealthReport): HealthChanges {
  const healthOf = new Map(before.connectors.map(({ connector, health }) => [connector, health]));
  const ownersOf = new Map(before.pools.map(({ pool, owners }) => [pool, owners]));
  return {
    connectors: after.connectors
      .filter(({ connector, health }) => health !== (healthOf.get(connector) ?? 'healthy'))
      .map(({ connector, health, reason }) => ({ connector, health, reason })),
    pools: after.pools.flatMap(({ pool, owners, reason }) => {
      const from = ownersOf.get(pool);
      const isEgress = pool.startsWith('egress:');
      // Not decided before: there is nothing that it moved from, but refused traffic is news.
      if (from === undefined) return isEgress && owners.length === 0 ? [{ pool, reason, from: [], to: owners }] : [];
      if (isSameSet(from, owners)) return [];
      return isEgress || (from.length > 0 && owners.length > 0) ? [{ pool, reason, from, to: owners }] : [];
    }),
  };
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each));
}
