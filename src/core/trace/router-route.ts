import type { ConnectorId, NetworkId } from '../ids.ts';
import type { Address } from '../ip/address.ts';
import { containsAddress, strictPrefix } from '../ip/prefix.ts';
import type { RouterDiagnosis } from './diagnosis.ts';
import { routerDiagnosis } from './diagnosis.ts';
import { connectorAt } from './places/segment.ts';
import type { ProbeResult } from './probe.ts';
import type { Scene } from './scene.ts';
import { inRanges } from './scene.ts';
import type { RouterStatement } from './statement.ts';
import { siteRouterDiagnosis } from './site-router-diagnosis.ts';

/** RouterRoute is what is known of the way that a LAN's router has to an address of the WPC or of another site. */
export type RouterRoute =
  /** It leads to this connector; `probe` where a packet showed it, else the operator has stated it. */
  | { readonly kind: 'connector'; readonly id: ConnectorId; readonly probe: ProbeResult | null; readonly quote: string }
  /** It leads to an address that is no connector's. */
  | { readonly kind: 'elsewhere'; readonly nextHop: string; readonly quote: string }
  /** It has none, or not the one that was stated (`contradicts`). */
  | { readonly kind: 'none'; readonly probe: ProbeResult | null; readonly isStated: boolean; readonly contradicts: boolean }
  | { readonly kind: 'unknown' };

/**
 * routerRoute asks probes first, then what the operator stated: what packets do is right where the two differ. The way to the tunnel range is
 * probed by the network's own connector, the way to another site by that site's.
 */
export function routerRoute(scene: Scene, network: NetworkId, serving: ConnectorId, destination: Address): RouterRoute {
  if (scene.input.supposed?.routeless === network) return { kind: 'none', probe: null, isStated: false, contradicts: false };
  const stated = scene.statement(network).router?.routes ?? null;
  const chosen = stated
    ?.filter((route) => containsAddress(strictPrefix(route.destination), destination))
    .toSorted((a, b) => strictPrefix(b.destination).length - strictPrefix(a.destination).length)[0];
  const led = chosen === undefined ? null : connectorAt(scene, network, chosen.nextHop);
  // A route that leads to another connector than the one that serves explains why the serving one hears nothing.
  if (led !== null && led !== serving) return { kind: 'connector', id: led, probe: null, quote: quoteOf(chosen) };
  const probed = probedRoute(scene, network, serving, destination);
  if (probed.kind === 'has-route') return { kind: 'connector', id: serving, probe: probed.probe, quote: probed.probe.quote };
  if (probed.kind === 'no-route')
    return { kind: 'none', probe: probed.probe, isStated: stated !== null, contradicts: chosen !== undefined };
  if (stated === null) return { kind: 'unknown' };
  if (chosen === undefined) return { kind: 'none', probe: null, isStated: true, contradicts: false };
  // Where the connector has reported no LAN address yet, its route cannot be told from a wrong one.
  if (led === null && scene.lan(serving) !== null) return { kind: 'elsewhere', nextHop: chosen.nextHop, quote: quoteOf(chosen) };
  return { kind: 'connector', id: serving, probe: null, quote: quoteOf(chosen) };
}

type Stated = NonNullable<RouterStatement['routes']>[number];

function quoteOf(route: Stated | undefined): string {
  return route === undefined ? '' : `${route.destination} via ${route.nextHop}`;
}

/** Answers to tunnel addresses need a route in routed mode alone: with NAT they are answers to the connector, whatever the router knows. */
function probedRoute(scene: Scene, network: NetworkId, serving: ConnectorId, destination: Address): RouterDiagnosis {
  if (!inRanges(scene, destination)) return siteRouterDiagnosis(scene, network, serving, destination);
  return scene.network(network)?.nat === 'routed' ? routerDiagnosis(scene, serving, network) : { kind: 'unasked' };
}
