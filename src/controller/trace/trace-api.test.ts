import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hostRoutes } from '../../contract/api/host.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { keptTrace, traceRoutes } from '../../contract/api/trace.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { whatIfRoutes } from '../../contract/api/what-if.ts';
import { lanStatementRoutes } from '../../contract/api/lan-statement.ts';
import type { Permission } from '../../contract/permission.ts';
import { call, everything, refusal, revisionOf } from '../routes/test-api.ts';
import { testController } from '../test-controller.ts';
import { tracesKept } from './keep-trace.ts';
import { lanSections, sectionsOf, tracedWpc } from './test-trace.ts';
import type { TracedWpc } from './test-trace.ts';

let traced: TracedWpc;
before(async () => {
  traced = await tracedWpc();
  await traced.observe(lanSections);
});
after(async () => {
  await traced[Symbol.asyncDispose]();
});

const flow = { source: 'bob', destination: '10.0.0.20', port: 443 };

describe('a trace', () => {
  test('is answered, kept, listed, read again and asked again', async () => {
    const { controller } = traced;
    const asked = await call(controller, traceRoutes.ask, { body: { ...flow, probe: 'never' } });
    assert.equal(asked.revision, await revisionOf(controller));
    assert.deepEqual(asked.asked, { ...flow, protocol: 'tcp', probe: 'never' });
    assert.equal(asked.askedBy, 'test');
    assert.deepEqual(
      [asked.request.source, asked.request.sourceAddress, asked.request.destinationAddress],
      [{ kind: 'device', id: traced.wpc.device, label: 'bob/laptop' }, '100.96.1.1', '10.0.0.20'],
    );
    assert.deepEqual(
      asked.forward.hops.slice(0, 2).map(({ node }) => node.kind),
      ['device', 'gateway'],
    );
    assert.deepEqual(asked.probes, []);
    assert.deepEqual(await call(controller, traceRoutes.read, { id: asked.id }), asked);
    const again = await call(controller, traceRoutes.rerun, { id: asked.id });
    assert.notEqual(again.id, asked.id);
    assert.deepEqual(again.asked, asked.asked);
    const list = await call(controller, traceRoutes.list, { query: { size: '2' } });
    assert.deepEqual(
      list.content.map(({ id }) => id),
      [again.id, asked.id],
    );
    assert.deepEqual([list.content[0]?.verdict, list.content[0]?.summary], [again.verdict, again.summary]);
    const audit = await controller.database.store.database
      .selectFrom('audit')
      .select(['action', 'entity', 'after', 'principal_name'])
      .where('entity_id', '=', asked.id)
      .execute();
    assert.deepEqual(audit, [
      { action: 'asked', entity: 'trace', principal_name: 'test', after: { ...asked.asked, verdict: asked.verdict, probes: 0 } },
    ]);
  });

  test('has the usual port of its protocol, and none of ICMP', async () => {
    const portOf = async (protocol: string) =>
      (await call(traced.controller, traceRoutes.ask, { body: { ...flow, port: undefined, protocol, probe: 'never' } })).request
        .port;
    assert.deepEqual([await portOf('tcp'), await portOf('udp'), await portOf('icmp')], [443, 53, null]);
  });

  test('of a network says which address stands for it', async () => {
    const asked = await call(traced.controller, traceRoutes.ask, {
      body: { source: 'bob', destination: 'network:HQ Network', probe: 'never' },
    });
    assert.equal(asked.request.destinationAddress, '10.0.0.2');
    assert.match(asked.remarks.join(), /10\.0\.0\.2 stands for the network/);
  });

  test('keeps whatever machines have said, also what jsonb cannot hold', async () => {
    await traced.observe({ ...lanSections, rule: '[{"priority":0,"src":"all\\u0000","table":"\\ud800"}]' });
    const asked = await call(traced.controller, traceRoutes.ask, { body: { ...flow, probe: 'never' } });
    assert.equal((await call(traced.controller, traceRoutes.read, { id: asked.id })).id, asked.id);
    await traced.controller.database.store.database.deleteFrom('observation').where('section', '=', 'rule').execute();
  });

  test('the oldest are dropped beyond the limit', async () => {
    const { controller } = traced;
    const { database } = controller.database.store;
    const kept = await call(controller, traceRoutes.ask, { body: { ...flow, probe: 'never' } });
    const row = await database.selectFrom('trace').selectAll().where('id', '=', kept.id).executeTakeFirstOrThrow();
    const { id: _id, number: _number, asked, result, ...rest } = row;
    const copy = { ...rest, asked: JSON.stringify(asked), result: JSON.stringify(result) };
    await database
      .insertInto('trace')
      .values(Array.from({ length: tracesKept }, () => copy))
      .execute();
    const last = await call(controller, traceRoutes.ask, { body: { ...flow, probe: 'never' } });
    const { count } = await database
      .selectFrom('trace')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    assert.equal(Number(count), tracesKept);
    assert.equal((await call(controller, traceRoutes.read, { id: last.id })).id, last.id);
    assert.equal((await refusal(controller, traceRoutes.read, { id: kept.id })).status, 404);
  });
});

describe('a trace is refused', () => {
  const cases: readonly (readonly [what: string, body: object, field: string, message: RegExp])[] = [
    ['an unknown name', { ...flow, source: 'bop' }, 'source', /no user and no device has the name bop; did you mean bob\?/],
    ['an unknown network', { ...flow, destination: 'network:HQ Netwok' }, 'destination', /did you mean "network:HQ Network"\?/],
    ['an address outside', { ...flow, source: '10.9.9.9' }, 'source', /cannot send into the WPC; add a prefix/],
    ['loopback', { ...flow, destination: '127.0.0.1' }, 'destination', /loopback/],
    ['no name', { ...flow, source: '' }, 'source', /allowed: at least 1 characters/],
    ['NUL', { ...flow, source: 'a\0b' }, 'source', /NUL/],
    ['no destination', { source: 'bob' }, 'destination', /allowed: a string/],
    ['a protocol', { ...flow, protocol: 'sctp' }, 'protocol', /allowed: tcp, udp, icmp/],
    ['port 0', { ...flow, port: 0 }, 'port', /allowed: at least 1/],
    ['port 65536', { ...flow, port: 65_536 }, 'port', /allowed: at most 65535/],
    ['half a port', { ...flow, port: 1.5 }, 'port', /allowed: an int/],
    ['a port of ICMP', { ...flow, protocol: 'icmp' }, 'port', /ICMP has no ports; allowed: none/],
    ['a tiny packet', { ...flow, size: 20 }, 'size', /allowed: at least 68/],
    ['a huge packet', { ...flow, size: 70_000 }, 'size', /allowed: at most 65535/],
    ['a way to probe', { ...flow, probe: 'maybe' }, 'probe', /allowed: auto, never, always/],
  ];
  for (const [what, body, field, message] of cases) {
    test(`for ${what}, with what is allowed`, async () => {
      const refused = await refusal(traced.controller, traceRoutes.ask, { body });
      assert.deepEqual([refused.status, refused.field], [400, field]);
      assert.match(refused.message, message);
    });
  }

  test('for a name that two things have, with the candidates', async () => {
    const { controller } = traced;
    const made = await call(controller, userRoutes.create, {
      body: { username: 'eve', devices: [{ name: 'one' }, { name: 'two' }] },
    });
    const { message } = await refusal(controller, traceRoutes.ask, { body: { ...flow, source: 'eve' } });
    assert.match(message, /has 2 devices, and none is connected; give one of: "?eve\/one"? .*"?eve\/two"?/);
    await call(controller, userRoutes.remove, { id: made.id });
  });

  test('for an id of nothing', async () => {
    for (const shape of [traceRoutes.read, traceRoutes.rerun]) {
      for (const id of ['no-uuid', '00000000-0000-4000-8000-000000000009']) {
        assert.equal((await refusal(traced.controller, shape, { id })).status, 404);
      }
    }
  });

  test('where there is no gateway, with what to do', async () => {
    await using bare = await testController();
    await call(bare, networkRoutes.create, { body: { name: 'HQ', routes: [{ value: '10.0.0.0/18' }] } });
    const { status, message } = await refusal(bare, traceRoutes.ask, { body: { source: '10.0.0.1', destination: '10.0.0.2' } });
    assert.equal(status, 409);
    assert.match(message, /No gateway is known/);
  });
});

describe('permissions', () => {
  const askWith = async (permissions: readonly Permission[], body: object) => {
    const { controller } = traced;
    const token = await controller.tokenWith(permissions);
    return await controller.app.inject({
      method: 'POST',
      url: traceRoutes.ask.path,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    });
  };

  test('of whom a trace names, and of packets that it sends, are asked for', async () => {
    const { controller } = traced;
    const made = await call(controller, hostRoutes.create, { body: { name: 'Backup', connectors: [{ name: 'b' }] } });
    const fromLan = { source: '10.0.0.30', destination: '10.0.0.20', probe: 'never' };
    const cases: readonly (readonly [readonly Permission[], object, number, RegExp])[] = [
      [['network:read'], fromLan, 200, /verdict/],
      [['network:read'], { ...fromLan, source: 'bob' }, 403, /device:read/],
      [['network:read'], { ...fromLan, source: 'nobody at all' }, 403, /device:read/],
      [['network:read'], { ...fromLan, source: '100.96.1.1' }, 403, /device:read/],
      [['network:read'], { ...fromLan, source: 'host:Backup' }, 403, /host:read/],
      [['network:read', 'device:read'], { ...fromLan, source: 'bob' }, 200, /verdict/],
      [['network:read', 'device:read'], { ...fromLan, source: 'bob', probe: 'always' }, 403, /network:modify/],
      [['device:read'], fromLan, 403, /network:read/],
    ];
    for (const [permissions, body, status, says] of cases) {
      const answer = await askWith(permissions, body);
      assert.equal(answer.statusCode, status, `${permissions.join()} ${JSON.stringify(body)}: ${answer.body}`);
      assert.match(answer.body, says);
    }
    await call(controller, hostRoutes.remove, { id: made.id });
  });

  test('without the one to send packets a trace sends none, and says so', async () => {
    const agent = traced.agent(() => 'answered');
    const answer = await askWith(['network:read', 'device:read'], flow);
    assert.match(keptTrace.parse(answer.json()).remarks.join(), /lacks the permission network:modify/);
    assert.deepEqual(agent.asked, []);
    agent[Symbol.dispose]();
  });

  test('traces of people are not listed to whom may not read devices', async () => {
    const { controller } = traced;
    const own = await call(controller, traceRoutes.ask, { body: { ...flow, probe: 'never' } });
    const token = await controller.tokenWith(['network:read']);
    const headers = { authorization: `Bearer ${token}` };
    const list = await controller.app.inject({ url: traceRoutes.list.path, headers });
    assert.equal(list.statusCode, 200);
    assert.doesNotMatch(list.body, /bob/);
    const read = await controller.app.inject({ url: `${traceRoutes.list.path}/${own.id}`, headers });
    assert.equal(read.statusCode, 403);
  });
});

describe('probes', () => {
  test('settle what is open: the agent is asked, and the answer is in the trace', async () => {
    await traced.observe(lanSections);
    using agent = traced.agent((question) => (question.startsWith('lan tcp') ? 'refused Connection refused' : 'answered'));
    const found = await call(traced.controller, traceRoutes.ask, { body: flow });
    assert.deepEqual(agent.asked.slice(0, 1), ['probe 0 lan tcp 10.0.0.20 443 -']);
    assert.deepEqual(
      found.probes.map(({ connectorName, reason, results }) => [connectorName, reason, results[0]?.answer]),
      [['hq-1', null, 'refused']],
    );
  });

  test('are told as they happen to whoever reads the stream', async () => {
    using agent = traced.agent(() => 'answered');
    const { controller } = traced;
    const token = await controller.tokenWith(['all:modify']);
    const answer = await controller.app.inject({
      method: 'POST',
      url: traceRoutes.ask.path,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'text/event-stream' },
      payload: JSON.stringify(flow),
    });
    assert.equal(answer.statusCode, 200);
    assert.match(String(answer.headers['content-type']), /^text\/event-stream/);
    assert.match(
      answer.body,
      /^event: progress\ndata: {"text":"asking hq-1 to connect to 10\.0\.0\.20:443 from its LAN address"}\n\n/,
    );
    const [, result = ''] = /event: result\ndata: (.*)\n\n$/.exec(answer.body) ?? [];
    assert.equal(keptTrace.parse(JSON.parse(result)).asked.source, 'bob');
    assert.ok(agent.asked.length > 0);
  });

  test('a question that cannot be meant is refused with its status, stream or not', async () => {
    const { controller } = traced;
    const token = await controller.tokenWith(['all:modify']);
    const answer = await controller.app.inject({
      method: 'POST',
      url: traceRoutes.ask.path,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'text/event-stream' },
      payload: JSON.stringify({ ...flow, source: 'bop' }),
    });
    assert.equal(answer.statusCode, 400);
  });

  test('an old report is asked for anew first', async () => {
    // One of its own: a connector is asked no more than twice in a second.
    await using own = await tracedWpc();
    await own.observe(lanSections, 3_600);
    using agent = own.agent(() => 'answered');
    await call(own.controller, traceRoutes.ask, { body: flow });
    assert.equal(agent.asked[0], 'observe');
  });

  test('a report of before the last change is asked for anew, however new it is', async () => {
    await using own = await tracedWpc();
    await own.observe(lanSections);
    using agent = own.agent(() => 'answered');
    await call(own.controller, networkRoutes.create, { body: { name: 'Other', routes: [{ value: '10.7.0.0/24' }] } });
    await call(own.controller, traceRoutes.ask, { body: flow });
    assert.equal(agent.asked[0], 'observe');
  });

  test('an old report is named where no agent was asked', async () => {
    await using own = await tracedWpc();
    await own.observe(lanSections, 5 * 3_600);
    const never = await call(own.controller, traceRoutes.ask, { body: { ...flow, probe: 'never' } });
    const about = /machine of .* was reported 5 h ago, and its agent was not asked/;
    assert.ok(
      never.remarks.some((remark) => about.test(remark)),
      never.remarks.join('\n'),
    );
    await own.observe(lanSections);
    const asked = await call(own.controller, traceRoutes.ask, { body: { ...flow, probe: 'never' } });
    assert.ok(!asked.remarks.some((remark) => about.test(remark)), asked.remarks.join('\n'));
  });

  test('are left out where they are not wanted', async () => {
    using agent = traced.agent(() => 'answered');
    await call(traced.controller, traceRoutes.ask, { body: { ...flow, probe: 'never' } });
    assert.deepEqual(agent.asked, []);
  });
});

describe('the doctor', () => {
  test('finds what is wrong with everything, or with one network', async () => {
    const { controller, wpc } = traced;
    await traced.observe({ ...lanSections, sysctl: 'net/ipv4/ip_forward=0\nnet/ipv4/conf/causeway0/forwarding=0\n' });
    const everything = await call(controller, traceRoutes.findings);
    assert.equal(everything.revision, await revisionOf(controller));
    const own = await call(controller, traceRoutes.findings, { query: { network: wpc.network } });
    assert.ok(own.findings.length <= everything.findings.length);
    const other = await call(controller, networkRoutes.create, { body: { name: 'Other', routes: [{ value: '10.7.0.0/24' }] } });
    const none = await call(controller, traceRoutes.findings, { query: { network: other.id } });
    assert.ok(none.findings.every(({ object }) => object.id !== wpc.connector));
    await call(controller, networkRoutes.remove, { id: other.id });
    for (const network of ['no-uuid', '00000000-0000-4000-8000-000000000009']) {
      assert.equal((await refusal(controller, traceRoutes.findings, { query: { network } })).status, 404);
    }
    await controller.database.store.database.deleteFrom('observation').where('section', '=', 'sysctl').execute();
  });
});

describe('what operators say of a LAN', () => {
  const statement = {
    router: {
      platform: 'mikrotik',
      routes: [{ destination: '100.96.0.0/11', nextHop: '10.0.0.10' }],
      stateful: true,
      redirects: null,
      natSources: null,
    },
    servers: [{ address: '10.0.0.20', gateway: null, admits: ['10.0.0.0/18'], runsTailscale: null }],
  };

  test('is kept, null where nothing was said, and told in the audit but not to gateways', async () => {
    const { controller, wpc } = traced;
    const id = wpc.network;
    assert.deepEqual(await call(controller, lanStatementRoutes.read, { id }), { router: null, servers: [] });
    const revision = await revisionOf(controller);
    const body = { ...statement, router: { platform: 'mikrotik', routes: statement.router.routes, stateful: true } };
    assert.deepEqual(await call(controller, lanStatementRoutes.write, { id, body }), statement);
    assert.deepEqual(await call(controller, lanStatementRoutes.read, { id }), statement);
    await call(controller, lanStatementRoutes.write, { id, body });
    const audit = await controller.database.store.database
      .selectFrom('audit')
      .select('after')
      .where('action', '=', 'lan-stated')
      .execute();
    assert.deepEqual(audit, [{ after: statement }]);
    assert.equal(await revisionOf(controller), revision);
    const found = await call(controller, traceRoutes.ask, {
      body: { ...flow, destination: 'network:HQ Network', probe: 'never' },
    });
    assert.equal(found.request.destinationAddress, '10.0.0.20');
    assert.deepEqual(await call(controller, lanStatementRoutes.write, { id, body: {} }), { router: null, servers: [] });
  });

  const cases: readonly (readonly [what: string, body: object, field: string, message: RegExp])[] = [
    ['a platform', { router: { platform: 'cisco' } }, 'router.platform', /allowed: aws, azure/],
    ['host bits', { router: { natSources: ['10.0.0.1/18'] } }, 'router.natSources.0', /did you mean 10\.0\.0\.0\/18/],
    ['a next hop', { router: { routes: [{ destination: '10.0.0.0/8', nextHop: 'x' }] } }, 'router.routes.0.nextHop', /x/],
    ['IPv6', { router: { natSources: ['fd00::/8'] } }, 'router.natSources.0', /is IPv6/],
    ['a word', { router: { stateful: 'yes' } }, 'router.stateful', /allowed: a boolean/],
    [
      'a server elsewhere',
      { servers: [{ address: '10.9.0.1' }] },
      'servers.0.address',
      /not behind this network; allowed: addresses in 10\.0\.0\.0\/18/,
    ],
    ['one twice', { servers: [{ address: '10.0.0.20' }, { address: '10.0.0.20' }] }, 'servers.1.address', /described twice/],
  ];
  for (const [what, body, field, message] of cases) {
    test(`is refused for ${what}`, async () => {
      const refused = await refusal(traced.controller, lanStatementRoutes.write, { id: traced.wpc.network, body });
      assert.deepEqual([refused.status, refused.field], [400, field]);
      assert.match(refused.message, message);
    });
  }

  test('is not found of what is no network', async () => {
    const id = '00000000-0000-4000-8000-000000000009';
    assert.equal((await refusal(traced.controller, lanStatementRoutes.read, { id })).status, 404);
    assert.equal((await refusal(traced.controller, lanStatementRoutes.write, { id, body: {} })).status, 404);
  });
});

describe('what if', () => {
  const ask = (changes: readonly object[]) => ({ body: { changes } });

  test('a prefix is taken away: the flows to it break, and nothing was changed', async () => {
    const { controller, wpc } = traced;
    const revision = await revisionOf(controller);
    const effect = await call(
      controller,
      whatIfRoutes.ask,
      ask([{ kind: 'remove-prefix', networkId: wpc.network, prefix: '10.0.0.0/18' }]),
    );
    assert.equal(effect.revision, revision);
    assert.equal(await revisionOf(controller), revision);
    assert.ok(effect.checked > 0);
    const touched = [...effect.breaks, ...effect.others];
    assert.ok(
      touched.some(({ address }) => address.startsWith('10.0.0.')),
      JSON.stringify(effect),
    );
    assert.match(effect.summary, /^this change breaks \d+ flows? and opens \d+$/);
  });

  test('something of the way of a kept trace is supposed to be otherwise, and nothing was changed', async () => {
    await using own = await tracedWpc();
    const { controller, observe } = own;
    await observe(
      sectionsOf({
        tunnelAddress: '100.96.0.100',
        lanAddress: '10.0.0.10/18',
        lanSubnet: '10.0.0.0/18',
        router: '10.0.0.1',
        tunnelRoutes: ['100.96.0.0/11'],
        masqueraded: ['100.96.0.0/11'],
      }),
    );
    const { id, verdict, summary } = await call(controller, traceRoutes.ask, {
      body: { source: 'bob', destination: '10.0.0.20', probe: 'never' },
    });
    assert.equal(verdict, 'works', summary);
    const before = await everything(controller);
    const ends = async (suppose: string) => {
      const { findings, reverse } = await call(controller, whatIfRoutes.suppose, { body: { traceId: id, suppose } });
      return [findings[0]?.code, reverse === null ? 'forward' : 'reverse'];
    };
    assert.deepEqual(await ends('forwarding-off'), ['FWD-OFF', 'forward']);
    assert.deepEqual(await ends('no-nat'), ['NAT-OFF-NO-ROUTE', 'reverse']);
    assert.equal(await everything(controller), before);
    const refused = await refusal(controller, whatIfRoutes.suppose, { body: { traceId: id, suppose: 'no-internet-gateway' } });
    assert.deepEqual([refused.status, refused.field], [400, 'suppose']);
    assert.match(refused.message, /forwarding-off, no-nat/);
    const unkept = { traceId: '00000000-0000-4000-8000-000000000009', suppose: 'no-nat' };
    assert.equal((await refusal(controller, whatIfRoutes.suppose, { body: unkept })).status, 404);
  });

  test('changes follow each other', async () => {
    const { controller, wpc } = traced;
    const effect = await call(
      controller,
      whatIfRoutes.ask,
      ask([
        { kind: 'remove-prefix', networkId: wpc.network, prefix: '10.0.0.0/18' },
        { kind: 'add-prefix', networkId: wpc.network, prefix: '10.0.0.0/18' },
      ]),
    );
    assert.deepEqual([effect.breaks, effect.opens, effect.others], [[], [], []]);
    await call(controller, whatIfRoutes.ask, ask([{ kind: 'add-network', name: 'New', prefixes: ['10.7.0.0/24'] }]));
    await call(controller, whatIfRoutes.ask, ask([{ kind: 'set-nat', networkId: wpc.network, nat: 'routed' }]));
  });

  const cases: readonly (readonly [what: string, change: (network: string) => object, field: string, message: RegExp])[] = [
    ['a kind', () => ({ kind: 'explode' }), 'changes.0.kind', /explode/],
    ['an unknown network', () => ({ kind: 'set-nat', networkId: 'x', nat: 'routed' }), 'changes.0.networkId', /id of no network/],
    [
      'host bits',
      (id) => ({ kind: 'add-prefix', networkId: id, prefix: '10.9.0.1/24' }),
      'changes.0.prefix',
      /did you mean 10\.9\.0\.0\/24/,
    ],
    [
      'an overlap',
      (id) => ({ kind: 'add-prefix', networkId: id, prefix: '10.0.1.0/24' }),
      'changes.0.prefix',
      /overlaps 10\.0\.0\.0\/18 of network HQ Network/,
    ],
    [
      'the tunnel range',
      (id) => ({ kind: 'add-prefix', networkId: id, prefix: '100.96.1.0/24' }),
      'changes.0.prefix',
      /tunnel addresses/,
    ],
    [
      'another prefix',
      (id) => ({ kind: 'remove-prefix', networkId: id, prefix: '10.9.0.0/24' }),
      'changes.0.prefix',
      /no prefix of network HQ Network; allowed: 10\.0\.0\.0\/18/,
    ],
    [
      'an overlap in itself',
      () => ({ kind: 'add-network', name: 'N', prefixes: ['10.7.0.0/24', '10.7.0.0/25'] }),
      'changes.0.prefixes.1',
      /overlaps 10\.7\.0\.0\/24 of network N/,
    ],
  ];
  for (const [what, change, field, message] of cases) {
    test(`is refused for ${what}, as the change itself would be`, async () => {
      const refused = await refusal(traced.controller, whatIfRoutes.ask, ask([change(traced.wpc.network)]));
      assert.deepEqual([refused.status, refused.field], [400, field]);
      assert.match(refused.message, message);
    });
  }
});
