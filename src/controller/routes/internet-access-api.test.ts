import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hostRoutes } from '../../contract/api/host.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { networkDetailsRoutes } from '../../contract/api/network-details.ts';
import { networkRouteRoutes } from '../../contract/api/network-route.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { loadModel } from '../store/load-model.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { call, refusal, revisionOf } from './test-api.ts';

let controller: TestController;
/** Two internet gateways, and a network that is none. */
const ids = { frankfurt: '', miami: '', plain: '' };
before(async () => {
  controller = await testController();
  const make = async (name: string, egress: boolean, prefix: string) =>
    (await call(controller, networkRoutes.create, { body: { name, egress, routes: [{ value: prefix }] } })).id;
  ids.frankfurt = await make('Frankfurt', true, '10.1.0.0/16');
  ids.miami = await make('Miami', true, '10.2.0.0/16');
  ids.plain = await make('Plain', false, '10.3.0.0/16');
});
after(async () => {
  await controller.close();
});

type Sent = { internetAccess: string; gatewaysIds: string[]; bypass?: string[] };
const some = (): string[] => [ids.miami, ids.frankfurt];

const choices: readonly [string, () => Sent][] = [
  ['by the local line', () => ({ internetAccess: 'SPLIT_TUNNEL_ON', gatewaysIds: [], bypass: [] })],
  ['through the tunnel, by any gateway', () => ({ internetAccess: 'SPLIT_TUNNEL_OFF', gatewaysIds: [], bypass: [] })],
  [
    'through the tunnel, by some gateways in their order, with a bypass in its order',
    () => ({ internetAccess: 'SPLIT_TUNNEL_OFF', gatewaysIds: some(), bypass: ['203.0.113.0/24', '198.51.100.7/32'] }),
  ],
  ['restricted', () => ({ internetAccess: 'RESTRICTED_INTERNET', gatewaysIds: [], bypass: [] })],
  ['restricted with a bypass', () => ({ internetAccess: 'RESTRICTED_INTERNET', gatewaysIds: [], bypass: ['198.51.100.0/24'] })],
];

describe('what was written is what is read, and writing it again is no revision', () => {
  for (const [name, choice] of choices) {
    test(`a user group: ${name}`, async () => {
      const { bypass = [], ...sent } = choice();
      const body = { name: 'g', ...sent, tunnelBypass: { ipv4Subnets: bypass } };
      const made = await call(controller, userGroupRoutes.create, { body });
      assert.deepEqual({ ...made, ...body }, made);
      assert.deepEqual(await call(controller, userGroupRoutes.read, { id: made.id }), made);
      const revision = await revisionOf(controller);
      assert.deepEqual(await call(controller, userGroupRoutes.update, { id: made.id, body: made }), made);
      assert.equal(await revisionOf(controller), revision);
    });

    for (const [kind, routes] of [
      ['network', networkRoutes],
      ['host', hostRoutes],
    ] as const) {
      test(`a ${kind}: ${name}`, async () => {
        const { bypass: _, ...sent } = choice();
        const made = await call(controller, routes.create, { body: { name: 'n', ...sent } });
        assert.deepEqual({ ...made, ...sent }, made);
        const revision = await revisionOf(controller);
        assert.deepEqual(await call(controller, routes.update, { id: made.id, body: made }), made);
        assert.equal(await revisionOf(controller), revision);
        await call(controller, routes.remove, { id: made.id });
      });
    }
  }

  test('a change is one revision, and reaches the model', async () => {
    const { id } = await call(controller, userGroupRoutes.create, { body: { name: 'changing' } });
    const change = async (body: object) => {
      const revision = await revisionOf(controller);
      const changed = await call(controller, userGroupRoutes.update, { id, body });
      assert.equal(await revisionOf(controller), revision + 1);
      return changed;
    };
    const ofModel = async () => {
      const { model } = await loadModel(controller.database.store.database);
      return { internet: model.userGroups.find((group) => group.id === id)?.internet, numbers: model.egressClassNumbers };
    };
    const bypass = ['198.51.100.0/24'];
    await change({ internetAccess: 'SPLIT_TUNNEL_OFF', gatewaysIds: [ids.miami], tunnelBypass: { ipv4Subnets: bypass } });
    const off = await ofModel();
    assert.deepEqual(off.internet, { mode: 'SPLIT_TUNNEL_OFF', gateways: [ids.miami], bypass });
    assert.ok(off.numbers[ids.miami] !== undefined, 'the choice has a number from the same revision on');
    await change({ internetAccess: 'RESTRICTED_INTERNET' });
    assert.deepEqual((await ofModel()).internet, { mode: 'RESTRICTED_INTERNET', bypass });
    assert.equal((await ofModel()).numbers[ids.miami], undefined, 'nobody has that choice any more');
    const on = await change({ internetAccess: 'SPLIT_TUNNEL_ON' });
    assert.deepEqual([on.gatewaysIds, on.tunnelBypass], [[], { ipv4Subnets: [] }]);
  });

  test('a mode that has no use for what is held drops it where the request does not say it (Terraform never does)', async () => {
    const { id } = await call(controller, userGroupRoutes.create, {
      body: {
        name: 'terraform',
        internetAccess: 'SPLIT_TUNNEL_OFF',
        gatewaysIds: some(),
        tunnelBypass: { ipv4Subnets: ['198.51.100.0/24'] },
      },
    });
    const body = { name: 'terraform', gatewaysIds: null, tunnelBypass: null };
    const same = await call(controller, userGroupRoutes.update, { id, body: { ...body, internetAccess: 'SPLIT_TUNNEL_OFF' } });
    assert.deepEqual(same.gatewaysIds, some(), 'null takes nothing away');
    const on = await call(controller, userGroupRoutes.update, { id, body: { ...body, internetAccess: 'SPLIT_TUNNEL_ON' } });
    assert.deepEqual([on.gatewaysIds, on.tunnelBypass.ipv4Subnets], [[], []]);
    const off = await call(controller, userGroupRoutes.update, { id, body: { ...body, internetAccess: 'SPLIT_TUNNEL_OFF' } });
    assert.deepEqual(off.gatewaysIds, [], 'what was dropped does not come back');
  });

  test('everything through the tunnel may be written before there is any internet gateway', async () => {
    await using own = await testController();
    const made = await call(own, userGroupRoutes.create, { body: { name: 'early', internetAccess: 'SPLIT_TUNNEL_OFF' } });
    assert.equal(made.internetAccess, 'SPLIT_TUNNEL_OFF');
  });
});

describe('refused, with field, value and what is allowed', () => {
  const off = 'SPLIT_TUNNEL_OFF';
  const bypassing = (...ipv4Subnets: string[]) => ({ internetAccess: off, tunnelBypass: { ipv4Subnets } });
  const table: [string, () => object, string, RegExp][] = [
    ['an unknown word', () => ({ internetAccess: 'BLOCKED' }), 'internetAccess', /SPLIT_TUNNEL_ON, SPLIT_TUNNEL_OFF, RESTRICTED/],
    [
      'a gateway that is none',
      () => ({ internetAccess: off, gatewaysIds: [ids.miami, ids.plain] }),
      'gatewaysIds.1',
      /network Plain, which is no internet gateway; allowed: .*egress/,
    ],
    [
      'a gateway that does not exist',
      () => ({ internetAccess: off, gatewaysIds: ['00000000-0000-4000-8000-00000000abcd'] }),
      'gatewaysIds.0',
      /not the id of a network/,
    ],
    [
      'a gateway that is no id',
      () => ({ internetAccess: off, gatewaysIds: ['Miami'] }),
      'gatewaysIds.0',
      /"Miami" is not the id of a network/,
    ],
    ['a gateway twice', () => ({ internetAccess: off, gatewaysIds: [ids.miami, ids.miami] }), 'gatewaysIds.1', /given twice/],
    [
      'gateways without their mode',
      () => ({ gatewaysIds: [ids.miami] }),
      'gatewaysIds',
      /SPLIT_TUNNEL_ON, which uses no internet gateway; allowed: an empty list, or/,
    ],
    [
      'gateways with restricted internet',
      () => ({ internetAccess: 'RESTRICTED_INTERNET', gatewaysIds: [ids.miami] }),
      'gatewaysIds',
      /RESTRICTED_INTERNET, which uses no/,
    ],
    [
      'a bypass without its mode',
      () => ({ tunnelBypass: { ipv4Subnets: ['198.51.100.0/24'] } }),
      'tunnelBypass.ipv4Subnets',
      /no effect with SPLIT_TUNNEL_ON/,
    ],
    [
      'a bypass with host bits',
      () => bypassing('198.51.100.1/24'),
      'tunnelBypass.ipv4Subnets.0',
      /did you mean 198\.51\.100\.0\/24/,
    ],
    [
      'a bypass of IPv6',
      () => bypassing('2001:db8::/32'),
      'tunnelBypass.ipv4Subnets.0',
      /IPv6, which never goes past the tunnel/,
    ],
    ['a bypass of everything', () => bypassing('0.0.0.0/0'), 'tunnelBypass.ipv4Subnets.0', /whole internet.*SPLIT_TUNNEL_ON/],
    ['a bypass of multicast', () => bypassing('224.0.0.0/4'), 'tunnelBypass.ipv4Subnets.0', /multicast/],
    [
      'a bypass twice',
      () => bypassing('198.51.100.0/24', '198.51.100.0/24'),
      'tunnelBypass.ipv4Subnets.1',
      /overlaps 198\.51\.100\.0\/24 of tunnelBypass\.ipv4Subnets\.0/,
    ],
    [
      'a bypass within another',
      () => bypassing('198.51.100.0/25', '198.51.100.0/24'),
      'tunnelBypass.ipv4Subnets.0',
      /overlaps 198\.51\.100\.0\/24/,
    ],
    ['a bypass of the WPC', () => bypassing('100.96.0.0/16'), 'tunnelBypass.ipv4Subnets.0', /of the WPC/],
    [
      'a bypass of a network',
      () => bypassing('198.51.100.0/24', '10.0.0.0/8'),
      'tunnelBypass.ipv4Subnets.1',
      /overlaps 10\.1\.0\.0\/16 of network Frankfurt/,
    ],
    [
      'too many',
      () => bypassing(...Array.from({ length: 101 }, (_, index) => `198.51.${String(index)}.0/24`)),
      'tunnelBypass.ipv4Subnets',
      /up to 100/,
    ],
  ];
  for (const [name, body, field, message] of table) {
    test(name, async () => {
      const refused = await refusal(controller, userGroupRoutes.create, { body: { name: 'g', ...body() } });
      assert.deepEqual([refused.status, refused.field], [400, field]);
      assert.match(refused.message, message);
      const { id } = await call(controller, userGroupRoutes.create, { body: { name: 'held' } });
      assert.equal((await refusal(controller, userGroupRoutes.update, { id, body: body() })).field, field, 'also by an update');
    });
  }

  test('gateways of a network and of a host are held to the same', async () => {
    for (const routes of [networkRoutes, hostRoutes]) {
      const refused = await refusal(controller, routes.create, {
        body: { name: 'n', internetAccess: off, gatewaysIds: [ids.plain] },
      });
      assert.equal(refused.field, 'gatewaysIds.0');
    }
  });

  test('an internet gateway that would send its own internet traffic back into the tunnel', async () => {
    for (const internetAccess of [off, 'RESTRICTED_INTERNET']) {
      const refused = await refusal(controller, networkRoutes.create, { body: { name: 'loop', egress: true, internetAccess } });
      assert.deepEqual([refused.status, refused.field], [400, 'internetAccess']);
      assert.match(refused.message, /back into the tunnel; allowed: SPLIT_TUNNEL_ON, or egress false/);
      const update = await refusal(controller, networkRoutes.update, { id: ids.miami, body: { internetAccess } });
      assert.equal(update.field, 'internetAccess');
    }
    const { id } = await call(controller, networkRoutes.create, { body: { name: 'off', internetAccess: off } });
    assert.equal((await refusal(controller, networkRoutes.update, { id, body: { egress: true } })).field, 'internetAccess');
    const both = await call(controller, networkRoutes.update, { id, body: { egress: true, internetAccess: 'SPLIT_TUNNEL_ON' } });
    assert.deepEqual([both.egress, both.internetAccess], [true, 'SPLIT_TUNNEL_ON']);
    await call(controller, networkRoutes.remove, { id });
  });

  test('to take away an internet gateway that is named, until nobody names it; who names none is not in the way', async () => {
    await using own = await testController();
    const { id } = await call(own, networkRoutes.create, { body: { name: 'Exit', egress: true } });
    await call(own, userGroupRoutes.create, { body: { name: 'All', internetAccess: off } });
    const naming = { internetAccess: off, gatewaysIds: [id] };
    const group = await call(own, userGroupRoutes.create, { body: { name: 'Staff', ...naming } });
    const site = await call(own, networkRoutes.create, { body: { name: 'Branch', ...naming } });
    const host = await call(own, hostRoutes.create, { body: { name: 'Backup', ...naming } });
    for (const [shape, body, said] of [
      [networkRoutes.update, { egress: false }, /Network Exit cannot become egress false/],
      [networkRoutes.remove, undefined, /Network Exit cannot be deleted/],
    ] as const) {
      const refused = await refusal(own, shape, { id, body });
      assert.equal(refused.status, 409);
      assert.match(refused.message, said);
      assert.match(refused.message, /user group Staff, network Branch, host Backup\. Take its id from their gatewaysIds first/);
    }
    await call(own, userGroupRoutes.update, { id: group.id, body: { gatewaysIds: [] } });
    await call(own, networkRoutes.update, { id: site.id, body: { internetAccess: 'SPLIT_TUNNEL_ON' } });
    await call(own, hostRoutes.remove, { id: host.id });
    await call(own, networkRoutes.update, { id, body: { egress: false } });
    await call(own, networkRoutes.remove, { id });
  });

  test('a prefix of a network that a group sends past the tunnel, with the group’s name', async () => {
    await using own = await testController();
    await call(own, userGroupRoutes.create, {
      body: { name: 'Printers', internetAccess: off, tunnelBypass: { ipv4Subnets: ['192.168.1.0/24'] } },
    });
    const embedded = await refusal(own, networkRoutes.create, { body: { name: 'n', routes: [{ value: '192.168.0.0/16' }] } });
    assert.deepEqual([embedded.status, embedded.code, embedded.field], [400, 'overlap', 'routes.0.value']);
    assert.match(embedded.message, /192\.168\.0\.0\/16 overlaps 192\.168\.1\.0\/24 of the tunnel bypass of user group Printers/);
    const { id, routes } = await call(own, networkRoutes.create, { body: { name: 'n', routes: [{ value: '192.168.0.0/24' }] } });
    const added = await refusal(own, networkRouteRoutes.create, {
      query: { networkId: id },
      body: { value: '192.168.1.128/25' },
    });
    assert.equal(added.code, 'overlap');
    const wider = await refusal(own, networkRouteRoutes.update, { id: routes[0]?.id ?? '', body: { value: '192.168.0.0/23' } });
    assert.equal(wider.code, 'overlap');
  });
});

describe('probe targets', () => {
  test('are read as they were written; an empty list gives the choice back to the connectors', async () => {
    const id = ids.frankfurt;
    assert.deepEqual((await call(controller, networkDetailsRoutes.read, { id })).probeTargets, []);
    // An internet gateway may be probed as far as the internet.
    const probeTargets = ['10.1.0.1', '9.9.9.9'];
    const changed = await call(controller, networkDetailsRoutes.change, { id, body: { probeTargets } });
    assert.deepEqual([changed.probeTargets, changed.nat], [probeTargets, 'masquerade']);
    const revision = await revisionOf(controller);
    await call(controller, networkDetailsRoutes.change, { id, body: { probeTargets, nat: 'masquerade' } });
    assert.equal(await revisionOf(controller), revision);
    assert.deepEqual(
      (await call(controller, networkDetailsRoutes.change, { id, body: { nat: 'routed' } })).probeTargets,
      probeTargets,
    );
    await call(controller, networkRoutes.update, { id, body: { name: 'Frankfurt' } });
    assert.deepEqual((await call(controller, networkDetailsRoutes.change, { id, body: { probeTargets: [] } })).probeTargets, []);
  });

  const table: [string, readonly unknown[], string, RegExp][] = [
    [
      'a name',
      ['router'],
      'probeTargets.0',
      /"router" cannot be probed .*allowed: the IPv4 address of a machine behind this network/,
    ],
    ['IPv6', ['fd00::1'], 'probeTargets.0', /cannot be probed/],
    ['a prefix', ['10.1.0.0/24'], 'probeTargets.0', /cannot be probed/],
    ['loopback', ['127.0.0.1'], 'probeTargets.0', /loopback/],
    ['a tunnel address', ['10.1.0.1', '100.96.0.100'], 'probeTargets.1', /is a tunnel address/],
    ['what is behind another network', ['10.2.0.1'], 'probeTargets.0', /is behind network Miami \(10\.2\.0\.0\/16\)/],
    ['one twice', ['10.1.0.1', '10.1.0.1'], 'probeTargets.1', /given twice/],
    ['more than four', ['10.1.0.1', '10.1.0.2', '10.1.0.3', '10.1.0.4', '10.1.0.5'], 'probeTargets', /at most 4/],
    ['a number', [1], 'probeTargets.0', /string/],
  ];
  for (const [name, probeTargets, field, message] of table) {
    test(`refused: ${name}`, async () => {
      const refused = await refusal(controller, networkDetailsRoutes.change, { id: ids.frankfurt, body: { probeTargets } });
      assert.deepEqual([refused.status, refused.field], [400, field]);
      assert.match(refused.message, message);
    });
  }
});
