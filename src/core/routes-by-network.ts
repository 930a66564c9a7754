import type { NetworkId } from './ids.ts';
import type { Prefix, PrefixText } from './ip/prefix.ts';
import { formatPrefix, overlaps, strictPrefix } from './ip/prefix.ts';
import { subtract } from './ip/prefix-set.ts';
import type { RoutedWpc } from './pushed-routes.ts';
import { gatewayPlaces } from './pushed-routes.ts';

/**
 * routesByNetwork gives what pushedRoutes would for each network, without aggregating everything again for each: a change of one prefix
 * concerns every connector, and 1,000 of them with 1,000 prefixes took 5 s that way. Only the blocks that hold prefixes of the network
 * itself are taken apart. Demands what the database guarantees: prefixes overlap neither each other nor the tunnel ranges.
 */
export function routesByNetwork(wpc: RoutedWpc): (own: NetworkId | null) => readonly PrefixText[] {
  const ofNetwork = new Map<NetworkId, Prefix[]>();
  const all: Prefix[] = wpc.tunnelRanges.map((text) => strictPrefix(text));
  for (const [text, { network }] of Object.entries(wpc.prefixes)) {
    const prefix = strictPrefix(text);
    all.push(prefix);
    const known = ofNetwork.get(network);
    if (known === undefined) ofNetwork.set(network, [prefix]);
    else known.push(prefix);
  }
  const blocks = subtract(all, gatewayPlaces(wpc)).map((prefix) => ({ prefix, text: formatPrefix(prefix) }));
  const whole = blocks.map(({ text }) => text);
  return (own) => {
    const removed = own === null ? undefined : ofNetwork.get(own);
    if (removed === undefined) return whole;
    return blocks.flatMap(({ prefix, text }) =>
      removed.some((each) => overlaps(prefix, each)) ? subtract([prefix], removed).map((part) => formatPrefix(part)) : [text],
    );
  };
}
