import type { ConnectorId, DeviceId, EndpointId, NetworkId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';
import type { ObjectRef } from './cause.ts';
import type { NodeRef } from './node.ts';
import type { Place } from './place.ts';
import type { Scene } from './scene.ts';

/** nodeOf is a place as a result shows it. */
export function nodeOf(scene: Scene, place: Place): NodeRef {
  switch (place.kind) {
    case 'device':
      return { kind: 'device', id: `device:${place.id}`, label: deviceLabel(scene, place.id) };
    case 'gateway':
      return { kind: 'gateway', id: scene.input.configuration.gateway.id, label: 'gateway' };
    case 'connector':
      return { kind: 'connector', id: `connector:${place.id}`, label: connectorLabel(scene, place.id) };
    case 'router': {
      const { label, id } = routerRef(scene, place.network);
      return { kind: 'router', id, label };
    }
    case 'cloud': {
      const cloud = scene.input.observed.clouds.get(place.network);
      return { kind: 'cloud-router', id: cloud?.id ?? place.network, label: cloud?.label ?? place.network };
    }
    case 'lan':
      return { kind: 'lan', id: place.network, label: `LAN of ${scene.network(place.network)?.name ?? place.network}` };
    case 'server':
      return { kind: 'host', id: place.address, label: place.address };
    case 'internet':
      return { kind: 'internet', id: place.address, label: place.address };
  }
}

/** deviceLabel is `bob/laptop`. */
export function deviceLabel(scene: Scene, id: DeviceId): string {
  const found = scene.device(id);
  if (found === undefined) return id;
  return found.user === undefined ? found.device.name : `${found.user.name}/${found.device.name}`;
}

export function connectorLabel(scene: Scene, id: ConnectorId): string {
  return scene.connector(id)?.name ?? id;
}

export function endpointLabel(scene: Scene, id: EndpointId): string {
  const [kind, uuid = ''] = id.split(':');
  return kind === 'device' ? deviceLabel(scene, uuid as DeviceId) : connectorLabel(scene, uuid as ConnectorId);
}

export function deviceRef(scene: Scene, id: DeviceId): ObjectRef {
  return { kind: 'device', id, label: deviceLabel(scene, id) };
}

export function connectorRef(scene: Scene, id: ConnectorId): ObjectRef {
  return { kind: 'connector', id, label: connectorLabel(scene, id) };
}

export function networkRef(scene: Scene, id: NetworkId): ObjectRef {
  return { kind: 'network', id, label: scene.network(id)?.name ?? id };
}

export function serverRef(address: AddressText): ObjectRef {
  return { kind: 'server', id: address, label: address };
}

/** routerRef is the LAN's router by its address, where a connector has reported one. */
export function routerRef(scene: Scene, id: NetworkId): ObjectRef {
  const address = routerAddress(scene, id);
  const name = scene.network(id)?.name ?? id;
  return { kind: 'router', id: address ?? id, label: address === null ? `router of ${name}` : `${address} (router of ${name})` };
}

/** routerAddress is the default router that a connector of the network sees; null where none has said. */
export function routerAddress(scene: Scene, network: NetworkId): AddressText | null {
  for (const { id } of scene.connectorsOf(network)) {
    const router = scene.lan(id)?.router;
    if (router !== null && router !== undefined) return router;
  }
  return null;
}
