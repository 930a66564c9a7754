import type { Address, AddressText } from '../../ip/address.ts';
import { formatAddress } from '../../ip/address.ts';
import type { Prefix, PrefixText } from '../../ip/prefix.ts';
import { containsAddress, strictPrefix } from '../../ip/prefix.ts';
import type { CloudState, Filter, NetworkCard, Subnet } from './cloud-state.ts';

/** Index is what is looked up in a state. Made once: one state serves all pairs of groups and services (compare.ts). */
type Index = {
  readonly byAddress: ReadonlyMap<AddressText, NetworkCard>;
  readonly byName: ReadonlyMap<string, NetworkCard>;
  readonly filters: ReadonlyMap<string, Filter>;
  readonly subnets: readonly { readonly subnet: Subnet; readonly prefixes: readonly Prefix[] }[];
  readonly ranges: readonly Prefix[];
};

const indexes = new WeakMap<CloudState, Index>();

function indexOf(state: CloudState): Index {
  const known = indexes.get(state);
  if (known !== undefined) return known;
  const subnets = state.subnets.map((subnet) => ({ subnet, prefixes: subnet.prefixes.map(strictPrefix) }));
  // The first of two wins, and an id is nearer than an alias.
  const aliases = state.cards.flatMap((card) => card.aliases.map((alias) => [alias, card] as const));
  const index: Index = {
    byAddress: new Map(state.cards.flatMap((card) => card.addresses.map((address) => [address, card] as const)).toReversed()),
    byName: new Map([...aliases.toReversed(), ...state.cards.map((card) => [card.id, card] as const).toReversed()]),
    filters: new Map((state.filters ?? []).map((filter) => [filter.id, filter])),
    subnets,
    ranges: [...(state.ranges ?? []).map(strictPrefix), ...subnets.flatMap(({ prefixes }) => prefixes)],
  };
  indexes.set(state, index);
  return index;
}

/** cardAt is the card that has the address, if it was read. */
export function cardAt(state: CloudState, address: Address): NetworkCard | undefined {
  return indexOf(state).byAddress.get(formatAddress(address));
}

/** cardNamed finds a card as routes and rules name it. */
export function cardNamed(state: CloudState, name: string): NetworkCard | undefined {
  return indexOf(state).byName.get(name);
}

export function hasAddress(card: NetworkCard | undefined, address: Address): boolean {
  return card?.addresses.includes(formatAddress(address)) === true;
}

/** subnetOf is the subnet of a card, or of an address whose card was not read. */
export function subnetOf(state: CloudState, card: NetworkCard | undefined, address: Address): Subnet | undefined {
  const named = card?.subnet ?? null;
  if (named !== null) return state.subnets.find(({ id }) => id === named);
  return indexOf(state).subnets.find(({ prefixes }) => prefixes.some((prefix) => containsAddress(prefix, address)))?.subnet;
}

export function filterNamed(state: CloudState, id: string): Filter | undefined {
  return indexOf(state).filters.get(id);
}

/** isInside: whether the address belongs to the VPC; `unknown` where its ranges were not read and nothing else tells. */
export function isInside(state: CloudState, address: Address): 'yes' | 'no' | 'unknown' {
  const { ranges } = indexOf(state);
  if (ranges.some((prefix) => containsAddress(prefix, address)) || cardAt(state, address) !== undefined) return 'yes';
  return state.ranges === null ? 'unknown' : 'no';
}

/** What has a prefix, a route or a peer, keeps it parsed as long as it lives. */
const parsed = new WeakMap<object, Prefix>();

/** prefixOn is the prefix of a route or peer, parsed once. */
export function prefixOn(owner: object, text: PrefixText): Prefix {
  const known = parsed.get(owner);
  if (known !== undefined) return known;
  const prefix = strictPrefix(text);
  parsed.set(owner, prefix);
  return prefix;
}

const privateSpace = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map((text) =>
  strictPrefix(text),
);

/** isPrivate: no gateway to the internet carries it, as source or destination. */
export function isPrivate(address: Address): boolean {
  return privateSpace.some((prefix) => containsAddress(prefix, address));
}
