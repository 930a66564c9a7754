import type { ConnectorId, NetworkId } from '../../ids.ts';
import type { Address, AddressText } from '../../ip/address.ts';
import { formatAddress } from '../../ip/address.ts';
import { containsAddress, strictPrefix } from '../../ip/prefix.ts';
import type { LanPlace, Place } from '../place.ts';
import type { Scene } from '../scene.ts';

/** servingConnector is the connector of a network by which the gateway reaches it, so the one that its LAN has to send to. */
export function servingConnector(scene: Scene, network: NetworkId): ConnectorId | null {
  const { owners, attached } = scene.input.observed;
  const ids = scene
    .connectorsOf(network)
    .filter(({ suspended }) => !suspended)
    .map(({ id }) => id);
  const owner = owners.get(`network:${network}`)?.find((id) => ids.includes(id));
  return owner ?? ids.find((id) => attached.has(`connector:${id}`)) ?? ids[0] ?? null;
}

/** connectorAt is the connector of a network that has this address on its LAN. */
export function connectorAt(scene: Scene, network: NetworkId, address: AddressText): ConnectorId | null {
  return scene.connectorsOf(network).find(({ id }) => scene.lan(id)?.address === address)?.id ?? null;
}

/** machineAt is who has an address of a network: its connector, or a machine of which Causeway knows the address alone. */
export function machineAt(scene: Scene, network: NetworkId, address: AddressText): LanPlace {
  const connector = connectorAt(scene, network, address);
  return connector === null ? { kind: 'server', network, address } : { kind: 'connector', id: connector };
}

/**
 * isOnLink is whether two machines of a site speak to each other without a router: as far as is known, whoever lies in the subnet of the
 * connector's LAN interface. Nothing else of a site's subnets is reported by anybody.
 */
export function isOnLink(scene: Scene, connector: ConnectorId, address: Address): boolean {
  const lan = scene.lan(connector);
  return lan !== null && containsAddress(strictPrefix(lan.subnet), address);
}

/** onSegment is who gets what a connector hands to a next hop on its LAN. */
export function onSegment(scene: Scene, network: NetworkId, nextHop: Address, destination: Address): Place {
  const machine = machineAt(scene, network, formatAddress(nextHop));
  return machine.kind === 'connector' || machine.address === formatAddress(destination) ? machine : { kind: 'router', network };
}
