import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compile } from '../compile.ts';
import { exampleGateway, exampleId, exampleWpc } from '../example-wpc.ts';
import type { ConnectorId, DeviceId, EndpointId, HostId, NetworkId, UserId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';
import { formatAddress, strictAddress, tryParseAddress } from '../ip/address.ts';
import { anyAddress } from '../ip/test-arbitraries.ts';
import { containsAddress, strictPrefix } from '../ip/prefix.ts';
import type { PrefixText } from '../ip/prefix.ts';
import type { Device, WpcModel } from '../model.ts';
import { editDistance } from './edit-distance.ts';
import type { EndInput, EndSide, FoundEnd } from './find-end.ts';
import { findEnd } from './find-end.ts';
import type { ObservedMachine } from './input.ts';
import type { LanStatement } from './statement.ts';

const base = exampleWpc({ networks: 2, devices: 3 });
const user = (number: number, name: string) => ({ ...first(base.users), id: exampleId(4, number) as UserId, name });
const device = (number: number, owner: number, name: string): Device => ({
  id: exampleId(5, number) as DeviceId,
  name,
  user: exampleId(4, owner) as UserId,
  address: `100.96.16.${String(number + 1)}` as AddressText,
  userLane: 0,
  authenticatedAt: null,
  clientUuid: '',
});
const model: WpcModel = {
  ...base,
  users: [user(0, 'bob'), user(1, 'alice'), user(2, 'nobody'), user(3, 'bob/x'), user(4, 'network:odd'), user(5, '10.0.0.9')],
  devices: [
    device(0, 0, 'laptop'),
    device(1, 1, 'laptop'),
    device(2, 1, 'phone'),
    device(3, 3, 'y'),
    device(4, 4, 'pc'),
    device(5, 5, 'pc'),
    device(6, 1, 'twin'),
    device(7, 1, 'twin'),
  ],
  connectors: [
    ...base.connectors,
    { ...first(base.connectors), id: exampleId(2, 8) as ConnectorId, name: 'hq-1', address: '100.96.0.108' as AddressText },
    {
      ...first(base.connectors),
      id: exampleId(2, 9) as ConnectorId,
      name: 'backup-1',
      site: { kind: 'host', id: exampleId(6, 0) as HostId },
      address: '100.96.0.109' as AddressText,
    },
  ],
  networks: [...base.networks, { ...first(base.networks), id: exampleId(1, 7) as NetworkId, name: 'Empty', prefixes: [] }],
  hosts: [...base.hosts, { ...first(base.hosts), id: exampleId(6, 1) as HostId, name: 'bare' }],
};

function first<Item>(items: readonly Item[]): Item {
  const [item] = items;
  assert.ok(item !== undefined);
  return item;
}

type Seen = {
  readonly attached?: readonly EndpointId[];
  readonly statements?: ReadonlyMap<NetworkId, LanStatement>;
  readonly machines?: ReadonlyMap<ConnectorId, ObservedMachine>;
};

function inputOf({ attached = [], statements = new Map(), machines = new Map() }: Seen = {}, of: WpcModel = model): EndInput {
  const session = { lane: 'u0', since: '2026-01-31T12:00:00.000Z', clientAddress: null } as const;
  return {
    model: of,
    configuration: compile(of, exampleGateway),
    observed: { attached: new Map(attached.map((id) => [id, session])), statements, machines },
  };
}

function find(text: string, seen: Seen = {}, side: EndSide = 'source'): FoundEnd {
  return findEnd(inputOf(seen), text, side);
}

const hq = exampleId(1, 0) as NetworkId;
const server = (address: string) => ({ address: address as AddressText, gateway: null, admits: null, runsTailscale: null });

describe('findEnd finds', () => {
  const cases: readonly (readonly [text: string, kind: string, label: string, address: string])[] = [
    ['bob', 'device', 'bob/laptop', '100.96.16.1'],
    ['BOB', 'device', 'bob/laptop', '100.96.16.1'],
    ['bob/laptop', 'device', 'bob/laptop', '100.96.16.1'],
    ['alice/phone', 'device', 'alice/phone', '100.96.16.3'],
    ['bob/x', 'device', 'bob/x/y', '100.96.16.4'],
    ['bob/x/y', 'device', 'bob/x/y', '100.96.16.4'],
    ['user:network:odd', 'device', 'network:odd/pc', '100.96.16.5'],
    ['user:10.0.0.9', 'device', '10.0.0.9/pc', '100.96.16.6'],
    [`device:${exampleId(5, 2)}`, 'device', 'alice/phone', '100.96.16.3'],
    [`user:${exampleId(4, 0)}`, 'device', 'bob/laptop', '100.96.16.1'],
    ['100.96.16.3', 'device', 'alice/phone', '100.96.16.3'],
    ['100.96.0.100', 'connector', 'hq-0', '100.96.0.100'],
    ['connector:hq-0', 'connector', 'hq-0', '100.96.0.100'],
    ['host:host', 'host', 'host', '100.96.0.109'],
    ['network:HQ Network', 'network', 'HQ Network', '10.0.0.1'],
    [`network:${exampleId(1, 1)}`, 'network', 'Branch Network', '192.168.0.1'],
    ['10.0.0.20', 'server', '10.0.0.20', '10.0.0.20'],
    ['10.0.0.9', 'server', '10.0.0.9', '10.0.0.9'],
    ['100.96.0.1', 'gateway', 'gateway', '100.96.0.1'],
  ];
  for (const [text, kind, label, address] of cases) {
    test(text, () => {
      const found = find(text);
      assert.ok(found.kind === 'found', JSON.stringify(found));
      assert.deepEqual([found.end.object.kind, found.end.object.label, found.end.address], [kind, label, address]);
    });
  }

  test('the internet as a destination, and what no network has: the trace says what is missing there', () => {
    for (const address of ['107.3.152.27', '10.99.0.1']) {
      const found = find(address, {}, 'destination');
      assert.ok(found.kind === 'found');
      assert.deepEqual(found.end, { object: { kind: 'server', id: address, label: address }, address });
    }
  });

  test('the one device of several that is connected, and says so', () => {
    const found = find('alice', { attached: [`device:${exampleId(5, 2) as DeviceId}`] });
    assert.ok(found.kind === 'found');
    assert.equal(found.end.address, '100.96.16.3');
    assert.match(found.remark ?? '', /alice\/phone.* is meant: it is the only device of this user that is connected/);
  });

  test('for a network a stated server, else a probe target, else the first address that is neither router nor connector', () => {
    const addr = [{ ifname: 'e0', addr_info: [{ family: 'inet', local: '10.0.0.2', prefixlen: 18, scope: 'global' }] }];
    const route = [{ dst: 'default', gateway: '10.0.0.1', dev: 'e0' }];
    const section = (body: unknown) => ({ body: JSON.stringify(body), observedAt: '2026-01-31T12:00:00.000Z' });
    const sections = new Map([
      ['addr', section(addr)],
      ['route', section(route)],
    ]);
    const machines = new Map([[exampleId(2, 0) as ConnectorId, { sections }]]);
    const addressOf = (found: FoundEnd) => (found.kind === 'found' ? [found.end.address, found.remark] : found);
    assert.deepEqual(addressOf(find('network:HQ Network', { machines })), [
      '10.0.0.3',
      '10.0.0.3 stands for the network: no machine there is named, so it is the first address that may be one',
    ]);
    // The stated server that lies elsewhere cannot stand for it.
    const statements = new Map([[hq, { router: null, servers: [server('10.9.9.9'), server('10.0.0.20')] }]]);
    assert.deepEqual(addressOf(find('network:HQ Network', { machines, statements })), [
      '10.0.0.20',
      '10.0.0.20 stands for the network: it was stated',
    ]);
    const networks = model.networks.map((each) =>
      each.id === hq ? { ...each, probeTargets: ['10.0.0.5' as AddressText] } : each,
    );
    const found = findEnd(inputOf({ machines }, { ...model, networks }), 'network:HQ Network', 'source');
    assert.deepEqual(addressOf(found), ['10.0.0.5', '10.0.0.5 stands for the network: its health probes ask it']);
  });

  test('in the smallest prefixes what there is', () => {
    const of = (prefixes: readonly string[]) => {
      const networks = [{ ...first(base.networks), prefixes: prefixes as PrefixText[] }];
      const found = findEnd(inputOf({}, { ...model, networks }), 'network:HQ Network', 'source');
      return found.kind === 'found' ? found.end.address : found.kind;
    };
    assert.deepEqual(
      [of(['10.1.0.7/32']), of(['10.1.0.6/31']), of(['10.1.0.4/30']), of([])],
      ['10.1.0.7', '10.1.0.6', '10.1.0.5', 'outside'],
    );
  });
});

describe('findEnd does not guess', () => {
  test('among several devices, networks, connectors: it lists them, each by a text that means it alone', () => {
    const twins = { ...model, networks: [...model.networks, { ...first(model.networks), id: exampleId(1, 9) as NetworkId }] };
    for (const text of ['alice', 'connector:hq-1', 'network:HQ Network', 'alice/twin']) {
      const input = inputOf({}, twins);
      const found = findEnd(input, text, 'source');
      assert.ok(found.kind === 'ambiguous', `${text}: ${JSON.stringify(found)}`);
      assert.ok(found.candidates.length >= 2);
      const ends = found.candidates.map((candidate) => findEnd(input, candidate.text, 'source'));
      assert.ok(ends.every(({ kind }) => kind === 'found'));
      assert.equal(new Set(ends.map((end) => (end.kind === 'found' ? end.end.object.id : ''))).size, found.candidates.length);
    }
  });

  const unknown: readonly (readonly [text: string, reason: RegExp, nearest: readonly string[]])[] = [
    ['bop', /no user and no device has the name bop/, ['bob']],
    ['alcie/phone', /no user and no device/, ['alice/phone']],
    ['network:HQ Netwrok', /no network has the name or id/, ['network:HQ Network']],
    ['HQ Network', /no user and no device/, ['network:HQ Network']],
    ['hq-0', /no user and no device/, ['connector:hq-0']],
    ['host:hots', /no host/, ['host:host']],
    ['device:phnoe', /no device/, ['device:phone']],
    ['network:', /no network has the name or id ""/, []],
    ['', /no user and no device has the name ""/, []],
    ['nobody', /the user nobody has no device/, []],
    ['100.96.99.99', /own range 100\.96\.0\.0\/11, and no device or connector has it/, []],
    ['10.0.0.300', /10\.0\.0\.300/, []],
    ['10.0.0.0/18', /is a prefix; give one address of it, or network:NAME/, []],
    ['\u001b[31mred\u202e', /"\\u001b\[31mred\\u202e"/, []],
  ];
  for (const [text, reason, nearest] of unknown) {
    test(`${JSON.stringify(text)} is unknown`, () => {
      const found = find(text);
      assert.ok(found.kind === 'unknown', JSON.stringify(found));
      assert.match(found.reason, reason);
      assert.deepEqual(found.nearest, nearest);
    });
  }

  const outside: readonly (readonly [text: string, side: EndSide, reason: RegExp])[] = [
    ['10.99.0.1', 'source', /cannot send into the WPC; add a prefix that contains it/],
    ['107.3.152.27', 'source', /belongs to no network, device or connector/],
    ['127.0.0.1', 'destination', /loopback/],
    ['224.0.0.1', 'destination', /multicast/],
    ['169.254.169.254', 'destination', /link-local/],
    ['fd00::1', 'destination', /is IPv6, which this version does not carry/],
    ['host:bare', 'destination', /has no connector, and so no address/],
    ['network:Empty', 'destination', /has no prefix; add the prefix of its LAN/],
  ];
  for (const [text, side, reason] of outside) {
    test(`${text} is outside as a ${side}`, () => {
      const found = find(text, {}, side);
      assert.ok(found.kind === 'outside', JSON.stringify(found));
      assert.match(found.reason, reason);
    });
  }
});

describe('findEnd as properties', () => {
  const input = inputOf();
  test('any text has an answer without a raw control character in its reason', () => {
    const pieces = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('bob', 'network:', '/', '10.0.0.1', 'user:'),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 4 }), fc.constantFrom<EndSide>('source', 'destination'), (parts, side) => {
        const found = findEnd(input, parts.join(''), side);
        if (found.kind !== 'found') assert.doesNotMatch(found.reason, /\p{Cc}/u);
      }),
    );
  });

  test('an address that is found is the one that was asked for, and lies where its object says', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const text = formatAddress(address);
        const found = findEnd(input, text, 'source');
        if (found.kind !== 'found') return;
        assert.equal(found.end.address, text);
        const inside = model.networks.some(({ prefixes }) =>
          prefixes.some((each) => containsAddress(strictPrefix(each), address)),
        );
        assert.equal(found.end.object.kind === 'server', inside);
      }),
    );
  });

  test('every device, connector and network is found by its id', () => {
    for (const { id, address } of model.devices) {
      const found = findEnd(input, `device:${id}`, 'destination');
      assert.ok(found.kind === 'found' && found.end.address === address);
    }
    for (const { id, prefixes } of model.networks.slice(0, 2)) {
      const found = findEnd(input, `network:${id}`, 'destination');
      assert.ok(found.kind === 'found' && tryParseAddress(found.end.address) !== undefined);
      const { address } = found.end;
      assert.ok(prefixes.some((each) => containsAddress(strictPrefix(each), strictAddress(address))));
    }
  });
});

describe('editDistance', () => {
  /** The definition, without bound and without sharing work. */
  function plain(a: readonly string[], b: readonly string[]): number {
    if (a.length === 0 || b.length === 0) return a.length + b.length;
    const [last, other] = [a.at(-1), b.at(-1)];
    const [shortA, shortB] = [a.slice(0, -1), b.slice(0, -1)];
    const swapped = a.length > 1 && b.length > 1 && last === b.at(-2) && other === a.at(-2);
    return Math.min(
      plain(shortA, b) + 1,
      plain(a, shortB) + 1,
      plain(shortA, shortB) + (last === other ? 0 : 1),
      swapped ? plain(a.slice(0, -2), b.slice(0, -2)) + 1 : Infinity,
    );
  }
  const word = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 });
  test('is the definition as far as the bound goes', () => {
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 6 }), (a, b, bound) => {
        const distance = plain(a, b);
        const found = editDistance(a, b, bound);
        assert.equal(found <= bound ? found : bound + 1, Math.min(distance, bound + 1));
      }),
    );
  });
});
