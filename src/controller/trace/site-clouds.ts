import type { WpcModel } from '../../core/model.ts';
import type { NetworkId } from '../../core/ids.ts';
import { lanAddressOf } from '../../core/site-routes/lan-address.ts';
import type { CloudState } from '../../core/trace/cloud/cloud-state.ts';
import { leastCloud } from '../../core/trace/cloud/least-cloud.ts';
import type { Observed } from '../../core/trace/input.ts';
import type { LanStatement } from '../../core/trace/statement.ts';

const nothingSaid: LanStatement = { router: null, servers: [] };

/**
 * siteClouds is what is known of the clouds in which networks stand: what was read of them (`kept`), else what is known without asking their
 * APIs, the names that a connector's machine has told and the routes that the operator has stated. The rest is not read then, and a trace
 * says so.
 */
export function siteClouds(
  { networks, connectors }: WpcModel,
  { now, machines, platforms, statements }: Pick<Observed, 'now' | 'machines' | 'platforms' | 'statements'>,
  kept: ReadonlyMap<NetworkId, CloudState>,
): ReadonlyMap<NetworkId, CloudState> {
  const connectorsOf = Map.groupBy(connectors, ({ site }) => site.id);
  return new Map(
    networks.flatMap(({ id, prefixes }): [NetworkId, CloudState][] => {
      const read = kept.get(id);
      if (read !== undefined) return [[id, read]];
      const named = platforms.get(id);
      if (named === undefined) return [];
      for (const connector of connectorsOf.get(id) ?? []) {
        const sections = machines.get(connector.id)?.sections;
        const lan = lanAddressOf({ addr: sections?.get('addr')?.body, route: sections?.get('route')?.body }, prefixes);
        if (lan === null) continue;
        const section = sections?.get('platform');
        const cloud = leastCloud({
          ...named,
          section: section?.body ?? null,
          connector: lan.address,
          prefixes,
          statement: statements.get(id) ?? nothingSaid,
          at: section?.observedAt ?? now,
        });
        return cloud === undefined ? [] : [[id, cloud]];
      }
      return [];
    }),
  );
}
