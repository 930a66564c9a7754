import type { NetworkId } from './ids.ts';
import type { Prefix, PrefixText } from './ip/prefix.ts';
import { comparePrefix, formatPrefix, overlaps, strictPrefix } from './ip/prefix.ts';
import { subtract } from './ip/prefix-set.ts';
import type { RoutedWpc } from './pushed-routes.ts';
import { gatewayPlaces } from './pushed-routes.ts';

/**
 * routesByNetwork gives what pushedRoutes would for each network, without aggregating everything again for each: a change of one prefix
 * concerns every connector, and 1,000 of them with 1,000 prefixes took 5 s that way. Only the blocks that hold prefixes of the network
 * itself are looked for and taken apart. `except` are blocks that are left out. Demands what the database guarantees: prefixes overlap
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
  const blocks = subtract(all, gatewayPlaces(wpc)).filter((prefix) => !except.includes(formatPrefix(prefix)));
  const whole = blocks.map(formatPrefix);
  return (own) => {
    const removed = own === null ? undefined : ofNetwork.get(own);
    if (removed === undefined) return whole;
    const apart = new Set(removed.flatMap((prefix) => overlapping(blocks, prefix)));
    const pieces: (readonly PrefixText[])[] = [];
    let from = 0;
    for (const index of [...apart].sort((a, b) => a - b)) {
      pieces.push(whole.slice(from, index), subtract(blocks.slice(index, index + 1), removed).map(formatPrefix));
      from = index + 1;
    }
    return [...pieces, whole.slice(from)].flat();
  };
}

/** The places of the blocks that overlap a prefix, in a list that is disjoint and in order. */
function overlapping(blocks: readonly Prefix[], prefix: Prefix): number[] {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const block = blocks[middle];
    if (block !== undefined && comparePrefix(block, prefix) < 0) low = middle + 1;
    else high = middle;
  }
  // The one before begins earlier and may reach into it.
  const found: number[] = [];
  for (let index = Math.max(0, low - 1); index < blocks.length; index += 1) {
    const block = blocks[index];
    if (block === undefined) break;
    if (overlaps(block, prefix)) found.push(index);
    else if (index >= low) break;
  }
  return found;
}
