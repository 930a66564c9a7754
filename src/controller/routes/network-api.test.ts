import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { networkConnectorRoutes } from '../../contract/api/connector.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { networkDetailsRoutes } from '../../contract/api/network-details.ts';
import { networkRouteRoutes } from '../../contract/api/network-route.ts';
import { listNetworks } from '../domain/networks.ts';
import { countQueries } from '../store/test-query-count.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { call, nastyNames, refusal, revisionOf, urlOf } from './test-api.ts';

let controller: TestController;
before(async () => {
  controller = await testController();
});
after(async () => {
  await controller.close();
});

test("the tutorial's networks get the tutorial's addresses (RA-1, RA-2, SS-8, SS-9)", async () => {
  await using own = await testController();
  const hq = await call(own, networkRoutes.create, {
    body: { name: 'HQ Network', routes: [{ value: '10.0.0.0/18', description: 'LAN' }], connectors: [{ name: 'hq-1' }] },
  });
  const branch = await call(own, networkRoutes.create, {
    body: {
      name: 'Branch Network',
      routes: [{ value: '192.168.0.0/22' }],
      connectors: [{ name: 'branch-1', vpnRegionId: 'it-mxp' }],
    },
  });
  const { id, routes, connectors } = hq;
  assert.deepEqual(hq, {
    id,
    name: 'HQ Network',
    description: '',
    egress: false,
    internetAccess: 'SPLIT_TUNNEL_ON',
    routes: [{ id: routes[0]?.id, type: 'IP_V4', subnet: '10.0.0.0/18', description: 'LAN' }],
    connectors: [
      {
        id: connectors[0]?.id,
        networkItemId: id,
        networkItemType: 'NETWORK',
        name: 'hq-1',
        description: '',
        vpnRegionId: 'eu-central-1',
        ipV4Address: '100.96.0.100',
        tunnelingProtocol: 'OPENVPN',
        connectionStatus: 'OFFLINE',
        licensed: true,
      },
    ],
    systemSubnets: [],
    tunnelingProtocol: 'OPENVPN',
    gatewaysIds: [],
  });
  assert.equal(branch.connectors[0]?.ipV4Address, '100.96.0.101');
  assert.equal(branch.connectors[0]?.vpnRegionId, 'it-mxp');
  assert.deepEqual(await call(own, networkRoutes.read, { id }), hq);
  const list = await call(own, networkRoutes.list);
  assert.deepEqual(list.content, [hq, branch], 'in the order of creation, with what belongs to them');
  assert.deepEqual([list.totalElements, list.totalPages, list.numberOfElements, list.page], [2, 1, 2, 0]);
});

describe('what existing clients send', () => {
  test('the Go client creates with null lists, empty strings and its own route field', async () => {
    const body = {
      connectors: null,
      description: 'Managed by Terraform',
      egress: false,
      id: '',
      internetAccess: 'SPLIT_TUNNEL_ON',
      name: 'go',
      routes: [{ subnet: '10.64.0.0/24', type: 'IP_V4' }],
      systemSubnets: null,
      tunnelingProtocol: '',
      gatewaysIds: null,
    };
    const made = await call(controller, networkRoutes.create, { body });
    assert.equal(made.routes[0]?.subnet, '10.64.0.0/24');
    assert.equal(made.description, 'Managed by Terraform');
  });

  test('a PUT with null or absent lists and read-only fields deletes nothing and changes only what it says', async () => {
    const made = await call(controller, networkRoutes.create, {
      body: { name: 'kept', description: 'old', routes: [{ value: '10.65.0.0/24' }], connectors: [{ name: 'c' }] },
    });
    const { id } = made;
    const body = {
      id: 'other',
      name: 'renamed',
      description: '',
      egress: false,
      systemSubnets: null,
      connectors: null,
      routes: null,
      connectionStatus: '',
    };
    const changed = await call(controller, networkRoutes.update, { id, body });
    assert.deepEqual(changed, { ...made, name: 'renamed', description: '' });
    assert.deepEqual(await call(controller, networkRoutes.read, { id }), changed);
    assert.deepEqual(await call(controller, networkRoutes.update, { id, body: { description: 'new' } }), {
      ...changed,
      description: 'new',
    });
    const emptied = await call(controller, networkRoutes.update, { id, body: { routes: [], connectors: [] } });
    assert.equal(emptied.routes.length + emptied.connectors.length, 2, 'empty lists delete nothing either');
  });

  test('a PUT of what was read changes nothing, not even the revision', async () => {
    const made = await call(controller, networkRoutes.create, {
      body: { name: 'same', routes: [{ value: '10.66.0.0/24' }], connectors: [{ name: 'c' }] },
    });
    const revision = await revisionOf(controller);
    assert.deepEqual(await call(controller, networkRoutes.update, { id: made.id, body: made }), made);
    assert.equal(await revisionOf(controller), revision);
  });

  test('a PUT that would add a route or a connector is refused, with the call that does', async () => {
    const { id } = await call(controller, networkRoutes.create, { body: { name: 'fixed' } });
    const route = await refusal(controller, networkRoutes.update, { id, body: { routes: [{ value: '10.67.0.0/24' }] } });
    assert.deepEqual([route.status, route.field], [400, 'routes.0.value']);
    assert.match(route.message, /POST \/api\/v1\/networks\/routes\?networkId=/);
    const connector = await refusal(controller, networkRoutes.update, { id, body: { connectors: [{ name: 'new' }] } });
    assert.match(connector.message, /POST \/api\/v1\/networks\/connectors\?networkId=/);
  });

  test('bodies without Content-Type, and deletes with one and no body', async () => {
    const { id } = await call(controller, networkRoutes.create, { body: { name: 'wire' } });
    const authorization = `Bearer ${await controller.tokenWith(['network:modify'])}`;
    const url = urlOf(networkRoutes.update, { id });
    const put = await controller.app.inject({ method: 'PUT', url, headers: { authorization }, payload: '{"name":"wired"}' });
    assert.equal(put.statusCode, 200, put.body);
    const headers = { authorization, 'content-type': 'application/json' };
    assert.equal((await controller.app.inject({ method: 'DELETE', url, headers })).statusCode, 204);
  });

  test('a deleted network, and text that is no id, are 404 with "not found"', async () => {
    const { id } = await call(controller, networkRoutes.create, { body: { name: 'gone' } });
    await call(controller, networkRoutes.remove, { id });
    for (const [shape, parts] of [
      [networkRoutes.read, { id }],
      [networkRoutes.remove, { id }],
      [networkRoutes.update, { id, body: { name: 'x' } }],
      [networkRoutes.read, { id: 'no-such-id' }],
      [networkRouteRoutes.list, { query: { networkId: id } }],
      [networkRouteRoutes.create, { query: { networkId: id }, body: { value: '10.68.0.0/24' } }],
      [networkConnectorRoutes.create, { query: { networkId: id }, body: { name: 'x' } }],
    ] as const) {
      const { status, message } = await refusal(controller, shape, parts);
      assert.equal(status, 404);
      assert.match(message, /not found/);
    }
  });
});

describe('lists', () => {
  test('a page after the last is empty and no error, sizes go from 1 to 1000', async () => {
    const far = await call(controller, networkRoutes.list, { query: { page: '999', size: '1000' } });
    assert.deepEqual([far.content, far.numberOfElements, far.totalPages, far.size], [[], 0, 1, 1000]);
    for (const query of [{ size: '0' }, { size: '1001' }, { page: '-1' }, { size: 'many' }, { page: '1.5' }]) {
      const { status, field } = await refusal(controller, networkRoutes.list, { query });
      assert.deepEqual([status, field], [400, Object.keys(query)[0]]);
    }
  });

  test('pages of one put together are the whole list', async () => {
    const all = await call(controller, networkRoutes.list, { query: { size: '1000' } });
    const pages: unknown[] = [];
    for (let page = 0; page < all.totalElements; page += 1) {
      pages.push(...(await call(controller, networkRoutes.list, { query: { size: '1', page: String(page) } })).content);
    }
    assert.deepEqual(pages, all.content);
  });

  test('a list of 1,000 networks takes as many queries as one of 1', async () => {
    await using own = await testController();
    const { database } = own.database.store;
    await own.database.store.database.transaction().execute(async (trx) => {
      await sql`select set_config('causeway.model_transaction', 'on', true)`.execute(trx);
      await sql`insert into network (name) select 'n' || n from generate_series(1, 1000) n`.execute(trx);
      await sql`insert into network_route (network_id, prefix)
        select id, set_masklen('10.0.0.0'::inet + (number * 256), 24)::cidr from network`.execute(trx);
    });
    const counted = countQueries(database);
    const one = await listNetworks(counted.database, { page: 0, size: 1 });
    const forOne = counted.take();
    const many = await listNetworks(counted.database, { page: 0, size: 1000 });
    assert.deepEqual([one.items.length, many.items.length, many.items.at(-1)?.prefixes.length], [1, 1000, 1]);
    assert.equal(counted.take(), forOne);
    assert.equal(forOne, 4);
    await listNetworks(counted.database, { page: 1, size: 600 });
    assert.equal(counted.take(), 3, 'a page that is not full needs no count');
  });
});

describe('routes', () => {
  test('create, read, change and delete one; it shows in its network', async () => {
    const { id: networkId } = await call(controller, networkRoutes.create, { body: { name: 'routed' } });
    const query = { networkId };
    const made = await call(controller, networkRouteRoutes.create, { query, body: { value: '10.70.0.0/24', description: 'a' } });
    assert.deepEqual(made, { id: made.id, type: 'IP_V4', subnet: '10.70.0.0/24', description: 'a' });
    assert.deepEqual((await call(controller, networkRoutes.read, { id: networkId })).routes, [made]);
    assert.deepEqual(await call(controller, networkRouteRoutes.read, { id: made.id }), made);
    assert.deepEqual((await call(controller, networkRouteRoutes.list, { query })).content, [made]);
    assert.ok(
      (await call(controller, networkRouteRoutes.list)).content.some(({ id }) => id === made.id),
      'also without networkId',
    );
    const wider = await call(controller, networkRouteRoutes.update, { id: made.id, body: { value: '10.70.0.0/23' } });
    assert.deepEqual(wider, { ...made, subnet: '10.70.0.0/23' }, 'a route may grow over itself');
    const emptied = await call(controller, networkRouteRoutes.update, {
      id: made.id,
      body: { value: '10.70.0.0/23', description: '' },
    });
    assert.equal(emptied.description, '');
    const other = await call(controller, networkRoutes.create, { body: { name: 'other' } });
    const wrong = await refusal(controller, networkRouteRoutes.remove, { id: made.id, query: { networkId: other.id } });
    assert.equal(wrong.status, 404);
    await call(controller, networkRouteRoutes.remove, { id: made.id, query });
    assert.equal((await refusal(controller, networkRouteRoutes.read, { id: made.id })).status, 404);
  });

  test('networkId is required for a new one', async () => {
    const { status, field, message } = await refusal(controller, networkRouteRoutes.create, { body: { value: '10.71.0.0/24' } });
    assert.deepEqual([status, field], [400, 'networkId']);
    assert.match(message, /query parameter networkId/);
  });

  describe('what is refused, and why', () => {
    let networkId = '';
    before(async () => {
      ({ id: networkId } = await call(controller, networkRoutes.create, {
        body: { name: 'HQ Network', routes: [{ value: '10.80.0.0/16' }] },
      }));
    });
    const table: [string, unknown, string, RegExp][] = [
      ['host bits', '10.81.0.1/18', 'value', /10\.81\.0\.1\/18 has host bits set; did you mean 10\.81\.0\.0\/18\?/],
      ['a netmask', '10.81.0.0/255.255.0.0', 'value', /did you mean 10\.81\.0\.0\/16\?/],
      ['no length', '10.81.0.0', 'value', /without a prefix length/],
      ['a leading zero', '010.81.0.0/16', 'value', /.+/],
      ['words', 'HQ', 'value', /not a prefix/],
      ['a number', 42, 'value', /string/],
      ['nothing', '', 'value', /IPv4 prefix such as 10\.0\.0\.0\/18/],
      ['a long text', `10.81.0.0/16${' '.repeat(300)}`, 'value', /312 characters; allowed: at most 200/],
      ['IPv6', 'fd00::/64', 'value', /fd00::\/64.* is IPv6, which this version does not carry; allowed: an IPv4 prefix/],
      ['the same again', '10.80.0.0/16', 'value', /10\.80\.0\.0\/16 overlaps 10\.80\.0\.0\/16 of network HQ Network/],
      ['inside another', '10.80.0.0/18', 'value', /10\.80\.0\.0\/18 overlaps 10\.80\.0\.0\/16 of network HQ Network/],
      ['around another', '10.80.0.0/12', 'value', /10\.80\.0\.0\/12 overlaps 10\.80\.0\.0\/16 of network HQ Network/],
      ['the WPC range', '100.96.0.0/24', 'value', /100\.96\.0\.0\/24 overlaps 100\.96\.0\.0\/11 of the WPC/],
      ['around the WPC range', '100.64.0.0/10', 'value', /100\.64\.0\.0\/10 overlaps 100\.96\.0\.0\/11 of the WPC/],
      ['loopback', '127.0.0.0/8', 'value', /loopback/],
      ['multicast', '224.0.0.0/4', 'value', /multicast/],
      ['the internet', '0.0.0.0/0', 'value', /whole internet/],
    ];
    for (const [name, value, field, message] of table) {
      test(name, async () => {
        const refused = await refusal(controller, networkRouteRoutes.create, { query: { networkId }, body: { value } });
        assert.deepEqual([refused.status, refused.field], [400, field]);
        assert.match(refused.message, message);
      });
    }

    test('two routes of one request that overlap name each other', async () => {
      const body = { name: 'n', routes: [{ value: '10.82.0.0/16' }, { value: '10.83.0.0/16' }, { value: '10.82.1.0/24' }] };
      const { field, message } = await refusal(controller, networkRoutes.create, { body });
      assert.equal(field, 'routes.2.value');
      assert.match(message, /10\.82\.1\.0\/24 overlaps 10\.82\.0\.0\/16 of routes\.0\.value/);
    });

    test('an embedded route names its place', async () => {
      const { field } = await refusal(controller, networkRoutes.create, {
        body: { name: 'n', routes: [{ value: '10.84.0.0/16' }, { value: 'x' }] },
      });
      assert.equal(field, 'routes.1.value');
    });

    test('two fields that differ', async () => {
      const { field } = await refusal(controller, networkRouteRoutes.create, {
        query: { networkId },
        body: { value: '10.85.0.0/16', subnet: '10.86.0.0/16' },
      });
      assert.equal(field, 'subnet');
    });
  });

  test('of two overlapping networks at once exactly one comes about, and the other is told of it', async () => {
    const bodies = Array.from({ length: 8 }, (_, index) => ({
      name: `race ${String(index)}`,
      routes: [{ value: `10.90.0.0/${String(16 + index)}` }],
    }));
    const answers = await Promise.all(bodies.map(async (body) => controller.request('POST', networkRoutes.create.path, body)));
    const refused = answers.filter(({ status }) => status === 400);
    assert.deepEqual([answers.filter(({ status }) => status === 200).length, refused.length], [1, 7]);
    for (const { text } of refused)
      assert.match(text, /overlaps 10\.90\.0\.0\/1[0-9] of network race|overlaps 10\.90\.0\.0\/2[0-9] of network race/);
  });

  test('a writer past our check meets the exclusion constraint, whose refusal has the same words', async () => {
    const { id: networkId } = await call(controller, networkRoutes.create, { body: { name: 'late' } });
    const rival = await call(controller, networkRoutes.create, { body: { name: 'Rival' } });
    const { database } = controller.database.store;
    let pending: ReturnType<TestController['request']> | undefined;
    await database.transaction().execute(async (trx) => {
      await sql`select set_config('causeway.model_transaction', 'on', true)`.execute(trx);
      await sql`insert into network_route (network_id, prefix) values (${rival.id}, '10.91.0.0/16')`.execute(trx);
      pending = controller.request('POST', urlOf(networkRouteRoutes.create, { query: { networkId } }), { value: '10.91.2.0/24' });
      // The request's check cannot see the row that is not committed; its insert waits for us.
      await until(async () => {
        const { rows } = await sql<{
          waiting: boolean;
        }>`select exists (select from pg_locks where not granted) as waiting`.execute(database);
        return rows[0]?.waiting === true;
      });
    });
    const answer = await pending;
    assert.equal(answer?.status, 400);
    assert.match(answer?.text ?? '', /10\.91\.2\.0\/24 overlaps 10\.91\.0\.0\/16 of network Rival/);
  });
});

describe('what this version cannot do is refused, not ignored', () => {
  const table: [string, object, string, RegExp][] = [
    ['IPsec', { tunnelingProtocol: 'IPSEC' }, 'tunnelingProtocol', /IPSEC.*allowed: OPENVPN/],
    [
      'an IPsec connector',
      { connectors: [{ name: 'c', ipSecConfig: { platform: 'AWS' } }] },
      'connectors.0.ipSecConfig',
      /OpenVPN/,
    ],
    ['an unknown word', { internetAccess: 'LOCAL' }, 'internetAccess', /SPLIT_TUNNEL_ON, SPLIT_TUNNEL_OFF, RESTRICTED_INTERNET/],
    [
      'an unknown region',
      { connectors: [{ name: 'c', vpnRegionId: 'mars-1' }] },
      'connectors.0.vpnRegionId',
      /mars-1.*eu-central-1/,
    ],
    ['a missing connector name', { connectors: [{}] }, 'connectors.0.name', /.+/],
    ['text for a flag', { egress: 'no' }, 'egress', /boolean/],
    ['text for a list', { routes: '10.0.0.0/8' }, 'routes', /array/],
  ];
  for (const [name, part, field, message] of table) {
    test(name, async () => {
      const create = await refusal(controller, networkRoutes.create, { body: { name: 'n', ...part } });
      assert.deepEqual([create.status, create.field], [400, field]);
      assert.match(create.message, message);
    });
  }

  test('also by an update', async () => {
    const { id } = await call(controller, networkRoutes.create, { body: { name: 'n' } });
    assert.equal(
      (await refusal(controller, networkRoutes.update, { id, body: { tunnelingProtocol: 'IPSEC' } })).field,
      'tunnelingProtocol',
    );
  });
});

describe('names', () => {
  for (const name of nastyNames) {
    test(`${JSON.stringify(name.slice(0, 30))} is stored and shown`, async () => {
      const made = await call(controller, networkRoutes.create, { body: { name, description: name } });
      const read = await call(controller, networkRoutes.read, { id: made.id });
      assert.deepEqual([read.name, read.description], [name, name]);
    });
  }

  const refused: [string, unknown, RegExp][] = [
    ['empty', '', /"name|name: "" is empty; allowed: text of 1 to 2000 characters/],
    ['missing', undefined, /name: a missing value/],
    ['too long', 'x'.repeat(2001), /has 2001 characters; allowed: at most 2000/],
    ['a NUL', 'a\0b', /NUL/],
    ['no text', { a: 1 }, /allowed: a string/],
  ];
  for (const [name, value, message] of refused) {
    test(`refused: ${name}`, async () => {
      const { status, field, message: said } = await refusal(controller, networkRoutes.create, { body: { name: value } });
      assert.deepEqual([status, field], [400, 'name']);
      assert.match(said, message);
      assert.ok(said.length < 400, 'an error is not as long as the input');
    });
  }
});

test('NAT is chosen by our own call, is not part of the vendor shape and survives a vendor PUT', async () => {
  const { id } = await call(controller, networkRoutes.create, { body: { name: 'nat' } });
  assert.equal((await call(controller, networkDetailsRoutes.read, { id })).nat, 'masquerade');
  const changed = await call(controller, networkDetailsRoutes.change, { id, body: { nat: 'routed' } });
  assert.equal(changed.nat, 'routed');
  await call(controller, networkRoutes.update, { id, body: { name: 'renamed', nat: 'masquerade' } });
  const read = await call(controller, networkDetailsRoutes.read, { id });
  assert.deepEqual([read.name, read.nat], ['renamed', 'routed']);
  const refused = await refusal(controller, networkDetailsRoutes.change, { id, body: { nat: 'none' } });
  assert.deepEqual([refused.status, refused.field], [400, 'nat']);
  assert.match(refused.message, /masquerade, routed/);
});

test('deleting a network revokes certificates, lets addresses rest and gives its prefixes free', async () => {
  await using own = await testController();
  const body = { name: 'n', routes: [{ value: '10.0.0.0/8' }], connectors: [{ name: 'a' }, { name: 'b' }] };
  const made = await call(own, networkRoutes.create, { body });
  const [first] = made.connectors;
  await own.database.store.database.transaction().execute(async (trx) => {
    await sql`select set_config('causeway.model_transaction', 'on', true)`.execute(trx);
    await sql`insert into certificate (serial, connector_id, not_before, not_after)
      values (${'ab'.repeat(16)}, ${first?.id}, now(), now() + interval '1 day')`.execute(trx);
  });
  await call(own, networkRoutes.remove, { id: made.id });
  const { rows: certificates } = await sql<{
    revoked: boolean;
  }>`select revoked_at is not null as revoked from certificate`.execute(own.database.store.database);
  assert.deepEqual(certificates, [{ revoked: true }]);
  const again = await call(own, networkRoutes.create, { body });
  assert.deepEqual(
    again.connectors.map(({ ipV4Address }) => ipV4Address),
    ['100.96.0.102', '100.96.0.103'],
    'the addresses of the old ones rest',
  );
  const { rows: topics } = await sql<{
    topic: string;
  }>`select topic from event where topic like '%.deleted' order by seq`.execute(own.database.store.database);
  assert.deepEqual(
    topics.map(({ topic }) => topic),
    ['connector.deleted', 'connector.deleted', 'network.deleted'],
  );
});

/** until awaits a condition of another process, bounded. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!(await condition())) assert.ok(performance.now() < giveUpAt, 'nobody waited for a lock within 10 s');
}
