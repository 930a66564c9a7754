import { notSupported } from '../../contract/errors.ts';

/**
 * What the API knows and this version cannot do is refused, never taken and ignored: whoever asks for IPsec and gets a 200 believes that it
 * is so. Each refusal names field, value, what is allowed and why. The last word on each is docs/api.md.
 */
export type WishList = {
  readonly tunnelingProtocol?: 'OPENVPN' | 'IPSEC' | undefined;
  readonly domain?: string | undefined;
};

const openVpnOnly = 'is not served in this version: connectors speak OpenVPN';

/** refuseNotYet throws for the first wish that cannot be granted. */
export function refuseNotYet(wishes: WishList): void {
  if (wishes.tunnelingProtocol === 'IPSEC') {
    throw notSupported('tunnelingProtocol', 'IPSEC', openVpnOnly, 'OPENVPN');
  }
  if (wishes.domain !== undefined) {
    const why = 'is not served in this version: names are not resolved inside the WPC yet';
    throw notSupported('domain', wishes.domain, why, 'no domain; reach the host by its tunnel address');
  }
}

/** refuseIpSec refuses a connector that is to speak IPsec; `field` goes before the names of its fields. Null and absent are no wish. */
export function refuseIpSec(
  field: string,
  connector: { readonly tunnelingProtocol?: 'OPENVPN' | 'IPSEC' | undefined; readonly ipSecConfig?: unknown },
): void {
  if (connector.tunnelingProtocol === 'IPSEC') throw notSupported(`${field}tunnelingProtocol`, 'IPSEC', openVpnOnly, 'OPENVPN');
  const { ipSecConfig } = connector;
  // It may hold a pre-shared key, which is not repeated.
  if (ipSecConfig !== undefined && ipSecConfig !== null)
    throw notSupported(`${field}ipSecConfig`, '(not shown)', openVpnOnly, 'null');
}
