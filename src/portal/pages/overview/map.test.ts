import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Overview } from '../../../contract/api/overview.ts';
import { layoutMap } from '../../../core/map-layout.ts';
import { geometryOf, narrowestMap } from './map-geometry.ts';
import { edgeKey, litBy } from './map-light.ts';
import { mapOf } from './map-objects.ts';
import { openedGroups } from './opened-groups.ts';

const traffic = { bytesPerSecond: null, bytesIn: 0, bytesOut: 0, tunnels: 0, since: null };

function region(id: string, order: number, servedBy: string, hasGateway = true): Overview['regions'][number] {
  const gateway = { id: `g-${id}`, name: id, reports: true, reportedAt: null, lanes: 2, lanesUp: 2 };
  return { id, name: id, country: 'DE', order, servedBy, gateway: hasGateway ? gateway : null };
}

type Connector = NonNullable<Overview['networks']>[number]['connectors'][number];

function connector(id: string, gatewayRegionId: string, state: Partial<Connector> = {}): Connector {
  return {
    id,
    name: id,
    regionId: gatewayRegionId,
    gatewayRegionId,
    ipV4Address: '100.96.0.2',
    connectionStatus: 'ONLINE',
    suspended: false,
    draining: false,
    role: 'active',
    health: 'healthy',
    healthReason: '',
    traffic,
    ...state,
  };
}

function network(id: string, connectors: readonly Connector[], egress = false): NonNullable<Overview['networks']>[number] {
  return {
    id,
    name: id,
    internetAccess: 'SPLIT_TUNNEL_ON',
    connectors: [...connectors],
    prefixes: [],
    nat: 'masquerade',
    egress,
  };
}

const down = { connectionStatus: 'OFFLINE', role: 'offline' } as const;
const staff = {
  id: 'staff',
  name: 'Staff',
  internetAccess: 'SPLIT_TUNNEL_OFF',
  people: 3,
  peopleOnline: 2,
  devicesOnline: 2,
  regions: [{ regionId: 'east', people: 2, devices: 2, traffic }],
} as const;
const guests = { ...staff, id: 'guests', name: 'Guests', internetAccess: 'SPLIT_TUNNEL_ON' } as const;
const use = {
  kind: 'user-group',
  id: 'staff',
  name: 'Staff',
  internetAccess: 'SPLIT_TUNNEL_OFF',
  gatewayRegion: 'east',
  reason: 'it is the nearest',
  since: '2026-01-01T00:00:00.000Z',
  connectorId: 'hq-1',
} as const;

const overview: Overview = {
  name: 'WPC',
  revision: 1,
  lastSeq: 1,
  at: '2026-01-01T00:00:00.000Z',
  counts: { networks: 3, hosts: 0, connectors: 5, connectorsOnline: 3, users: 3, devices: 2, devicesOnline: 2 },
  groups: [
    { ...staff, regions: [...staff.regions] },
    { ...guests, regions: [...guests.regions] },
  ],
  regions: [region('east', 0, 'east'), region('far', 1, 'west', false), region('west', 2, 'west')],
  networks: [
    network('hq', [connector('hq-1', 'west'), connector('hq-2', 'west', down)], true),
    network('branch', [connector('b-1', 'east', down)]),
    network('empty', []),
    network('spare', [connector('s-1', 'east', { role: 'standby' })], true),
  ],
  hosts: [],
  internet: { uses: [use], refused: [] },
  events: [],
};

test('what works, what does not, and what nobody has connected look different', () => {
  const { objects, edges } = mapOf(overview);
  const states = Object.fromEntries(objects.map(({ id, state, word }) => [id, `${state} ${word.key}`]));
  assert.deepEqual(states, {
    'user-group:staff': 'up online',
    'user-group:guests': 'up online',
    'region:east': 'up up',
    'region:west': 'up up',
    'network:hq': 'degraded connectors',
    'network:branch': 'down offline',
    'network:empty': 'unknown noConnector',
    'network:spare': 'up up',
    internet: 'up uses',
  });
  const drawn = edges
    .filter(({ to }) => to === 'network:branch' || to === 'internet')
    .map(({ from, state }) => `${from} ${state}`);
  assert.deepEqual(drawn, ['region:east down', 'network:hq up', 'network:spare standby']);
});

test('the internet lights up for who leaves by it, also through the gateway of another region, and for nobody else', () => {
  const { objects, edges, leavesBy } = mapOf(overview);
  const layout = layoutMap(objects, edges);
  const lit = (id: string) => litBy(id, layout.cards, layout.edges, leavesBy);
  assert.ok(lit('user-group:staff').edges.has(edgeKey({ from: 'network:hq', to: 'internet' })));
  assert.ok(lit('user-group:staff').cards.has('region:west'));
  assert.equal(lit('user-group:guests').cards.has('internet'), false);
  assert.ok(lit('internet').cards.has('user-group:staff'));
  assert.equal(lit('internet').cards.has('user-group:guests'), false);
  assert.deepEqual([...lit('gone').edges], []);
});

test('cards never overlap and stay within the map, at any width', () => {
  const { objects, edges } = mapOf(overview);
  const layout = layoutMap(objects, edges);
  for (const width of [narrowestMap, 766, 1024, 1184]) {
    const { cardWidth, columns, places, paths } = geometryOf(layout, width);
    assert.ok((columns.at(-1) ?? 0) + cardWidth <= width + 1, String(width));
    assert.ok(cardWidth <= 208);
    assert.equal(new Set([...places.values()].map(({ x, y }) => `${String(x)} ${String(y)}`)).size, places.size);
    assert.equal(paths.length, layout.edges.length);
    assert.ok(paths.every((path) => !path.includes('NaN')));
  }
});

test('an address that names no opened groups opens none', () => {
  assert.deepEqual(openedGroups('["group:site:DE", 1]'), ['group:site:DE']);
  for (const text of [undefined, '', '{', '"x"', 'null']) assert.deepEqual(openedGroups(text), []);
});
