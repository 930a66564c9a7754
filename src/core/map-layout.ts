/**
 * Where the cards of the overview's map lie: four columns that are always the same, rows that say who belongs together, and nothing that
 * moves without a reason. A card's place follows from itself and from the order numbers of the regions that it leads to, never from rows:
 * so a card that comes or goes moves cards of its own column only.
 */

/** From left to right. */
export const mapColumns = ['people', 'region', 'site', 'internet'] as const;
export type MapColumn = (typeof mapColumns)[number];

export const cardStates = ['up', 'degraded', 'down', 'unknown', 'pending'] as const;
export type CardState = (typeof cardStates)[number];

/** `standby`: it would carry traffic, and does not now. From what carries most to what carries nothing. */
export const edgeStates = ['up', 'degraded', 'standby', 'down'] as const;
export type EdgeState = (typeof edgeStates)[number];

export type MapCard = {
  readonly id: string;
  readonly column: MapColumn;
  /** A number that it keeps for ever: of its creation, or of a region its place in the catalogue. */
  readonly order: number;
  readonly state: CardState;
  /** What it is grouped by where its column has too many cards: a region or label. */
  readonly label: string;
  /** Order numbers of the regions that it leads to, by its sites where need be; of a region nothing: it lies by its own. */
  readonly regions: readonly number[];
};

/** An edge between cards, from left to right; `bytesPerSecond` is null where it is not known. */
export type MapEdge = {
  readonly from: string;
  readonly to: string;
  readonly state: EdgeState;
  readonly bytesPerSecond: number | null;
};

export type PlacedCard = {
  readonly id: string;
  /** Counted from 0. */
  readonly column: number;
  readonly row: number;
  readonly state: CardState;
  /** Of a group: its label and who is in it, in their order. Null for a card that stands for itself. */
  readonly group: { readonly label: string; readonly members: readonly string[] } | null;
};

export type MapLayout = {
  readonly cards: readonly PlacedCard[];
  /** Between placed cards; edges that came to lie on each other are one. */
  readonly edges: readonly MapEdge[];
  /** Of the highest column. */
  readonly rows: number;
};

export type MapOptions = {
  /** A column with more cards than these is grouped by label. Counted by column, so that no other one moves. */
  readonly mostCards?: number;
  /** Ids of groups whose members are shown in their place. */
  readonly open?: ReadonlySet<string>;
};

const usualMostCards = 60;

/** layoutMap places cards and edges. Ids are unique; an edge to a card that is not there is left out. */
export function layoutMap(
  cards: readonly MapCard[],
  edges: readonly MapEdge[],
  { mostCards = usualMostCards, open = new Set() }: MapOptions = {},
): MapLayout {
  const shownAs = new Map<string, string>();
  const placed = mapColumns.flatMap((column, index) => {
    const ordered = cards.filter((card) => card.column === column).toSorted(byPlace);
    const stacks = ordered.length > mostCards ? stacksOf(column, ordered, open) : ordered.map(alone);
    for (const { id, members } of stacks) for (const member of members) shownAs.set(member.id, id);
    return stacks.map(({ id, label, members }, row): PlacedCard => {
      const group = label === null ? null : { label, members: members.map((member) => member.id) };
      return { id, column: index, row, state: sharedState(members.map(({ state }) => state)), group };
    });
  });
  return {
    cards: placed,
    edges: mergeEdges(edges, shownAs),
    rows: placed.reduce((most, { row }) => Math.max(most, row + 1), 0),
  };
}

/** Beside the regions that it leads to, in the middle of them; infinite where it leads to none: such cards lie last. */
function barycentre({ column, order, regions }: MapCard): number {
  if (column === 'region') return order;
  return regions.length === 0 ? Number.POSITIVE_INFINITY : sum(regions) / regions.length;
}

/** In the order of the numbers, so that the order in which they came does not show in the last digit. */
function sum(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b).reduce((total, value) => total + value, 0);
}

function byPlace(a: MapCard, b: MapCard): number {
  const [left, right] = [barycentre(a), barycentre(b)];
  if (left !== right) return left < right ? -1 : 1;
  if (a.order !== b.order) return a.order < b.order ? -1 : 1;
  return compareText(a.id, b.id);
}

/** Stack is what is shown as one card; `label` null: a card for itself. */
type Stack = { readonly id: string; readonly label: string | null; readonly members: readonly MapCard[] };

function alone(card: MapCard): Stack {
  return { id: card.id, label: null, members: [card] };
}

/** Groups lie where their first member would; the members of an open one lie there themselves. */
function stacksOf(column: MapColumn, ordered: readonly MapCard[], open: ReadonlySet<string>): Stack[] {
  return [...Map.groupBy(ordered, ({ label }) => label)].flatMap(([label, members]) => {
    const id = groupId(column, label);
    return open.has(id) || members.length === 1 ? members.map(alone) : [{ id, label, members }];
  });
}

/** groupId is the id of a group's card: what to put into `open`. */
export function groupId(column: MapColumn, label: string): string {
  return `group:${column}:${label}`;
}

/** One state is theirs; different ones are `degraded` where something of it works, else the worst of them. */
function sharedState(states: readonly CardState[]): CardState {
  const [first = 'unknown'] = states;
  if (states.every((state) => state === first)) return first;
  if (states.includes('up') || states.includes('degraded')) {
    return states.includes('down') || states.includes('degraded') ? 'degraded' : 'up';
  }
  return states.includes('down') ? 'down' : 'unknown';
}

function mergeEdges(edges: readonly MapEdge[], shownAs: ReadonlyMap<string, string>): MapEdge[] {
  const shown = edges.flatMap((edge): MapEdge[] => {
    const [from, to] = [shownAs.get(edge.from), shownAs.get(edge.to)];
    return from === undefined || to === undefined ? [] : [{ ...edge, from, to }];
  });
  const merged = [...Map.groupBy(shown, ({ from, to }) => JSON.stringify([from, to])).values()].map((same): MapEdge => {
    const [{ from, to } = { from: '', to: '' }] = same;
    const known = same.map(({ bytesPerSecond }) => bytesPerSecond).filter((each) => each !== null);
    return {
      from,
      to,
      state: sharedEdgeState(same.map(({ state }) => state)),
      bytesPerSecond: known.length === 0 ? null : sum(known),
    };
  });
  return merged.toSorted((a, b) => compareText(a.from, b.from) || compareText(a.to, b.to));
}

/** What works beside what does not is degraded; a standby beside it is no fault. */
function sharedEdgeState(states: readonly EdgeState[]): EdgeState {
  const works = states.includes('up');
  if (states.includes('degraded') || (works && states.includes('down'))) return 'degraded';
  return edgeStates.find((state) => states.includes(state)) ?? 'down';
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
