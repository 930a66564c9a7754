import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cardStates, edgeStates, groupId, layoutMap, mapColumns } from './map-layout.ts';
import type { MapCard, MapEdge, MapLayout } from './map-layout.ts';

const ids = { people: 'p', region: 'r', site: 's', internet: 'i' } as const;

/** Cards with ids such as s3; edges may name what is not there. */
const card = (column: keyof typeof ids, number: number) =>
  fc.record({
    id: fc.constant(`${ids[column]}${String(number)}`),
    column: fc.constant(column),
    order: fc.nat(30),
    state: fc.constantFrom(...cardStates),
    label: fc.constantFrom('a', 'b', 'c', ''),
    regions: fc.array(fc.nat(30), { maxLength: 4 }),
  });
const cards = fc
  .subarray(mapColumns.flatMap((column) => Array.from({ length: 8 }, (_, number) => ({ column, number }))))
  .chain((chosen): fc.Arbitrary<MapCard[]> => fc.tuple(...chosen.map(({ column, number }) => card(column, number))));
const cardId = fc.tuple(fc.constantFrom(...Object.values(ids)), fc.nat(9)).map(([kind, number]) => `${kind}${String(number)}`);
const edges: fc.Arbitrary<MapEdge[]> = fc.array(
  fc.record({
    from: cardId,
    to: cardId,
    state: fc.constantFrom(...edgeStates),
    bytesPerSecond: fc.option(fc.nat(1_000_000)),
  }),
  { maxLength: 20 },
);
const mostCards = fc.constantFrom(2, 5, 60);

const placeOf = (layout: MapLayout, column: number) =>
  layout.cards.filter((placed) => placed.column === column).map(({ id, row }) => `${id} ${String(row)}`);

test('the same cards and edges lie in the same places, in whatever order they come', () => {
  fc.assert(
    fc.property(
      cards.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      edges.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      mostCards,
      ([some, shuffled], [links, shuffledLinks], most) => {
        const layout = layoutMap(some, links, { mostCards: most });
        assert.deepEqual(layoutMap(shuffled, shuffledLinks, { mostCards: most }), layout);
      },
    ),
  );
});

test('a card that comes moves no card of another column', () => {
  fc.assert(
    fc.property(
      cards,
      edges,
      mostCards,
      fc.constantFrom(...mapColumns).chain((column) => card(column, 9)),
      edges,
      (before, links, most, added, addedLinks) => {
        const old = layoutMap(before, links, { mostCards: most });
        const next = layoutMap([...before, added], [...links, ...addedLinks], { mostCards: most });
        for (const [index, column] of mapColumns.entries()) {
          if (column !== added.column) assert.deepEqual(placeOf(next, index), placeOf(old, index), column);
        }
      },
    ),
  );
});

test('a card that changes only its state, and edges, move nothing', () => {
  fc.assert(
    fc.property(cards, edges, edges, mostCards, fc.constantFrom(...cardStates), (some, links, others, most, state) => {
      const places = ({ cards: placed }: MapLayout) => placed.map(({ id, column, row }) => [id, column, row]);
      const changed = some.map((each) => ({ ...each, state }));
      assert.deepEqual(
        places(layoutMap(changed, others, { mostCards: most })),
        places(layoutMap(some, links, { mostCards: most })),
      );
    }),
  );
});

test('every card is shown once, rows are 0 to n-1 in each column, and a card lies in its own column', () => {
  fc.assert(
    fc.property(cards, edges, mostCards, fc.boolean(), (some, links, most, isOpen) => {
      const open = new Set(isOpen ? mapColumns.flatMap((column) => ['a', 'b'].map((label) => groupId(column, label))) : []);
      const layout = layoutMap(some, links, { mostCards: most, open });
      const shown = layout.cards.flatMap(({ id, group, column }) =>
        (group?.members ?? [id]).map((member) => `${member} ${mapColumns[column] ?? ''}`),
      );
      assert.deepEqual(shown.toSorted(), some.map(({ id, column }) => `${id} ${column}`).toSorted());
      for (const [index] of mapColumns.entries()) {
        const rows = layout.cards.filter(({ column }) => column === index).map(({ row }) => row);
        assert.deepEqual(
          rows,
          rows.map((_, row) => row),
        );
      }
      for (const { id } of layout.cards) assert.ok(!open.has(id));
    }),
  );
});

test('edges lie between cards that are shown, one for each pair, and no traffic is lost', () => {
  fc.assert(
    fc.property(cards, edges, mostCards, (some, links, most) => {
      const layout = layoutMap(some, links, { mostCards: most });
      const known = new Set(some.map(({ id }) => id));
      const shown = new Set(layout.cards.map(({ id }) => id));
      const total = (list: readonly MapEdge[]) => list.reduce((sum, { bytesPerSecond }) => sum + (bytesPerSecond ?? 0), 0);
      for (const { from, to } of layout.edges) assert.ok(shown.has(from) && shown.has(to));
      assert.equal(new Set(layout.edges.map(({ from, to }) => `${from} ${to}`)).size, layout.edges.length);
      const counted = total(links.filter(({ from, to }) => known.has(from) && known.has(to)));
      assert.equal(total(layout.edges), counted);
    }),
  );
});

const plain = (id: string, column: MapCard['column'], order: number, regions: number[] = [], label = ''): MapCard => ({
  id,
  column,
  order,
  state: 'up',
  label,
  regions,
});

test('who leads to the same region lies together, in the order of the regions; who leads nowhere lies last', () => {
  const layout = layoutMap(
    [
      plain('us', 'region', 1),
      plain('eu', 'region', 13),
      plain('idle', 'site', 1),
      plain('Berlin', 'site', 2, [13]),
      plain('Boston', 'site', 3, [1]),
      plain('both', 'site', 4, [1, 13]),
      plain('Austin', 'site', 5, [1]),
      plain('by Berlin', 'internet', 1, [13]),
      plain('by Boston', 'internet', 2, [1]),
    ],
    [],
  );
  assert.deepEqual(placeOf(layout, 2), ['Boston 0', 'Austin 1', 'both 2', 'Berlin 3', 'idle 4']);
  assert.deepEqual(placeOf(layout, 3), ['by Boston 0', 'by Berlin 1']);
  assert.equal(layout.rows, 5);
});

test('a column of more than 60 is grouped by label, with the traffic of its members; a group that is opened shows them', () => {
  const sites = Array.from({ length: 61 }, (_, n) => plain(`s${String(n)}`, 'site', n, [1], n % 2 === 0 ? 'even' : 'odd'));
  const all = [plain('eu', 'region', 1), ...sites];
  const links = sites.map(({ id }, n): MapEdge => ({ from: 'eu', to: id, state: n === 0 ? 'down' : 'up', bytesPerSecond: 10 }));
  assert.equal(layoutMap(all.slice(0, 61), links).cards.length, 61, '60 sites are not grouped');
  const layout = layoutMap(all, links);
  assert.deepEqual(placeOf(layout, 2), ['group:site:even 0', 'group:site:odd 1']);
  assert.deepEqual(layout.edges, [
    { from: 'eu', to: 'group:site:even', state: 'degraded', bytesPerSecond: 310 },
    { from: 'eu', to: 'group:site:odd', state: 'up', bytesPerSecond: 300 },
  ]);
  const opened = layoutMap(all, links, { open: new Set([groupId('site', 'odd')]) });
  assert.equal(opened.cards.length, 1 + 1 + 30);
});
