import type { CloudState, FilterRule, NetworkCard, Subnet } from './cloud-state.ts';
import { filterNamed } from './lookup.ts';
import type { FilterKind } from './vendors.ts';
import { vendorOf } from './vendors.ts';

/** FilterLayer is one filter through which a packet goes at a card or at its subnet. */
export type FilterLayer = {
  readonly kind: FilterKind;
  readonly at: 'card' | 'subnet';
  /** Ids and names, for people; empty where none is bound. */
  readonly filters: readonly { readonly id: string; readonly label: string }[];
  /** Null where the bound filters or their rules were not read. */
  readonly rules: readonly FilterRule[] | null;
};

/**
 * layersOf lists them in the order in which a packet goes in; out it is the reverse. `crossing` is false for a packet that stays in its subnet,
 * where a network ACL never sees it.
 */
export function layersOf(
  state: CloudState,
  card: NetworkCard | undefined,
  subnet: Subnet | undefined,
  crossing: boolean,
): readonly FilterLayer[] {
  const { cardFilter, subnetFilter } = vendorOf(state.cloud);
  if (cardFilter.discipline === 'open') return [];
  const ofCard = card === undefined ? null : card.filters;
  const ofSubnet = subnet === undefined ? null : subnet.filters;
  // One set in Oracle's cloud: what either allows passes.
  const joined = ofCard === null || ofSubnet === null ? null : [...ofSubnet, ...ofCard];
  const atCard = layer(state, cardFilter, 'card', state.cloud === 'oci' ? joined : ofCard);
  if (subnetFilter === null || (subnetFilter.where === 'between-subnets' && !crossing)) return [atCard];
  return [layer(state, subnetFilter, 'subnet', ofSubnet), atCard];
}

function layer(state: CloudState, kind: FilterKind, at: 'card' | 'subnet', ids: readonly string[] | null): FilterLayer {
  const filters = (ids ?? []).map((id) => ({ id, label: filterNamed(state, id)?.label ?? id }));
  return { kind, at, filters, rules: ids === null ? null : rulesOf(state, kind, ids) };
}

function rulesOf(state: CloudState, kind: FilterKind, ids: readonly string[]): readonly FilterRule[] | null {
  const all: FilterRule[] = [];
  for (const id of ids) {
    const rules = filterNamed(state, id)?.rules ?? null;
    if (rules === null) return null;
    all.push(...rules);
  }
  return [...all, ...kind.rules];
}
