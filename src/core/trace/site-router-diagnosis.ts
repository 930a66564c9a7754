import type { ConnectorId, NetworkId } from '../ids.ts';
import type { Address, AddressText } from '../ip/address.ts';
import { strictAddress } from '../ip/address.ts';
import type { PrefixText } from '../ip/prefix.ts';
import { containsAddress, strictPrefix } from '../ip/prefix.ts';
import type { Network } from '../model.ts';
import type { RouterDiagnosis } from './diagnosis.ts';
import { hasAnswered } from './diagnosis.ts';
import { servingConnector } from './places/segment.ts';
import { routerAddress } from './refs.ts';
import type { Scene } from './scene.ts';
import { carriesBothWays } from './site-path.ts';

/** SiteAsking is who can ask a router for its route to another site, and where the router is. */
type SiteAsking = { readonly asker: ConnectorId; readonly source: AddressText; readonly router: AddressText };

/**
 * siteAsking is who finds out by a `site` probe whether the router of a network has the route to an address of another network: the connector
 * there, since the router's answer to it takes that route. Null where nobody can: the router has said no address, or one outside its
 * network, to which the WPC has no route; or the connector stands in another prefix than the destination, and routes are made for each prefix.
 */
export function siteAsking(scene: Scene, network: NetworkId, destination: Address): SiteAsking | null {
  const owner = scene.networkOf(destination);
  const router = routerAddress(scene, network);
  if (owner === undefined || owner.id === network || router === null) return null;
  if (scene.networkOf(strictAddress(router))?.id !== network) return null;
  const asker = servingConnector(scene, owner.id);
  const source = asker === null ? undefined : scene.lan(asker)?.address;
  if (asker === null || source === undefined) return null;
  const own = prefixAround(owner, strictAddress(source));
  return own !== undefined && own === prefixAround(owner, destination) ? { asker, source, router } : null;
}

function prefixAround({ prefixes }: Network, address: Address): PrefixText | undefined {
  return prefixes
    .filter((text) => containsAddress(strictPrefix(text), address))
    .toSorted((a, b) => strictPrefix(b).length - strictPrefix(a).length)[0];
}

/**
 * siteRouterDiagnosis is whether a network's router knows the way to an address of another site, by the `site` probe of the connector there.
 * If it is silent although it answers its own connector (`serving`), it has no route, where nothing else between the two can be what is
 * silent; else nothing tells.
 */
export function siteRouterDiagnosis(
  scene: Scene,
  network: NetworkId,
  serving: ConnectorId,
  destination: Address,
): RouterDiagnosis {
  // Comparisons ask for every pair of sites, with no probe at all.
  const asking = scene.input.observed.probes.length === 0 ? null : siteAsking(scene, network, destination);
  if (asking === null) return { kind: 'unasked' };
  const { asker, source, router } = asking;
  const site = scene.probe(asker, 'site', router, null);
  if (site === undefined || site.answer === 'not-possible') return { kind: 'unasked' };
  if (hasAnswered(site)) return { kind: 'has-route', probe: site };
  const lan = scene.probe(serving, 'lan', router, null);
  const isItself = lan !== undefined && hasAnswered(lan) && carriesBothWays(scene, asker, source, network, router);
  return { kind: isItself ? 'no-route' : 'lost', probe: site };
}
