import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cloudStateRoutes, longestCloudAnswers_bytes } from '../../contract/api/cloud-state.ts';
import { networkDetailsRoutes } from '../../contract/api/network-details.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { siteRouteRoutes } from '../../contract/api/site-routes.ts';
import { traceRoutes } from '../../contract/api/trace.ts';
import type { CloudId } from '../../core/trace/cloud/cloud-state.ts';
import { cloudIds } from '../../core/trace/cloud/cloud-state.ts';
import { connectorSections } from '../../core/trace/testing/connector-sections.ts';
import { hqMachine } from '../../core/trace/testing/tutorial-wpc.ts';
import { call, refusal, revisionOf, urlOf } from '../routes/test-api.ts';
import { countQueries } from '../store/test-query-count.ts';
import { everythingOf } from '../trace/concern.ts';
import { readTraceInput } from '../trace/read-trace-input.ts';
import { lanSections, tracedWpc } from '../trace/test-trace.ts';
import type { TracedWpc } from '../trace/test-trace.ts';
import { cloudVendors } from './cloud-vendors.ts';
import { recordedAnswers } from './test-vendor-programs.ts';

let traced: TracedWpc;
before(async () => {
  traced = await tracedWpc();
  await traced.observe(lanSections);
});
after(async () => {
  await traced[Symbol.asyncDispose]();
});

const answersOf = (cloud: CloudId, rest: object = {}) => ({ cloud, answers: { ...recordedAnswers(cloud), ...rest } });
const missing = '00000000-0000-4000-8000-000000000000';

async function auditOf(action: string) {
  return await traced.controller.database.store.database
    .selectFrom('audit')
    .select(['before', 'after'])
    .where('action', '=', action)
    .orderBy('id')
    .execute();
}

describe('the cloud of a network', () => {
  for (const cloud of cloudIds) {
    test(`${cloud}: is kept, read again and forgotten`, async () => {
      const { controller, wpc } = traced;
      const id = wpc.network;
      assert.equal((await call(controller, cloudStateRoutes.read, { id })).known, null);
      const revision = await revisionOf(controller);
      const kept = await call(controller, cloudStateRoutes.write, { id, body: answersOf(cloud) });
      assert.deepEqual(await call(controller, cloudStateRoutes.read, { id }), kept);
      const { known } = kept;
      assert.ok(known);
      assert.deepEqual([known.cloud, known.how, known.cards], [cloud, 'stated', 2]);
      assert.ok(Date.now() - Date.parse(known.readAt) < 60_000);
      assert.deepEqual(kept.networkName, 'HQ Network');
      const translated = cloudVendors[cloud].translate(recordedAnswers(cloud), known.readAt);
      assert.ok(translated.ok);
      const { database } = controller.database.store;
      const row = await database.selectFrom('cloud_state').select('state').where('network_id', '=', id).executeTakeFirstOrThrow();
      assert.deepEqual(row.state, translated.state);
      // Gateways are not told: it is no part of the model.
      assert.equal(await revisionOf(controller), revision);
      await call(controller, cloudStateRoutes.forget, { id });
      assert.equal((await call(controller, cloudStateRoutes.read, { id })).known, null);
      await call(controller, cloudStateRoutes.forget, { id });
    });
  }

  test('counts what is there, and says null for what was not read', async () => {
    const { controller, wpc } = traced;
    const body = { ...answersOf('aws'), readAt: '2026-01-31T13:00:00+01:00' };
    const whole = (await call(controller, cloudStateRoutes.write, { id: wpc.network, body })).known;
    assert.deepEqual(whole?.readAt, '2026-01-31T12:00:00.000Z');
    assert.deepEqual([whole.ranges, whole.subnets, whole.tables, whole.filters], [['10.0.0.0/16'], 2, 1, 4]);
    assert.ok((whole.routes ?? 0) >= 3 && (whole.rules ?? 0) >= 5);
    const part = await call(controller, cloudStateRoutes.write, {
      id: wpc.network,
      body: answersOf('aws', { routeTables: null, securityGroups: null, networkAcls: null }),
    });
    const { tables, routes, filters, rules } = part.known ?? {};
    assert.deepEqual([tables, routes, filters, rules], [null, null, null, null]);
  });

  test('is in the audit with its counts, once for each change, without its contents', async () => {
    const { controller, wpc } = traced;
    const id = wpc.network;
    await call(controller, cloudStateRoutes.forget, { id });
    const before = { kept: (await auditOf('cloud-kept')).length, forgotten: (await auditOf('cloud-forgotten')).length };
    const body = { ...answersOf('azure'), readAt: '2026-01-31T12:00:00Z' };
    await call(controller, cloudStateRoutes.write, { id, body });
    await call(controller, cloudStateRoutes.write, { id, body });
    await call(controller, cloudStateRoutes.forget, { id });
    await call(controller, cloudStateRoutes.forget, { id });
    const counts = { cloud: 'azure', how: 'stated', readAt: '2026-01-31T12:00:00.000Z', cards: 2, tables: 1, filters: 1 };
    assert.deepEqual((await auditOf('cloud-kept')).slice(before.kept), [{ before: null, after: counts }]);
    assert.deepEqual((await auditOf('cloud-forgotten')).slice(before.forgotten), [{ before: counts, after: null }]);
  });

  test('warns where it does not look like the cloud of this network', async () => {
    const { controller, wpc } = traced;
    const id = wpc.network;
    const elsewhere = JSON.parse(JSON.stringify(recordedAnswers('hetzner')).replaceAll('10.0.', '10.9.')) as object;
    const body = { cloud: 'hetzner', answers: elsewhere, readAt: new Date(Date.now() - 3 * 86_400_000).toISOString() };
    await call(controller, siteRouteRoutes.nameRouter, { id, body: { platform: 'aws' } });
    const { warnings, standsIn } = await call(controller, cloudStateRoutes.write, { id, body });
    assert.equal(standsIn, 'aws');
    assert.deepEqual(warnings, [
      'No network card that was read has the address 10.0.0.10 of connector hq-1.',
      '10.0.0.0/18 of this network lies in no range of the cloud that was read.',
      'The network stands in aws, by what its operator named or its connector tells, and hetzner was read.',
      'What is known of the cloud of HQ Network was read 3 days ago; causeway cloud commands shows how to read it again.',
    ]);
    assert.deepEqual((await call(controller, cloudStateRoutes.write, { id, body: answersOf('aws') })).warnings, []);
    await call(controller, siteRouteRoutes.nameRouter, { id, body: { platform: null } });
  });

  test('keeps names that no text of a database can hold', async () => {
    const { controller, wpc } = traced;
    const text = JSON.stringify(recordedAnswers('hetzner')).replace('"web-1"', '"\\u0000\\ud800\\u202e\\u001b[31m"');
    const body = { cloud: 'hetzner', answers: JSON.parse(text) as object };
    const { known } = await call(controller, cloudStateRoutes.write, { id: wpc.network, body });
    assert.equal(known?.cards, 2);
  });

  test('keeps nothing of the answers but what traces need', async () => {
    const { controller, wpc } = traced;
    const instances = (recordedAnswers('gcp')['instances'] as object[]).map((each) => ({ ...each, metadata: 'hunter2' }));
    await call(controller, cloudStateRoutes.write, { id: wpc.network, body: answersOf('gcp', { instances }) });
    const { database } = controller.database.store;
    assert.doesNotMatch(JSON.stringify(await database.selectFrom('cloud_state').selectAll().execute()), /hunter2/);
    assert.doesNotMatch(controller.logged(), /hunter2/);
  });

  test('goes with its network', async () => {
    const { controller } = traced;
    const { id } = await call(controller, networkRoutes.create, { body: { name: 'gone' } });
    await call(controller, cloudStateRoutes.write, { id, body: answersOf('gcp') });
    await call(controller, networkRoutes.remove, { id });
    assert.equal((await refusal(controller, cloudStateRoutes.read, { id })).status, 404);
  });
});

describe('answers of a cloud are refused', () => {
  const good = recordedAnswers('azure');
  const cases: readonly (readonly [what: string, body: object, field: string, message: RegExp])[] = [
    [
      'of a cloud that is not known',
      { cloud: 'ibm', answers: {} },
      'cloud',
      /allowed: aws, azure, gcp, oci, digitalocean, hetzner, alibaba/,
    ],
    ['that are a list', { cloud: 'aws', answers: [] }, 'answers', /allowed: a record/],
    ['that are missing', { cloud: 'aws' }, 'answers', /missing value is not allowed/],
    [
      'of another cloud',
      { cloud: 'aws', answers: good },
      'answers.virtualNetwork',
      /no part of the answers of aws; allowed: vpc, networkInterfaces,/,
    ],
    [
      'without the network',
      { cloud: 'azure', answers: { ...good, virtualNetwork: null } },
      'answers.virtualNetwork',
      /null is not allowed; allowed: an object/,
    ],
    [
      'without cards',
      { cloud: 'azure', answers: { ...good, networkInterfaces: null } },
      'answers.networkInterfaces',
      /null is not allowed; allowed: an array/,
    ],
    [
      'with a number for a name',
      { cloud: 'hetzner', answers: { ...recordedAnswers('hetzner'), network: { id: 1, name: 7, ip_range: '10.0.0.0/8' } } },
      'answers.network.name',
      /answers\.network\.name: 7 is not allowed; allowed: a string/,
    ],
    [
      'with a word that means nothing',
      { cloud: 'gcp', answers: { ...recordedAnswers('gcp'), firewalls: [{ name: 'x', network: 'hq', direction: 'UP' }] } },
      'answers.firewalls.0.direction',
      /"UP" is not allowed; allowed: INGRESS, EGRESS/,
    ],
    [
      'of the future',
      { ...answersOf('aws'), readAt: '2999-01-01T00:00:00Z' },
      'readAt',
      /lies in the future; allowed: a time before/,
    ],
    ['of no time', { ...answersOf('aws'), readAt: 'yesterday' }, 'readAt', /ISO instant/],
  ];
  for (const [what, body, field, message] of cases) {
    test(`${what}, with the field and what is allowed`, async () => {
      const refused = await refusal(traced.controller, cloudStateRoutes.write, { id: traced.wpc.network, body });
      assert.deepEqual([refused.status, refused.field], [400, field]);
      assert.match(refused.message, message);
    });
  }

  test('beyond their limit, which is more than that of other requests', async () => {
    const { controller, wpc } = traced;
    const [server] = recordedAnswers('hetzner')['servers'] as object[];
    const filled = (bytes: number) => ({
      cloud: 'hetzner',
      answers: { ...recordedAnswers('hetzner'), servers: [{ ...server, note: 'x'.repeat(bytes) }] },
    });
    await call(controller, cloudStateRoutes.write, { id: wpc.network, body: filled(2 * 1024 * 1024) });
    const refused = await refusal(controller, cloudStateRoutes.write, {
      id: wpc.network,
      body: filled(longestCloudAnswers_bytes),
    });
    assert.deepEqual([refused.status, refused.code], [413, 'too-large']);
    assert.match(refused.message, /longer than 8 MiB/);
  });

  test('for a network that is not there, on every call', async () => {
    const { controller } = traced;
    for (const id of [missing, 'nonsense']) {
      assert.equal((await refusal(controller, cloudStateRoutes.read, { id })).status, 404);
      assert.equal((await refusal(controller, cloudStateRoutes.write, { id, body: answersOf('aws') })).status, 404);
      assert.equal((await refusal(controller, cloudStateRoutes.forget, { id })).status, 404);
      assert.equal((await refusal(controller, cloudStateRoutes.commands, { id, query: { cloud: 'aws' } })).status, 404);
    }
  });

  test('without the permission that each call takes', async () => {
    const { controller, wpc } = traced;
    const id = wpc.network;
    const token = await controller.tokenWith(['network:read', 'host:modify']);
    const ask = async (method: 'GET' | 'PUT' | 'DELETE', url: string, payload?: object) =>
      await controller.app.inject({
        method,
        url,
        headers: { authorization: `Bearer ${token}` },
        ...(payload === undefined ? {} : { payload }),
      });
    assert.equal((await ask('GET', urlOf(cloudStateRoutes.read, { id }))).statusCode, 200);
    assert.equal((await ask('GET', urlOf(cloudStateRoutes.commands, { id, query: { cloud: 'aws' } }))).statusCode, 200);
    for (const answer of [
      await ask('PUT', urlOf(cloudStateRoutes.write, { id }), answersOf('aws')),
      await ask('DELETE', urlOf(cloudStateRoutes.forget, { id })),
    ]) {
      assert.equal(answer.statusCode, 403);
      assert.match(answer.body, /network:modify/);
    }
  });
});

describe('the commands that read a cloud', () => {
  test('are filled in with what the connector and the operator have told', async () => {
    const { controller, wpc } = traced;
    const id = wpc.network;
    const azure = await call(controller, cloudStateRoutes.commands, { id, query: { cloud: 'azure' } });
    assert.match(azure.script, /privateIPAddress=='10\.0\.0\.10'/);
    assert.deepEqual(azure.parts.map(({ part }) => part).toSorted(), [...cloudVendors.azure.parts].toSorted());
    assert.deepEqual([azure.tool, azure.missing], ['az', []]);
    const body = { platform: 'oci', parameters: { vnic: 'ocid1.vnic.oc1.eu-frankfurt-1.aaaac' } };
    await call(controller, siteRouteRoutes.nameRouter, { id, body });
    await call(controller, cloudStateRoutes.forget, { id });
    const named = await call(controller, cloudStateRoutes.commands, { id });
    assert.equal(named.cloud, 'oci');
    assert.match(named.script, /^vnic=ocid1\.vnic\.oc1\.eu-frankfurt-1\.aaaac$/m);
    await call(controller, siteRouteRoutes.nameRouter, { id, body: { platform: null } });
  });

  test('are those of the cloud that was read before', async () => {
    const { controller, wpc } = traced;
    await call(controller, cloudStateRoutes.write, { id: wpc.network, body: answersOf('gcp') });
    assert.equal((await call(controller, cloudStateRoutes.commands, { id: wpc.network })).cloud, 'gcp');
    await call(controller, cloudStateRoutes.forget, { id: wpc.network });
  });

  test('need to be told the cloud where nobody has', async () => {
    const refused = await refusal(traced.controller, cloudStateRoutes.commands, { id: traced.wpc.network });
    assert.deepEqual([refused.status, refused.field], [400, 'cloud']);
    assert.match(refused.message, /nothing is known of the cloud of this network; allowed: aws, azure/);
  });
});

describe('a trace', () => {
  const flow = { source: 'bob', destination: '10.0.1.20', port: 443, probe: 'never' };
  const plan = { ...hqMachine('routed'), lanAddress: '10.0.0.10/24', lanSubnet: '10.0.0.0/24' };

  test('goes through the cloud that was read, and says how old that is', async () => {
    const { controller, wpc } = traced;
    const id = wpc.network;
    await call(controller, networkDetailsRoutes.change, { id, body: { nat: 'routed' } });
    const { sections } = connectorSections(plan);
    await traced.observe(Object.fromEntries([...sections].map(([name, { body }]) => [name, body])));
    await call(controller, cloudStateRoutes.forget, { id });
    const unread = await call(controller, traceRoutes.ask, { body: flow });
    assert.ok(!unread.forward.hops.some(({ node }) => node.kind === 'cloud-router'));

    await call(controller, cloudStateRoutes.write, { id, body: answersOf('gcp') });
    const fresh = await call(controller, traceRoutes.ask, { body: flow });
    assert.deepEqual([fresh.verdict, fresh.remarks], ['works', []], fresh.summary);

    const readAt = new Date(Date.now() - 30 * 3_600_000).toISOString();
    const routes = (recordedAnswers('gcp')['routes'] as { name: string }[]).filter(({ name }) => !name.startsWith('causeway'));
    await call(controller, cloudStateRoutes.write, { id, body: { ...answersOf('gcp', { routes }), readAt } });
    const old = await call(controller, traceRoutes.ask, { body: flow });
    assert.deepEqual([old.verdict, old.findings[0]?.code], ['broken-return', 'VPC-NO-ROUTE'], old.summary);
    assert.deepEqual(old.remarks, [
      'What is known of the cloud of HQ Network was read 30 h ago; causeway cloud commands shows how to read it again.',
    ]);
    const observed = (old.reverse?.hops ?? []).flatMap(({ steps }) => steps).filter(({ stage }) => stage === 'cloud-route');
    assert.deepEqual(
      observed.map(({ evidence, observedAt }) => [evidence, observedAt]),
      [['observed', readAt]],
    );
    await call(controller, cloudStateRoutes.forget, { id });
  });

  test('takes what was read for what the connector only tells, with no query more for many', async () => {
    const { controller, wpc } = traced;
    const machine = 'dmi.sys_vendor=Amazon EC2\naws.0a:1/local-ipv4s=10.0.0.10\naws.0a:1/interface-id=eni-0123456789abcdef0';
    await traced.observe({ ...lanSections, platform: machine });
    await call(controller, cloudStateRoutes.forget, { id: wpc.network });
    const counted = countQueries(controller.database.store.database);
    const readAll = async () => {
      const { input } = await readTraceInput(counted.database, { current: () => undefined }, ({ model }) => everythingOf(model));
      return input.observed.clouds;
    };
    assert.equal((await readAll()).get(wpc.network)?.reading.from, 'metadata');
    const one = counted.take();
    assert.deepEqual((await call(controller, traceRoutes.ask, { body: flow })).remarks, [
      'The cloud of HQ Network has not been read, so most of its routes and filters are not known; causeway cloud commands shows how.',
    ]);
    await call(controller, cloudStateRoutes.write, { id: wpc.network, body: answersOf('aws') });
    for (let index = 0; index < 5; index += 1) {
      const { id } = await call(controller, networkRoutes.create, { body: { name: `cloud ${String(index)}` } });
      await call(controller, cloudStateRoutes.write, { id, body: answersOf('azure') });
    }
    const many = await readAll();
    assert.equal(counted.take(), one);
    assert.equal(many.size, 6);
    assert.deepEqual([many.get(wpc.network)?.reading.from, many.get(wpc.network)?.cards.length], ['api', 2]);
  });
});
