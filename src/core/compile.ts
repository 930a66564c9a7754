import { gatewayAddressOf } from './allocation.ts';
import type { ConnectAuth } from './connect-authentication.ts';
import { deviceAuthentication } from './connect-authentication.ts';
import { machineDemand } from './device-identity.ts';
import { compileEgress, endpointInternet } from './compile-egress.ts';
import type { Endpoint, EndpointInternet, GatewayConfiguration, SiteNetwork, SitePrefix } from './gateway-configuration.ts';
import type { EndpointId, HostId, NetworkId, RegionId, Serial, UserGroupId, UserId } from './ids.ts';
import type { AddressText } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
import type { Lane, LaneId } from './lanes.ts';
import { handoverLane, lanePort, maximumUserLanes, ownLane, sharedLane } from './lanes.ts';
import type { InternetAccess } from './internet-access.ts';
import type { Connector, GatewaySite, WpcModel } from './model.ts';

/**
 * compile turns the model into what one gateway must know: deterministic, total, without I/O. The same model and gateway give the
 * same configuration, so a restarted controller sends nothing new. Endpoints whose region this gateway does not serve are left out;
 * prefixes and networks stay, with no connectors where another gateway serves them. Throws RangeError on a model that the
 * database cannot hold (text that is not a canonical address or prefix, no IPv4 tunnel range).
 */
export function compile(model: WpcModel, gateway: GatewaySite): GatewayConfiguration {
  const served = new Set<RegionId>(gateway.regions);
  const connectors = model.connectors.filter(({ region }) => served.has(region));
  return {
    revision: model.revision,
    gateway: {
      id: gateway.id,
      address: gatewayAddressOf(model.tunnelRanges),
      tunnelRanges: model.tunnelRanges,
      publicAddresses: gateway.publicAddresses,
      dnsServers: model.dnsServers,
    },
    lanes: compileLanes(model, gateway, connectors),
    endpoints: compileEndpoints(model, gateway, connectors),
    certificates: compileCertificates(model, connectors),
    prefixes: compilePrefixes(model),
    networks: compileNetworks(model, connectors),
    egress: compileEgress(model, gateway, connectors),
  };
}

function compileLanes(model: WpcModel, gateway: GatewaySite, connectors: readonly Connector[]): Record<LaneId, Lane> {
  const lanes: Record<LaneId, Lane> = {};
  for (let number = 0; number < userLaneCount(gateway); number += 1) {
    lanes[`u${number}`] = { kind: 'user', protocol: 'udp', port: lanePort(`u${number}`, gateway.vpnPort) };
  }
  lanes[sharedLane] = { kind: 'shared', protocol: 'tcp', port: lanePort(sharedLane, gateway.vpnPort) };
  lanes[handoverLane] = { kind: 'handover', protocol: 'udp', port: lanePort(handoverLane, gateway.vpnPort) };
  for (const { id } of connectors) {
    const lane = ownLane(model.laneAssignment, id, gateway.connectorLanes);
    if (lane !== null) lanes[lane] = { kind: 'connector', protocol: 'udp', port: lanePort(lane, gateway.vpnPort), owner: id };
  }
  return lanes;
}

function userLaneCount(gateway: GatewaySite): number {
  return Math.max(1, Math.min(gateway.userLanes, maximumUserLanes));
}

function compileEndpoints(model: WpcModel, gateway: GatewaySite, connectors: readonly Connector[]): Record<EndpointId, Endpoint> {
  const endpoints: Record<EndpointId, Endpoint> = {};
  const networks = new Map(model.networks.map((network) => [network.id, network]));
  const hosts = new Map<HostId, InternetAccess>(model.hosts.map(({ id, internet }) => [id, internet]));
  for (const connector of connectors) {
    const network = connector.site.kind === 'network' ? networks.get(connector.site.id) : undefined;
    const internet = connector.site.kind === 'host' ? hosts.get(connector.site.id) : network?.internet;
    endpoints[`connector:${connector.id}`] = {
      kind: 'connector',
      name: connector.name,
      address: connector.address,
      admission: connector.suspended ? 'suspended' : 'admitted',
      lane: ownLane(model.laneAssignment, connector.id, gateway.connectorLanes),
      network: connector.site.kind === 'network' ? connector.site.id : null,
      internet: endpointInternet(internet, model.egressClassNumbers),
      draining: connector.draining,
      probeTargets: probeTargets(connector, network?.probeTargets ?? []),
    };
  }
  const suspended = new Set<UserId>(model.users.filter((user) => user.suspended).map(({ id }) => id));
  // Worked out once for each group: 5,000 devices share a few.
  const ofGroup = new Map<UserGroupId, EndpointInternet>(
    model.userGroups.map(({ id, internet }) => [id, endpointInternet(internet, model.egressClassNumbers)]),
  );
  const ofUser = new Map<UserId, EndpointInternet | undefined>(model.users.map(({ id, group }) => [id, ofGroup.get(group)]));
  const demands = new Map<UserGroupId, ConnectAuth>(model.userGroups.map(({ id, connectAuth }) => [id, connectAuth]));
  const demandOf = new Map<UserId, ConnectAuth | undefined>(model.users.map(({ id, group }) => [id, demands.get(group)]));
  for (const device of model.devices) {
    endpoints[`device:${device.id}`] = {
      kind: 'device',
      name: device.name,
      address: device.address,
      admission: suspended.has(device.user) ? 'suspended' : 'admitted',
      lane: `u${device.userLane % userLaneCount(gateway)}`,
      internet: ofUser.get(device.user) ?? { kind: 'local' },
      // The database knows no device without user and group; if it did, nobody could say that they are its user.
      authentication: deviceAuthentication(demandOf.get(device.user) ?? 'EVERY_TIME', device.authenticatedAt),
      machine: machineDemand(model.deviceEnforcement, device.clientUuid),
    };
  }
  return endpoints;
}

function compileCertificates(model: WpcModel, connectors: readonly Connector[]): Record<Serial, EndpointId> {
  const here = new Set(connectors.map(({ id }) => id));
  const certificates: Record<Serial, EndpointId> = {};
  for (const { serial, endpoint } of model.certificates) {
    if (endpoint.kind === 'device') certificates[serial] = `device:${endpoint.id}`;
    else if (here.has(endpoint.id)) certificates[serial] = `connector:${endpoint.id}`;
  }
  return certificates;
}

/** What the operator named counts; else the router that the connector itself sees, as far as it lies behind its own network. */
function probeTargets(connector: Connector, named: readonly AddressText[]): readonly AddressText[] {
  if (named.length > 0) return named;
  return connector.lanRouter === null ? [] : [connector.lanRouter];
}

function compilePrefixes(model: WpcModel): Record<PrefixText, SitePrefix> {
  const prefixes: Record<PrefixText, SitePrefix> = {};
  for (const network of model.networks) for (const prefix of network.prefixes) prefixes[prefix] = { network: network.id };
  return prefixes;
}

function compileNetworks(model: WpcModel, connectors: readonly Connector[]): Record<NetworkId, SiteNetwork> {
  const serving = Map.groupBy(
    connectors.filter(({ suspended }) => !suspended),
    ({ site }) => site.id,
  );
  const networks: Record<NetworkId, SiteNetwork> = {};
  for (const network of model.networks) {
    networks[network.id] = {
      name: network.name,
      connectors: (serving.get(network.id) ?? []).map(({ id }): EndpointId => `connector:${id}`),
      sharing: network.nat === 'masquerade',
      egress: network.egress,
      internet: endpointInternet(network.internet, model.egressClassNumbers),
    };
  }
  return networks;
}
