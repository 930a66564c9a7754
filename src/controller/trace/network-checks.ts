import type { NetworkChecks } from '../../contract/api/network-checks.ts';
import { notFound } from '../../contract/errors.ts';
import type { NetworkId } from '../../core/ids.ts';
import type { WpcModel } from '../../core/model.ts';
import { networkChecks, wayBackPlan } from '../../core/trace/network-checks.ts';
import type { Actor } from '../principal.ts';
import type { Concern } from './read-trace-input.ts';
import { observeAnew } from './observe-anew.ts';
import type { TraceParts } from './run-trace.ts';

/**
 * checkNetwork says what is in order of a network's connectors. Where the caller may ask them, agents report anew and, unless `probe` is `never`,
 * ping the LAN's router with a tunnel address, so that the way back is seen and not taken for granted. Throws `not found`, and conflict where
 * there is no gateway.
 */
export async function checkNetwork(
  parts: TraceParts,
  actor: Actor,
  network: NetworkId,
  probe: 'auto' | 'never',
): Promise<NetworkChecks> {
  const concern = (model: WpcModel): Concern => {
    if (!model.networks.some(({ id }) => id === network)) throw notFound('network', network);
    return { networks: [network], connectors: model.connectors.filter(({ site }) => site.id === network).map(({ id }) => id) };
  };
  const input = await observeAnew(parts, actor, concern, (read) => (probe === 'never' ? [] : wayBackPlan(read, network)));
  const names = new Map(input.model.connectors.map(({ id, name }) => [id, name]));
  return {
    revision: input.model.revision,
    checkedAt: input.observed.now,
    connectors: networkChecks(input, network).map(({ connector, checks }) => ({
      connectorId: connector,
      connectorName: names.get(connector) ?? connector,
      checks,
    })),
  };
}
