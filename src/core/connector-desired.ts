import { gatewayAddressOf } from './allocation.ts';
import type { ConnectorId, HostId, NetworkId } from './ids.ts';
import type { AddressText } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
import type { Connector, Host, NatMode, Network, WpcModel } from './model.ts';
import type { RoutedWpc } from './pushed-routes.ts';
import { routesByNetwork } from './routes-by-network.ts';

/** ConnectorWpc is the part of the model that connectors are told about. */
export type ConnectorWpc = Pick<WpcModel, 'revision' | 'tunnelRanges' | 'networks' | 'hosts' | 'connectors'> & {
  /** Of all gateways: a connector may move to another one, and must reach it before it has learned anything there. */
  readonly publicAddresses: readonly AddressText[];
};

/** ConnectorDesired is what one connector's machine has to be like; contract/connector-agent.ts writes it down for the agent. */
export type ConnectorDesired = {
  readonly address: AddressText;
  readonly ranges: readonly PrefixText[];
  readonly routes: readonly PrefixText[];
  readonly nat: NatMode;
  readonly local: readonly PrefixText[];
  readonly state: 'active' | 'suspended';
  readonly gateway: AddressText;
  /** Packets for the internet leave here: with masquerade, sources of other sites are hidden too where they leave for what is not local. */
  readonly egress: boolean;
  /**
   * What of this machine's traffic for the internet goes into the tunnel: nothing (`local`), what comes from its LAN (`lan`, a network),
   * or its own (`machine`, a host). What carries the tunnel itself never does.
   */
  readonly internet: 'local' | 'lan' | 'machine';
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
  const hosts = new Map(wpc.hosts.map((host) => [host.id, host]));
  const gateway = gatewayAddressOf(wpc.tunnelRanges);
  const routes = routesByNetwork(routed(wpc), wpc.tunnelRanges);
  return (id) => {
    const connector = connectors.get(id);
    if (connector === undefined) return undefined;
    const own = connector.site.kind === 'network' ? networks.get(connector.site.id) : undefined;
    return {
      address: connector.address,
      ranges: wpc.tunnelRanges,
      routes: routes(own?.id ?? null),
      nat: own?.nat ?? 'masquerade',
      local: own?.prefixes ?? [],
      state: connector.suspended ? 'suspended' : 'active',
      gateway,
      egress: own?.egress ?? false,
      internet: internetOf(connector, own, hosts),
    };
  };
}

function internetOf(
  { site }: Connector,
  network: Network | undefined,
  hosts: ReadonlyMap<HostId, Host>,
): ConnectorDesired['internet'] {
  const access = site.kind === 'network' ? network?.internet : hosts.get(site.id)?.internet;
  if (access === undefined || access.mode === 'SPLIT_TUNNEL_ON') return 'local';
  return site.kind === 'network' ? 'lan' : 'machine';
}

function routed(wpc: ConnectorWpc): RoutedWpc {
  const prefixes: Record<PrefixText, { network: NetworkId }> = {};
  for (const network of wpc.networks) for (const prefix of network.prefixes) prefixes[prefix] = { network: network.id };
  return { tunnelRanges: wpc.tunnelRanges, prefixes, publicAddresses: wpc.publicAddresses };
}
