import type { ConnectorId, NetworkId } from '../ids.ts';
import type { Address } from '../ip/address.ts';
import { containsAddress, strictPrefix } from '../ip/prefix.ts';
import { routerDiagnosis } from './diagnosis.ts';
import type { ProbeResult } from './probe.ts';
import type { Scene } from './scene.ts';
import { inRanges } from './scene.ts';

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
 * routerRoute asks probes first, then what the operator stated: what packets do is right where the two differ. Only the tunnel range can be
 * probed from the connector alone; that a router has routes for other sites has to be stated.
 */
export function routerRoute(scene: Scene, network: NetworkId, serving: ConnectorId, destination: Address): RouterRoute {
  const stated = scene.statement(network).router?.routes ?? null;
  const chosen = stated
    ?.filter((route) => containsAddress(strictPrefix(route.destination), destination))
    .toSorted((a, b) => strictPrefix(b.destination).length - strictPrefix(a.destination).length)[0];
  const isProbed = inRanges(scene, destination) && scene.network(network)?.nat === 'routed';
  const probed = isProbed ? routerDiagnosis(scene, serving, network) : ({ kind: 'unasked' } as const);
  if (probed.kind === 'has-route') return { kind: 'connector', id: serving, probe: probed.probe, quote: probed.probe.quote };
  if (probed.kind === 'no-route')
    return { kind: 'none', probe: probed.probe, isStated: stated !== null, contradicts: chosen !== undefined };
  if (stated === null) return { kind: 'unknown' };
  if (chosen === undefined) return { kind: 'none', probe: null, isStated: true, contradicts: false };
  const quote = `${chosen.destination} via ${chosen.nextHop}`;
  const connector = scene.input.model.connectors.find(
    ({ id, site }) => site.id === network && scene.lan(id)?.address === chosen.nextHop,
  );
  if (connector === undefined) {
    // Where the connector has reported no LAN address yet, its route cannot be told from a wrong one.
    return scene.lan(serving) === null
      ? { kind: 'connector', id: serving, probe: null, quote }
      : { kind: 'elsewhere', nextHop: chosen.nextHop, quote };
  }
  return { kind: 'connector', id: connector.id, probe: null, quote };
}
