import type { GatewayConfiguration } from '../gateway-configuration.ts';
import type { EndpointId, NetworkId } from '../ids.ts';
import type { Prefix, PrefixText } from '../ip/prefix.ts';
import { formatPrefix, strictPrefix } from '../ip/prefix.ts';
import { subtract } from '../ip/prefix-set.ts';
import type { Ends } from './live-ends.ts';
import { countOf } from './live-ends.ts';

/** AccessChange is what those who stay connected reach no more, or reach besides: prefixes of one network. */
export type AccessChange = {
  readonly kind: 'lost' | 'gained';
  readonly networkId: NetworkId;
  readonly networkName: string;
  readonly prefixes: readonly PrefixText[];
  readonly people: number;
  readonly connectors: number;
};

/**
 * accessChanges compares what can be reached now. The WPC is a full mesh, so a prefix is there for everybody who is connected, as long as one
 * of its network's connectors is; a network's own connectors reach it by their LAN. Who is cut off is not counted: they lose everything. A
 * prefix that goes from one network to another is lost by nobody if both have a connector.
 */
export function accessChanges(was: GatewayConfiguration, is: GatewayConfiguration, ends: Ends): readonly AccessChange[] {
  const before = reachable(was, new Set(ends.map(({ endpoint }) => endpoint)));
  const after = reachable(is, new Set(ends.filter(({ fate }) => fate !== 'cut').map(({ endpoint }) => endpoint)));
  return [...differences('lost', was, before, after, ends), ...differences('gained', is, after, before, ends)];
}

type Reachable = ReadonlyMap<NetworkId, readonly PrefixText[]>;

function reachable({ prefixes, networks }: GatewayConfiguration, live: ReadonlySet<EndpointId>): Reachable {
  const open = new Map<NetworkId, boolean>(
    Object.entries(networks).map(([id, { connectors }]) => [id as NetworkId, connectors.some((each) => live.has(each))]),
  );
  const found = new Map<NetworkId, PrefixText[]>();
  for (const [text, { network }] of Object.entries(prefixes)) {
    if (open.get(network) !== true) continue;
    const list = found.get(network);
    if (list === undefined) found.set(network, [text as PrefixText]);
    else list.push(text as PrefixText);
  }
  return found;
}

/** What of `wanted` is not in `others`, network by network. */
function differences(
  kind: AccessChange['kind'],
  configuration: GatewayConfiguration,
  wanted: Reachable,
  others: Reachable,
  ends: Ends,
): readonly AccessChange[] {
  let all: readonly Prefix[] | undefined;
  return [...wanted].flatMap(([networkId, texts]): AccessChange[] => {
    const same = new Set(others.get(networkId));
    const differing = texts.filter((text) => !same.has(text));
    if (differing.length === 0) return [];
    all ??= [...others.values()].flat().map((text) => strictPrefix(text));
    const prefixes = subtract(
      differing.map((text) => strictPrefix(text)),
      all,
    ).map((prefix) => formatPrefix(prefix));
    const own = new Set(configuration.networks[networkId]?.connectors);
    const { people, connectors } = countOf(ends, ({ endpoint, fate }) => fate !== 'cut' && !own.has(endpoint));
    if (prefixes.length === 0 || people + connectors === 0) return [];
    return [{ kind, networkId, networkName: configuration.networks[networkId]?.name ?? networkId, prefixes, people, connectors }];
  });
}
