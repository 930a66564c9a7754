import type { NetworkId } from './ids.ts';
import type { Prefix, PrefixText } from './ip/prefix.ts';
import { formatPrefix, strictPrefix } from './ip/prefix.ts';
import { PrefixBlocks } from './ip/prefix-blocks.ts';
import { subtract } from './ip/prefix-set.ts';
import type { RoutedWpc } from './pushed-routes.ts';
import { gatewayPlaces } from './pushed-routes.ts';

/**
 * routesByNetwork gives what pushedRoutes would for each network, without aggregating everything again for each: a change of one prefix
 * concerns every connector, and 1,000 of them with 1,000 prefixes took 5 s that way. `except` are blocks that are left out. Demands what the database guarantees: prefixes overlap
 * neither each other nor the tunnel ranges.
 */
export function routesByNetwork(
  wpc: RoutedWpc,
  except: readonly PrefixText[] = [],
): (own: NetworkId | null) => readonly PrefixText[] {
  const ofNetwork = new Map<NetworkId, Prefix[]>();
  const all: Prefix[] = wpc.tunnelRanges.map((text) => strictPrefix(text));
  for (const [text, { network }] of Object.entries(wpc.prefixes)) {
    const prefix = strictPrefix(text);
    all.push(prefix);
    const known = ofNetwork.get(network);
    if (known === undefined) ofNetwork.set(network, [prefix]);
    else known.push(prefix);
  }
  const blocks = new PrefixBlocks(subtract(all, gatewayPlaces(wpc)).filter((prefix) => !except.includes(formatPrefix(prefix))));
  return (own) => {
    const removed = own === null ? undefined : ofNetwork.get(own);
    return removed === undefined ? blocks.texts : blocks.without(removed);
  };
}
