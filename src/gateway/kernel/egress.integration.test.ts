import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compile } from '../../core/compile.ts';
import { exampleGateway, exampleId, exampleSerial, exampleWpc } from '../../core/example-wpc.ts';
import type { Owners, PoolId } from '../../core/failover/pool.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { ConnectorId, EndpointId, NetworkId, UserGroupId } from '../../core/ids.ts';
import type { InternetAccess } from '../../core/internet-access.ts';
import type { AddressText } from '../../core/ip/address.ts';
import { assignLanes, laneDevice } from '../../core/lanes.ts';
import type { Session } from '../session.ts';
import { planMove } from '../cut.ts';
import { endpointNamed, exampleSession } from '../testing/example.ts';
import { KernelWorld } from '../testing/kernel-world.ts';
import { connectHosts, Namespace } from '../testing/namespace.ts';
import type { DesiredKernel } from './desired-kernel.ts';
import { desiredKernel } from './desired-kernel.ts';
import { changedClasses, forgetExits } from './forget-exits.ts';
import { anyExitMark, kernelOwnership } from './ownership.ts';

const own = kernelOwnership(3);
const people = 12;

/**
 * HQ (10.0.0.0/18) has the connectors c0 and c3, Branch (192.168.0.0/22) c1, and network 2 c2. Branch and network 2 are internet gateways.
 * Person 0 leaves by any of them, 1 by the local line, 2 is restricted to what is trusted, the others are as 1. HQ is restricted too.
 */
function configure(changes: { readonly person0?: InternetAccess } = {}): GatewayConfiguration {
  const wpc = exampleWpc({ networks: 3, devices: people });
  const [first] = wpc.connectors;
  assert.ok(first !== undefined);
  const second = { ...first, id: exampleId(2, 3) as ConnectorId, name: 'hq-b', address: '100.96.0.103' as AddressText };
  const connectors = [...wpc.connectors, second];
  const restricted: InternetAccess = { mode: 'RESTRICTED_INTERNET', bypass: [] };
  const accesses: InternetAccess[] = [
    changes.person0 ?? { mode: 'SPLIT_TUNNEL_OFF', gateways: [], bypass: [] },
    { mode: 'SPLIT_TUNNEL_ON' },
    restricted,
  ];
  const group = (index: number) => exampleId(3, index) as UserGroupId;
  const model = {
    ...wpc,
    connectors,
    networks: wpc.networks.map((network, index) => ({
      ...network,
      egress: index > 0,
      internet: index === 0 ? restricted : network.internet,
    })),
    userGroups: accesses.map((internet, index) => ({
      id: group(index),
      name: `group ${String(index)}`,
      internet,
      connectAuth: 'NO_AUTH' as const,
    })),
    users: wpc.users.map((user, index) => ({ ...user, group: group(index === 0 ? 0 : index === 2 ? 2 : 1) })),
    certificates: [...wpc.certificates, { serial: exampleSerial(9), endpoint: { kind: 'connector', id: second.id } as const }],
    devices: wpc.devices.map((device) => ({ ...device, userLane: 0 })),
    laneAssignment: assignLanes({}, connectors, 256),
    dnsServers: ['9.9.9.9' as AddressText],
    egressClassNumbers: { all: 1, restricted: 2 },
  };
  return compile(model, exampleGateway);
}

const configuration = configure();
const [hqA, branch, far, hqB] = [0, 1, 2, 3].map((index) => endpointNamed(configuration, 'connector', index)) as [
  EndpointId,
  EndpointId,
  EndpointId,
  EndpointId,
];
const person = (index: number) => `100.96.16.${String(index + 1)}`;
const every = [
  ...[hqA, branch, far, hqB].map((endpoint) => exampleSession(configuration, endpoint)),
  ...Array.from({ length: people }, (_, index) => exampleSession(configuration, endpointNamed(configuration, 'device', index))),
];
const hqPool: PoolId = `network:${exampleId(1, 0) as NetworkId}`;

function desire(
  owners: readonly (readonly [PoolId, readonly EndpointId[]])[],
  alive: readonly EndpointId[] = [hqA, hqB, branch, far],
  sessions: readonly Session[] = every,
  from: GatewayConfiguration = configuration,
): DesiredKernel {
  return desiredKernel({
    own,
    configuration: from,
    sessions,
    running: new Set(),
    undecided: new Set(),
    owners: new Map(owners) satisfies Owners,
    alive: new Set(alive),
  });
}

/** Every peer on its lane; what both gateways lead to on the internet is 8.8.8.8 and 9.9.9.9, HQ's server is 10.0.0.20. */
function build() {
  const world = new KernelWorld(own);
  const staff = world.peer(
    'staff',
    'u0',
    Array.from({ length: people }, (_, index) => person(index)),
  );
  const peers = {
    staff,
    hqA: world.peer('hqa', 'c0', ['100.96.0.100']),
    branch: world.peer('branch', 'c1', ['100.96.0.101']),
    far: world.peer('far', 'c2', ['100.96.0.102']),
    hqB: world.peer('hqb', 'c3', ['100.96.0.103']),
  };
  world.peer('far', 'h0', []);
  for (const spare of ['u1', 't0'] as const) world.peer('spare', spare, []);
  peers.hqA.answers('10.0.0.20');
  peers.hqB.answers('10.0.0.20');
  peers.branch.answers('8.8.8.8', '9.9.9.9');
  peers.far.answers('8.8.8.8', '9.9.9.9');
  return { world, ...peers };
}

const answered = /1 received/;
const refused = /From 100\.96\.0\.1 icmp_seq=1 Destination (Net|Host) Unreachable/;

describe('internet gateways, with packets', { concurrency: 2 }, () => {
  it('lead each source where its class says, and refuse the others at once', async () => {
    const { world, staff, branch: first, far: second } = build();
    using _ = world;
    using uplink = new Namespace('up');
    connectHosts(world.gateway, 'wan0', '192.0.2.1/24', uplink, 'wan0', '192.0.2.2/24');
    world.gateway.ip('route add default via 192.0.2.2');
    uplink.ip('addr add 8.8.8.8/32 dev lo');
    await world.reconcile(desire([['egress:e1', [far]]]));
    assert.match(await staff.ping('8.8.8.8', person(0)), answered);
    assert.deepEqual([first.received('c1'), second.received('c2')], [0, 1]);
    assert.match(await staff.ping('8.8.8.8', person(1)), refused, 'whoever has the local line has none here');
    assert.match(await staff.ping('8.8.8.8', person(2)), refused, 'whoever is restricted');
    assert.match(await staff.ping('9.9.9.9', person(2)), answered, 'what is trusted');
    assert.match(await staff.ping('10.0.0.20', person(2)), answered, 'what a network has');
    await world.reconcile(desire([['egress:e1', []]]));
    assert.match(await staff.ping('8.8.8.8', person(0)), refused, 'no gateway is left');
    const [names = '', counts = ''] = uplink.exec('cat', '/proc/net/snmp').split('\n');
    const received = counts.split(' ')[names.split(' ').indexOf('InReceives')];
    assert.equal(received, '0', "nothing left by the gateway's own line");
  });

  it('refuse a LAN behind a connector at once as well', async () => {
    const { world, hqA: site } = build();
    using _ = world;
    await world.reconcile(desire([]));
    assert.match(await site.ping('8.8.8.8', '10.0.0.20'), refused);
    assert.match(await site.ping('9.9.9.9', '10.0.0.20'), answered);
  });

  it('keep a flow where it began as long as that lives, and let new ones follow the owner', async () => {
    const { world, staff, branch: first, far: second } = build();
    using _ = world;
    const by = async (id: number) => {
      const before = [first.received('c1'), second.received('c2'), second.received('h0')];
      assert.match(await staff.ping('8.8.8.8', person(0), id), answered);
      const after = [first.received('c1'), second.received('c2'), second.received('h0')];
      return ['branch', 'far', 'far by h0'].filter((_name, index) => after[index] !== before[index]).join();
    };
    const before = desire([['egress:e1', [far]]]);
    const after = desire([['egress:e1', [branch]]]);
    await world.reconcile(before);
    assert.equal(await by(77), 'far');
    await world.apply(planMove(before, after));
    assert.deepEqual([await by(77), await by(78)], ['far', 'branch']);
    assert.equal(await world.reconcile(after), '', 'the move left nothing to do');
    const session = exampleSession(configuration, far, { lane: 'h0' });
    const old = every.map((one): Session => (one.endpoint === far ? { ...one, state: 'superseded' } : one));
    await world.reconcile(desire([['egress:e1', [branch]]], undefined, [...old, session]));
    assert.equal(await by(77), 'far by h0', 'also while its connector is on its way to another tunnel');
    await world.reconcile(after);
    assert.equal(await by(77), 'far');
    const dead = desire([['egress:e1', [branch]]], [branch]);
    await world.apply(planMove(after, dead));
    assert.equal(await by(77), 'branch');
    await world.reconcile(after);
    assert.equal(await by(77), 'branch', 'and it stays there when the first is back');
  });

  it('stop with the next packet when the class is taken away, and what was established is forgotten', async () => {
    const { world, staff } = build();
    using _ = world;
    const before = desire([['egress:e1', [far]]]);
    await world.reconcile(before);
    assert.match(await staff.ping('8.8.8.8', person(0), 77), answered);
    const tracked = () => world.gateway.exec('conntrack', '-L', '--mark', anyExitMark(own)).includes(`src=${person(0)}`);
    assert.ok(tracked());
    for (const access of [{ mode: 'SPLIT_TUNNEL_ON' }, { mode: 'RESTRICTED_INTERNET', bypass: [] }] as const) {
      const after = desire([['egress:e1', [far]]], undefined, undefined, configure({ person0: access }));
      await world.reconcile(after);
      assert.match(await staff.ping('8.8.8.8', person(0), 77), refused, access.mode);
      assert.deepEqual(changedClasses(before.elements, after.elements), [`${person(0)}/32`]);
      await forgetExits(own, changedClasses(before.elements, after.elements), world.run);
      assert.ok(!tracked());
      await world.reconcile(before);
      assert.match(await staff.ping('8.8.8.8', person(0), 77), answered, 'and it goes on when it is given back');
    }
  });

  it('are believed any source but those of the overlay, and begin nothing', async () => {
    const { world, staff, branch: gateway } = build();
    using _ = world;
    await world.reconcile(desire([]));
    gateway.answers(person(1), '10.0.0.20', '8.8.4.4');
    const seen = staff.received('u0');
    for (const source of [person(1), '10.0.0.20']) {
      const before = world.dropped('spoofed');
      await gateway.ping(person(0), source);
      assert.equal(world.dropped('spoofed'), before + 1, source);
    }
    await gateway.ping(person(0), '8.8.4.4');
    assert.equal(world.dropped('unsolicited'), 1);
    assert.equal(staff.received('u0'), seen);
  });
});

describe('a network with two connectors, with packets', { concurrency: 2 }, () => {
  it('has the flows of many sources on both, and each stays where it began', async () => {
    const { world, staff, hqA: a, hqB: b } = build();
    using _ = world;
    const counts = () => [a.received('c0'), b.received('c3')] as const;
    const both = desire([[hqPool, [hqA, hqB]]]);
    await world.reconcile(both);
    for (let index = 0; index < people; index += 1) await staff.ping('10.0.0.20', person(index), 500 + index);
    const [onA, onB] = counts();
    assert.equal(onA + onB, people);
    assert.ok(onA > 0 && onB > 0, `${String(onA)} and ${String(onB)}`);
    // Draining: it keeps its flows and gets no new ones.
    const drained = desire([[hqPool, [hqB]]]);
    await world.apply(planMove(both, drained));
    for (let index = 0; index < people; index += 1)
      assert.match(await staff.ping('10.0.0.20', person(index), 500 + index), answered);
    assert.deepEqual(counts(), [2 * onA, 2 * onB]);
    for (let index = 0; index < people; index += 1) await staff.ping('10.0.0.20', person(index), 600 + index);
    assert.deepEqual(counts(), [2 * onA, 2 * onB + people]);
    // Dead: all of them move.
    await world.apply(planMove(drained, desire([[hqPool, [hqB]]], [hqB])));
    for (let index = 0; index < people; index += 1) await staff.ping('10.0.0.20', person(index), 500 + index);
    assert.deepEqual(counts(), [2 * onA, 2 * onB + 2 * people]);
  });

  it('comes back whole after somebody has flushed everything', async () => {
    const { world, staff } = build();
    using _ = world;
    const desired = desire([
      [hqPool, [hqA, hqB]],
      ['egress:e1', [far]],
    ]);
    await world.reconcile(desired);
    world.gateway.exec('nft', 'flush', 'ruleset');
    const tables = new Set([own.table, ...desired.tables.keys()]);
    assert.ok(tables.size > 5, `${String(tables.size)} tables`);
    for (const table of tables) world.gateway.ip(`route flush table ${String(table)}`);
    world.gateway.ip('rule flush');
    assert.notEqual(await world.reconcile(desired), '');
    assert.match(await staff.ping('8.8.8.8', person(0)), answered);
    assert.match(await staff.ping('10.0.0.20', person(1)), answered);
    assert.ok(world.gateway.ip(`link show ${laneDevice(own.installation, 'c3')}`).length > 0);
  });
});
