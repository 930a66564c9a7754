import type { ConnectorId, NetworkId } from '../ids.ts';
import { strictAddress } from '../ip/address.ts';
import type { AddressText } from '../ip/address.ts';
import type { Prefix, PrefixText } from '../ip/prefix.ts';
import { formatPrefix, hostPrefix, strictPrefix } from '../ip/prefix.ts';
import { aggregate, subtract } from '../ip/prefix-set.ts';
import type { NatMode, Network, WpcModel } from '../model.ts';

export type SitePairWpc = Pick<WpcModel, 'networks' | 'connectors'> & { readonly gatewayAddresses: readonly AddressText[] };

/** PairSite is one side of a pair. `mayForward` are the connectors that have to forward; empty: nothing can pass. */
export type PairSite = { readonly network: NetworkId; readonly nat: NatMode; readonly mayForward: readonly ConnectorId[] };

/**
 * SitePair says what connections from one network to another need. Both routes are always needed: the first draws the packets to the
 * connector (SS-19), the second the answers (SS-25, SS-30). NAT does not spare it, because remote sites are never masqueraded: servers see
 * the real source.
 */
export type SitePair = {
  readonly from: PairSite;
  readonly to: PairSite;
  /** At the router of `from`: the prefixes of `to`. */
  readonly routesAtFrom: readonly PrefixText[];
  /** At the router of `to`: the prefixes of `from`. */
  readonly routesAtTo: readonly PrefixText[];
  /** One masquerades and the other does not: that makes a difference for people's devices, and none between these two. */
  readonly mixedNat: boolean;
  /** Why nothing can pass whatever the routers do; null where it can. */
  readonly blocked: 'no-prefix' | 'no-connector' | null;
};

/** PairList is every ordered pair of different networks, by number, so that a million of them need not be made for one page. */
export type PairList = { readonly length: number; readonly at: (index: number) => SitePair | undefined };

/** sitePairs lists from the first network to all others, then from the second, and so on, in the model's order; `only` keeps pairs with it. */
export function sitePairs(wpc: SitePairWpc, only?: NetworkId): PairList {
  const sides = wpc.networks.map((network) => side(wpc, network));
  const others = sides.length - 1;
  const own = only === undefined ? -1 : sides.findIndex(({ site }) => site.network === only);
  if (others < 1 || (only !== undefined && own < 0)) return { length: 0, at: () => undefined };
  const other = (from: number, index: number) => (index < from ? index : index + 1);
  const pair = (from: number, to: number) => {
    const [a, b] = [sides[from], sides[to]];
    return a === undefined || b === undefined ? undefined : pairOf(a, b);
  };
  if (only !== undefined) {
    return {
      length: others * 2,
      at: (index) => (index % 2 === 0 ? pair(own, other(own, index >> 1)) : pair(other(own, index >> 1), own)),
    };
  }
  return {
    length: sides.length * others,
    at: (index) => {
      const from = Math.floor(index / others);
      return pair(from, other(from, index % others));
    },
  };
}

type Side = { readonly site: PairSite; readonly prefixes: readonly PrefixText[] };

function side(wpc: SitePairWpc, { id, nat, prefixes }: Network): Side {
  const gateways = wpc.gatewayAddresses.map((text): Prefix => hostPrefix(strictAddress(text)));
  const mayForward = wpc.connectors
    .filter(({ site, suspended }) => site.kind === 'network' && site.id === id && !suspended)
    .map((connector) => connector.id);
  const reachable = aggregate(
    subtract(
      prefixes.map((text) => strictPrefix(text)),
      gateways,
    ),
  );
  return { site: { network: id, nat, mayForward }, prefixes: reachable.map((prefix) => formatPrefix(prefix)) };
}

function pairOf(from: Side, to: Side): SitePair {
  return {
    from: from.site,
    to: to.site,
    routesAtFrom: to.prefixes,
    routesAtTo: from.prefixes,
    mixedNat: from.site.nat !== to.site.nat,
    blocked: blockedBy(from, to),
  };
}

function blockedBy(from: Side, to: Side): SitePair['blocked'] {
  if (from.prefixes.length === 0 || to.prefixes.length === 0) return 'no-prefix';
  return from.site.mayForward.length === 0 || to.site.mayForward.length === 0 ? 'no-connector' : null;
}
