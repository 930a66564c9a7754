import type { MapColumn, MapEdge, PlacedCard } from '../../../core/map-layout.ts';
import { mapColumns } from '../../../core/map-layout.ts';

/** Lit is what belongs to the flows through a card: its id and those of others, and edges by `edgeKey`. */
export type Lit = { readonly cards: ReadonlySet<string>; readonly edges: ReadonlySet<string> };

export function edgeKey({ from, to }: Pick<MapEdge, 'from' | 'to'>): string {
  return `${from} ${to}`;
}

/**
 * litBy follows the edges from a card to both sides. To the internet only those are followed whose traffic leaves there (`leavesBy`: for a site,
 * the cards of those who leave by it), also where it crosses from the gateway of one region to that of another, which has no edge.
 */
export function litBy(
  id: string,
  cards: readonly PlacedCard[],
  edges: readonly MapEdge[],
  leavesBy: ReadonlyMap<string, ReadonlySet<string>>,
): Lit {
  const byId = new Map(cards.map((card) => [card.id, card]));
  const columnOf = (card: string): MapColumn | undefined => mapColumns[byId.get(card)?.column ?? -1];
  const membersOf = (card: string) => byId.get(card)?.group?.members ?? [card];
  const usersOf = (site: string) => new Set(membersOf(site).flatMap((member) => [...(leavesBy.get(member) ?? [])]));
  const lit = { cards: new Set([id]), edges: new Set<string>() };
  const light = (edge: MapEdge): void => {
    lit.edges.add(edgeKey(edge));
    lit.cards.add(edge.from).add(edge.to);
  };
  const follow = (card: string, forward: boolean, isWanted: (edge: MapEdge) => boolean): void => {
    for (const edge of edges) {
      if ((forward ? edge.from : edge.to) !== card || !isWanted(edge)) continue;
      light(edge);
      follow(forward ? edge.to : edge.from, forward, isWanted);
    }
  };
  const isExit = ({ to }: MapEdge) => columnOf(to) === 'internet';

  const exits = edges.filter(isExit);
  const column = columnOf(id);
  switch (column) {
    case undefined:
      return lit;
    case 'people': {
      const own = new Set(membersOf(id));
      follow(id, true, (edge) => !isExit(edge));
      for (const exit of exits.filter(({ from }) => !usersOf(from).isDisjointFrom(own))) {
        light(exit);
        follow(exit.from, false, ({ from }) => columnOf(from) === 'region');
      }
      return lit;
    }
    case 'internet': {
      const users = new Set(exits.flatMap(({ from }) => [...usersOf(from)]));
      follow(id, false, ({ from }) => columnOf(from) !== 'people');
      for (const edge of edges) if (membersOf(edge.from).some((member) => users.has(member))) light(edge);
      return lit;
    }
    case 'region':
    case 'site':
      follow(id, true, () => true);
      follow(id, false, () => true);
      return lit;
  }
}
