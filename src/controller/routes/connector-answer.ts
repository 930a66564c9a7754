import type { HostConnector, NetworkConnector } from '../../contract/api/connector.ts';
import type { ConnectorView } from '../domain/connector-view.ts';

/** Connectors in the vendor's shape. Everything here is free of charge, hence `licensed`. */
function common({ id, name, description, site, region, address, online }: ConnectorView) {
  return {
    id,
    networkItemId: site.id,
    name,
    description,
    vpnRegionId: region,
    ipV4Address: address,
    connectionStatus: online ? ('ONLINE' as const) : ('OFFLINE' as const),
    licensed: true,
  };
}

export function networkConnectorAnswer(view: ConnectorView): NetworkConnector {
  return { ...common(view), networkItemType: 'NETWORK', tunnelingProtocol: 'OPENVPN' };
}

export function hostConnectorAnswer(view: ConnectorView): HostConnector {
  return { ...common(view), networkItemType: 'HOST' };
}
