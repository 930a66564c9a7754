/**
 * src/core/site-routes says what the LAN of each network needs so that packets find the connector: the static routes of its router, and
 * what each pair of networks needs for site to site (tutorial.md 4 and 5). Nothing here writes a router's syntax: ../platforms does.
 * Tests stand beside: `./causeway node --test 'src/core/site-routes/*.test.ts'`.
 *
 * This file: which destinations each network's LAN has to send to its connector, for all networks at once.
 */
import type { NetworkId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';
import { strictAddress } from '../ip/address.ts';
import type { Prefix, PrefixText } from '../ip/prefix.ts';
import { formatPrefix, hostPrefix, strictPrefix } from '../ip/prefix.ts';
import { PrefixBlocks } from '../ip/prefix-blocks.ts';
import { aggregate, subtract } from '../ip/prefix-set.ts';
import type { NatMode, Network } from '../model.ts';

/** PlannedNetwork is what the routes of LANs depend on. */
export type PlannedNetwork = Pick<Network, 'id' | 'nat' | 'prefixes'> & { readonly internet: Network['internet']['mode'] };

export type SitePlanInput = {
  readonly tunnelRanges: readonly PrefixText[];
  readonly networks: readonly PlannedNetwork[];
  /** Where gateways are reached from outside: a LAN that sent these to the connector would send its tunnel into itself. */
  readonly gatewayAddresses: readonly AddressText[];
};

/**
 * Destinations of one network. `required`: without them flows that the model promises fail. `useful`: only what the LAN itself starts
 * towards people's devices needs them (masquerade: answers find the connector without a route). `internet`: the LAN's packets for the
 * internet go to the connector too. Each list is the fewest prefixes with exactly these addresses, sorted; the two share no address.
 */
export type Destinations = {
  readonly required: readonly PrefixText[];
  readonly useful: readonly PrefixText[];
  readonly internet: boolean;
};

/** SitePlan answers for single networks what was prepared once for all; undefined for a network that is not in it. */
export type SitePlan = { readonly destinationsOf: (id: NetworkId) => Destinations | undefined };

/** Destinations of everybody; `known` are the same texts. */
type Blocks = { readonly all: PrefixBlocks; readonly known: ReadonlySet<PrefixText> };

export type PreparedPlan = SitePlan & {
  readonly networks: ReadonlyMap<NetworkId, PlannedNetwork>;
  readonly blocksFor: (nat: NatMode) => ReadonlySet<PrefixText>;
  /** What a network's list has instead of the blocks that hold its own prefixes. */
  readonly exceptionsOf: (network: PlannedNetwork) => {
    readonly without: ReadonlySet<PrefixText>;
    readonly instead: readonly PrefixText[];
  };
};

/**
 * sitePlan prepares the destinations of all networks: prefixes are aggregated once, since with 1,000 networks of 1,000 prefixes doing it
 * for each would take seconds (routes-by-network.ts). Demands what the database guarantees: prefixes overlap neither each other nor the
 * tunnel ranges.
 */
export function sitePlan({ tunnelRanges, networks, gatewayAddresses }: SitePlanInput): PreparedPlan {
  const gateways = gatewayAddresses.map((text): Prefix => hostPrefix(strictAddress(text)));
  const ranges = tunnelRanges.map((text) => strictPrefix(text));
  const ofNetwork = new Map(networks.map(({ id, prefixes }) => [id, prefixes.map((text) => strictPrefix(text))]));
  const sites = [...ofNetwork.values()].flat();
  // Made when first asked for: mostly all networks have the same mode.
  const made: Partial<Record<NatMode, Blocks>> = {};
  const blocksOf = (nat: NatMode): Blocks =>
    (made[nat] ??= blocks(subtract(nat === 'routed' ? [...ranges, ...sites] : sites, gateways)));
  const rangeTexts = aggregate(ranges).map((prefix) => formatPrefix(prefix));
  const known = new Map(networks.map((network) => [network.id, network]));

  const exceptionsOf: PreparedPlan['exceptionsOf'] = (network) => {
    const { all, known: texts } = blocksOf(network.nat);
    return hasNoLan(network) ? { without: texts, instead: [] } : all.exceptions(ofNetwork.get(network.id) ?? []);
  };
  return {
    networks: known,
    blocksFor: (nat) => blocksOf(nat).known,
    exceptionsOf,
    destinationsOf: (id) => {
      const network = known.get(id);
      if (network === undefined) return undefined;
      const internet = network.internet !== 'SPLIT_TUNNEL_ON';
      if (hasNoLan(network)) return { required: [], useful: [], internet };
      return {
        required: blocksOf(network.nat).all.without(ofNetwork.get(id) ?? []),
        useful: network.nat === 'routed' ? [] : rangeTexts,
        // Restricted too: what it may not reach is refused at the gateway, and would leak past it otherwise.
        internet,
      };
    },
  };
}

/**
 * A network without prefixes has nothing that others reach or that may begin. With NAT its router needs no route either where it is an
 * internet gateway: what leaves by it has the connector's address. Without NAT the router gets the answers for everybody.
 */
function hasNoLan({ nat, prefixes }: PlannedNetwork): boolean {
  return prefixes.length === 0 && nat === 'masquerade';
}

function blocks(prefixes: readonly Prefix[]): Blocks {
  const all = new PrefixBlocks(prefixes);
  return { all, known: new Set(all.texts) };
}
