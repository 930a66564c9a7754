import type { MapEdge, MapLayout } from '../../../core/map-layout.ts';
import { mapColumns } from '../../../core/map-layout.ts';

/** Portal.md 3: cards are 208 × 56, and narrower only where four of them have no room for the edges between. */
const card = { width: 208, height: 56, apart: 8 } as const;
const narrowestGap = 56;
const narrowestCard = 128;
/** Lines of different regions lie this far apart, where there is room. */
const linesApart = 10;
const portsApart = 6;
const furthestPort = 22;
const bend = 8;

export type Place = { readonly x: number; readonly y: number };
export type MapGeometry = {
  readonly cardWidth: number;
  readonly height: number;
  readonly columns: readonly number[];
  /** Upper left corners, by id. */
  readonly places: ReadonlyMap<string, Place>;
  /** Of each edge of the layout, in its order. */
  readonly paths: readonly string[];
};

/** What a map needs at least; a narrower page lets it scroll. */
export const narrowestMap = mapColumns.length * narrowestCard + (mapColumns.length - 1) * narrowestGap;

/**
 * geometryOf says where cards and edges lie in a map of this width. An edge goes straight, along the vertical line of its region, and straight
 * again: lines of one region lie on each other, so that many sites are one trunk with branches and no fan.
 */
export function geometryOf({ cards, edges, rows }: MapLayout, width: number): MapGeometry {
  const gaps = mapColumns.length - 1;
  const cardWidth = Math.max(narrowestCard, Math.min(card.width, Math.floor((width - gaps * narrowestGap) / mapColumns.length)));
  const gap = Math.max(narrowestGap, (width - mapColumns.length * cardWidth) / gaps);
  const columns = mapColumns.map((_, column) => Math.round(column * (cardWidth + gap)));
  const pitch = card.height + card.apart;
  const column = new Map(cards.map((each) => [each.id, each.column]));
  const places = new Map(cards.map(({ id, column: at, row }) => [id, { x: columns[at] ?? 0, y: row * pitch }]));

  const rowOf = new Map(cards.map(({ id, row }) => [id, row]));
  // The side of an edge where many lines become one: the region, or the internet.
  const trunkOf = ({ from, to }: MapEdge): string => (column.get(from) === 1 ? from : to);
  const otherEnd = ({ from, to }: MapEdge): string => (column.get(from) === 1 ? to : from);
  const trunks = gapOrder(edges, (edge) => column.get(edge.from) ?? 0, trunkOf, rowOf);
  const ports = gapOrder(edges, (edge) => `${String(column.get(edge.from))} ${otherEnd(edge)}`, trunkOf, rowOf);

  const paths = edges.map((edge) => {
    const at = column.get(edge.from) ?? 0;
    const trunk = trunkOf(edge);
    const lines = trunks.get(at) ?? [];
    const step = Math.min(linesApart, (gap - 3 * bend) / Math.max(1, lines.length));
    const middle = (columns[at] ?? 0) + cardWidth + gap / 2;
    const x = Math.round(middle + (lines.indexOf(trunk) - (lines.length - 1) / 2) * step);
    const shift = portShift(rowOf, otherEnd(edge), trunk, ports.get(`${String(at)} ${otherEnd(edge)}`) ?? []);
    const y = (id: string): number => (places.get(id)?.y ?? 0) + card.height / 2 + (id === trunk ? 0 : shift);
    return bentLine({ x: (places.get(edge.from)?.x ?? 0) + cardWidth, y: y(edge.from) }, x, {
      x: places.get(edge.to)?.x ?? 0,
      y: y(edge.to),
    });
  });
  return { cardWidth, height: Math.max(0, rows * pitch - card.apart), columns, places, paths };
}

/**
 * gapOrder lists for each key the trunks that its edges have, the lowest first: a line that goes straight to a card then begins to the right of
 * those that only pass its row.
 */
function gapOrder<Key>(
  edges: readonly MapEdge[],
  keyOf: (edge: MapEdge) => Key,
  trunkOf: (edge: MapEdge) => string,
  rowOf: ReadonlyMap<string, number>,
): ReadonlyMap<Key, readonly string[]> {
  const grouped = [...Map.groupBy(edges, keyOf)].map(([key, same]): [Key, readonly string[]] => [
    key,
    [...new Set(same.map(trunkOf))].toSorted((a, b) => (rowOf.get(b) ?? 0) - (rowOf.get(a) ?? 0)),
  ]);
  return new Map(grouped);
}

/**
 * portShift is how far from the middle of a card an edge meets it: that of its own row in the middle, others above and below it. So a line that
 * bends away never lies on one that goes on.
 */
function portShift(rowOf: ReadonlyMap<string, number>, card: string, trunk: string, trunks: readonly string[]): number {
  const rowsDown = (id: string): number => (rowOf.get(id) ?? 0) - (rowOf.get(card) ?? 0);
  const side = Math.sign(rowsDown(trunk));
  const nearer = trunks.filter(
    (each) => Math.sign(rowsDown(each)) === side && Math.abs(rowsDown(each)) < Math.abs(rowsDown(trunk)),
  );
  return side * Math.min(furthestPort, portsApart * (1 + nearer.length));
}

function bentLine(from: Place, x: number, to: Place): string {
  const down = to.y - from.y;
  if (Math.abs(down) < 1) return `M${from.x} ${from.y}H${to.x}`;
  const radius = Math.min(bend, Math.abs(down) / 2);
  const side = Math.sign(down) * radius;
  return [
    `M${from.x} ${from.y}H${x - radius}`,
    `Q${x} ${from.y} ${x} ${from.y + side}`,
    `V${to.y - side}`,
    `Q${x} ${to.y} ${x + radius} ${to.y}`,
    `H${to.x}`,
  ].join('');
}

/** lineWidth is how wide an edge is drawn: by the order of magnitude of its traffic where that is known. */
export function lineWidth({ state, bytesPerSecond }: MapEdge): number {
  if (state === 'standby') return 1;
  // What works covers what does not, where they share a line.
  if (state === 'down') return 1.5;
  const plain = 2;
  return bytesPerSecond === null ? plain : Math.min(6, plain + Math.log10(1 + bytesPerSecond / 1_000));
}
