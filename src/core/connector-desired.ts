import { gatewayAddressOf } from './allocation.ts';
import type { ConnectorId, NetworkId } from './ids.ts';
import type { AddressText } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
import type { NatMode, WpcModel } from './model.ts';
import type { RoutedWpc } from './pushed-routes.ts';
import { routesByNetwork } from './routes-by-network.ts';

/** ConnectorWpc is the part of the model that connectors are told about. */
export type ConnectorWpc = Pick<WpcModel, 'revision' | 'tunnelRanges' | 'networks' | 'connectors'>;

/** ConnectorDesired is what one connector's machine has to be like; contract/connector-agent.ts writes it down for the agent. */
export type ConnectorDesired = {
  readonly address: AddressText;
  readonly ranges: readonly PrefixText[];
  readonly routes: readonly PrefixText[];
  readonly nat: NatMode;
  readonly local: readonly PrefixText[];
  readonly state: 'active' | 'suspended';
  readonly gateway: AddressText;
};

/** ConnectorStates gives the desired state of each connector; undefined for one that is not in the model. */
export type ConnectorStates = (id: ConnectorId) => ConnectorDesired | undefined;

/**
 * connectorStates is pure and total for a model that the database can hold. It prepares what all connectors share, since a change wakes all
 * of them. `routes` are those that the gateway would push to a client without agent (pushed-routes.ts) without the ranges, which are lines
 * of their own because NAT depends on them. A host's connector serves only its own address, so nothing passes through it and NAT is of no
 * effect.
 */
export function connectorStates(wpc: ConnectorWpc): ConnectorStates {
  const connectors = new Map(wpc.connectors.map((connector) => [connector.id, connector]));
  const networks = new Map(wpc.networks.map((network) => [network.id, network]));
  const ranges = new Set(wpc.tunnelRanges);
  const gateway = gatewayAddressOf(wpc.tunnelRanges);
  const routes = routesByNetwork(routed(wpc));
  return (id) => {
    const connector = connectors.get(id);
    if (connector === undefined) return undefined;
    const own = connector.site.kind === 'network' ? networks.get(connector.site.id) : undefined;
    return {
      address: connector.address,
      ranges: wpc.tunnelRanges,
      routes: routes(own?.id ?? null).filter((prefix) => !ranges.has(prefix)),
      nat: own?.nat ?? 'masquerade',
      local: own?.prefixes ?? [],
      state: connector.suspended ? 'suspended' : 'active',
      gateway,
    };
  };
}

function routed(wpc: ConnectorWpc): RoutedWpc {
  const prefixes: Record<PrefixText, { network: NetworkId }> = {};
  for (const network of wpc.networks) for (const prefix of network.prefixes) prefixes[prefix] = { network: network.id };
  return { tunnelRanges: wpc.tunnelRanges, prefixes };
}
