import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { settingRoutes } from '../../contract/api/setting.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { systemActor } from '../principal.ts';
import { call, refusal } from '../routes/test-api.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { loadModel } from '../store/load-model.ts';
import { fixedSettings, fixedSwitches } from './fixed-settings.ts';

let controller: TestController;
let token = '';
before(async () => {
  controller = await testController();
  token = await controller.tokenWith(['settings:modify']);
});
after(async () => {
  await controller.close();
});

async function get(path: string): Promise<string> {
  const answer = await controller.app.inject({ url: `/api/v1${path}`, headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.statusCode, 200, `${path}: ${answer.body}`);
  return answer.body;
}

async function put(path: string, payload: string, type = 'text/plain'): Promise<{ status: number; body: string }> {
  const answer = await controller.app.inject({
    method: 'PUT',
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    payload,
  });
  return { status: answer.statusCode, body: answer.body };
}

const json = 'application/json';

/** Every settings path of api.md 5, and what a client that reads all of them finds on a new installation. */
const fresh: Readonly<Record<string, string>> = {
  '/settings/auth/trusted-devices-allowed': 'true',
  '/settings/auth/two-factor-auth': 'false',
  '/settings/auth/saml/group-mappings': '[]',
  '/settings/auth/ldap/group-mappings': '[]',
  '/settings/dns/custom-servers': '',
  '/settings/dns/default-suffix': '',
  '/settings/dns/proxy-enabled': 'false',
  '/settings/dns/zones': '{"zones":[]}',
  '/settings/user/connect-auth': 'NO_AUTH',
  '/settings/user/device-allowance': '3',
  '/settings/user/device-allowance-force-update': 'false',
  '/settings/user/device-enforcement': 'OFF',
  '/settings/user/profile-distribution': 'AUTOMATIC',
  '/settings/users/connection-timeout': '0',
  '/settings/wpc/client-options': '[]',
  '/settings/wpc/default-region': 'eu-central-1',
  '/settings/wpc/domain-routing-subnet': '{"ipV4Address":"","ipV6Address":""}',
  '/settings/wpc/ip-allocation-mode': 'IP_V4_ONLY',
  '/settings/wpc/routes-advanced-configuration-enabled': 'false',
  '/settings/wpc/snat': 'false',
  '/settings/wpc/subnet': '{"ipV4Address":["100.96.0.0/11"],"ipV6Address":[]}',
  '/settings/wpc/topology': 'FULL_MESH',
  '/dns-log/user-dns-resolutions/enabled': 'false',
  '/access-visibility/enabled': 'false',
};

test('every setting of the API can be read, raw and without a newline', async () => {
  for (const [path, expected] of Object.entries(fresh)) assert.equal(await get(path), expected, path);
});

test('writing back what was read changes nothing, in the format of each', async () => {
  const before = await controller.deps.store.database.selectFrom('wpc').selectAll().executeTakeFirstOrThrow();
  for (const [path, value] of Object.entries(fresh)) {
    if (path.endsWith('group-mappings') || path.endsWith('/enabled')) continue;
    const isText = !/^[{[]|^(true|false|\d+)$/.test(value);
    const answer = await put(path, value, isText ? 'text/plain' : json);
    assert.deepEqual([answer.status, answer.body], [200, value], path);
  }
  assert.deepEqual(await controller.deps.store.database.selectFrom('wpc').selectAll().executeTakeFirstOrThrow(), before);
});

test('a setting whose feature does not exist refuses another value, names it and says why', async () => {
  for (const setting of fixedSettings) {
    if (setting.readOnly === true) continue;
    const other = { text: 'SOMETHING', json: 'true' }[setting.format];
    const answer = await put(setting.path, other, setting.format === 'text' ? 'text/plain' : json);
    assert.equal(answer.status, 400, `${setting.path}: ${answer.body}`);
    const body: { errorMessage: string; errorDetails: Record<string, { errorCode: string }[]> } = JSON.parse(answer.body);
    assert.equal(Object.values(body.errorDetails)[0]?.[0]?.errorCode, 'not-supported');
    assert.ok(body.errorMessage.includes(setting.why), body.errorMessage);
  }
  for (const { path } of fixedSwitches) {
    assert.equal((await put(`${path}/enable`, 'true', json)).status, 400);
    assert.equal((await put(`${path}/disable`, 'false', json)).status, 200);
  }
});

test('topology CUSTOM is refused until access groups exist', async () => {
  const answer = await put('/settings/wpc/topology', 'CUSTOM');
  assert.equal(answer.status, 400);
  assert.match(answer.body, /CUSTOM.*access groups do not exist yet; allowed: FULL_MESH/);
  assert.equal(await get('/settings/wpc/topology'), 'FULL_MESH');
});

test('the default region is one of the catalogue', async () => {
  assert.equal((await put('/settings/wpc/default-region', 'us-mia')).status, 200);
  assert.equal(await get('/settings/wpc/default-region'), 'us-mia');
  const unknown = await put('/settings/wpc/default-region', 'atlantis-1');
  assert.equal(unknown.status, 400);
  assert.match(unknown.body, /atlantis-1.*is not a region; allowed: .*it-mxp/);
  assert.equal((await put('/settings/wpc/default-region', 'eu-central-1')).status, 200);
});

test('device enforcement is one of three words, and part of the model', async () => {
  assert.equal((await put('/settings/user/device-enforcement', 'LEARN_AND_ENFORCE')).status, 200);
  assert.equal(await get('/settings/user/device-enforcement'), 'LEARN_AND_ENFORCE');
  const wrong = await put('/settings/user/device-enforcement', 'learn');
  assert.equal(wrong.status, 400);
  assert.match(wrong.body, /learn.*is not allowed; allowed: OFF, LEARN_AND_ENFORCE, ENFORCE/);
  assert.equal((await loadModel(controller.deps.store.database)).model.deviceEnforcement, 'LEARN_AND_ENFORCE');
  assert.equal((await put('/settings/user/device-enforcement', 'OFF')).status, 200);
});

test('the device allowance is a number from 1 to 1000, sent as text or as JSON', async () => {
  assert.equal((await put('/settings/user/device-allowance', '7')).status, 200);
  assert.equal(await get('/settings/user/device-allowance'), '7');
  assert.equal((await put('/settings/user/device-allowance', '3', json)).status, 200);
  for (const wrong of ['0', '1001', '-1', '3.5', 'three', '']) {
    assert.equal((await put('/settings/user/device-allowance', wrong)).status, 400, wrong);
  }
  assert.equal(await get('/settings/user/device-allowance'), '3');
});

test('what is demanded of people who sign in is a boolean, as JSON or as text; when new groups ask at connect is one of three words', async () => {
  for (const path of ['/settings/auth/two-factor-auth', '/settings/auth/trusted-devices-allowed']) {
    const before = await get(path);
    const other = before === 'true' ? 'false' : 'true';
    assert.deepEqual(await put(path, other, json), { status: 200, body: other });
    assert.equal(await get(path), other);
    for (const wrong of ['"yes"', '1', '{}']) assert.equal((await put(path, wrong, json)).status, 400, wrong);
    assert.deepEqual(await put(path, before), { status: 200, body: before });
  }
  const asks = '/settings/user/connect-auth';
  const made = async (body: object) =>
    (await call(controller, userGroupRoutes.create, { body: { name: `asks ${JSON.stringify(body)}`, ...body } })).connectAuth;
  assert.equal(await made({ maxDevice: 1 }), 'NO_AUTH');
  assert.deepEqual(await put(asks, 'EVERY_TIME'), { status: 200, body: 'EVERY_TIME' });
  assert.equal(await made({ maxDevice: 2 }), 'EVERY_TIME');
  assert.equal(await made({ connectAuth: 'NO_AUTH' }), 'NO_AUTH');
  const [first] = (await call(controller, userGroupRoutes.list)).content;
  assert.equal(first?.connectAuth, 'NO_AUTH', 'groups that exist keep what they have');
  const wrong = await put(asks, 'AUTO');
  assert.equal(wrong.status, 400);
  assert.match(wrong.body, /NO_AUTH, ON_PRIOR_AUTH, EVERY_TIME/);
  assert.equal((await put(asks, 'NO_AUTH')).status, 200);
  const { database } = controller.deps.store;
  await inModelTransaction(controller.deps.store, systemActor, async ({ trx, record }) => {
    await trx.deleteFrom('user_group').where('name', 'like', 'asks %').execute();
    record({ entity: 'user-group', entityId: 'test', action: 'deleted' });
  });
  assert.equal((await database.selectFrom('user_group').select('id').execute()).length, 1);
});

test('a forced allowance is written to every group when it is set, one that is not forced to none', async () => {
  const groups = async () =>
    await controller.deps.store.database.selectFrom('user_group').select('max_device').orderBy('number').execute();
  const [before] = await groups();
  assert.deepEqual(before, { max_device: 3 });
  assert.equal((await put('/settings/user/device-allowance', '5')).status, 200);
  assert.deepEqual(await groups(), [{ max_device: 3 }]);
  const revision = async () =>
    (await controller.deps.store.database.selectFrom('wpc').select('revision').executeTakeFirstOrThrow()).revision;
  const was = await revision();
  assert.deepEqual(await put('/settings/user/device-allowance-force-update', 'true', json), { status: 200, body: 'true' });
  assert.equal(await get('/settings/user/device-allowance-force-update'), 'true');
  assert.deepEqual(await groups(), [{ max_device: 5 }]);
  assert.equal(await revision(), was + 1);
  assert.equal((await put('/settings/user/device-allowance', '3')).status, 200);
  assert.deepEqual(await groups(), [{ max_device: 3 }]);
  assert.equal((await put('/settings/user/device-allowance-force-update', 'false')).status, 200);
  assert.equal((await put('/settings/user/device-allowance', '4')).status, 200);
  assert.deepEqual(await groups(), [{ max_device: 3 }]);
  assert.equal((await put('/settings/user/device-allowance', '3')).status, 200);
  assert.equal((await put('/settings/user/device-allowance-force-update', 'perhaps')).status, 400);
});

test('profiles are distributed in one of two ways', async () => {
  assert.deepEqual(await put('/settings/user/profile-distribution', 'MANUAL'), { status: 200, body: 'MANUAL' });
  assert.equal(await get('/settings/user/profile-distribution'), 'MANUAL');
  const wrong = await put('/settings/user/profile-distribution', 'BY_POST');
  assert.equal(wrong.status, 400);
  assert.match(wrong.body, /BY_POST.*allowed: AUTOMATIC, MANUAL/);
  assert.deepEqual(await put('/settings/user/profile-distribution', '"AUTOMATIC"', json), { status: 200, body: 'AUTOMATIC' });
});

test('the name of the WPC is kept as it was written, and never empty', async () => {
  const { read, write } = settingRoutes['wpc/name'];
  const { name: before } = await call(controller, read);
  assert.deepEqual(await call(controller, write, { body: { name: 'Example  Works' } }), { name: 'Example  Works' });
  assert.deepEqual(await call(controller, read), { name: 'Example  Works' });
  for (const name of ['', ' ', 'a'.repeat(121)]) {
    const { status, field } = await refusal(controller, write, { body: { name } });
    assert.deepEqual([status, field], [400, 'name']);
  }
  await call(controller, write, { body: { name: before } });
});

test('retention is changed by kind, kept within its bounds, and told in the audit', async () => {
  const { read, write } = settingRoutes.retention;
  const standard = { events: 30, audit: 400, sessions: 30, mails: 30, invitations: 30 };
  assert.deepEqual(await call(controller, read), standard);
  assert.deepEqual(await call(controller, write, { body: { events: 365, audit: 90 } }), { ...standard, events: 365, audit: 90 });
  assert.deepEqual(await call(controller, write, { body: { sessions: 7 } }), {
    ...standard,
    events: 365,
    audit: 90,
    sessions: 7,
  });
  for (const [field, days] of [
    ['events', 0],
    ['audit', 29],
    ['sessions', 3651],
    ['mails', 1.5],
  ] as const) {
    const refused = await refusal(controller, write, { body: { [field]: days } });
    assert.deepEqual([refused.status, refused.field], [400, field]);
  }
  const { before, after } = await controller.deps.store.database
    .selectFrom('audit')
    .select(['before', 'after'])
    .where('entity', '=', 'settings')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  assert.deepEqual(
    [before, after],
    [{ retention: { ...standard, events: 365, audit: 90 } }, { retention: { ...standard, events: 365, audit: 90, sessions: 7 } }],
  );
  await call(controller, write, { body: standard });
});

test('the default internet access is what those get that say nothing themselves, but for internet gateways', async () => {
  const url = '/api/causeway/v1/settings/internet-access';
  const write = async (internetAccess: string) => await controller.request('PUT', url, { internetAccess });
  assert.equal((await write('NONE')).status, 400);
  assert.equal((await write('RESTRICTED_INTERNET')).status, 200);
  assert.deepEqual((await controller.request('GET', url)).json(), { internetAccess: 'RESTRICTED_INTERNET' });
  const bodies = [
    { path: 'networks', body: {}, expected: 'RESTRICTED_INTERNET' },
    { path: 'networks', body: { egress: true }, expected: 'SPLIT_TUNNEL_ON' },
    { path: 'networks', body: { internetAccess: 'SPLIT_TUNNEL_ON' }, expected: 'SPLIT_TUNNEL_ON' },
    { path: 'hosts', body: {}, expected: 'RESTRICTED_INTERNET' },
    { path: 'user-groups', body: {}, expected: 'RESTRICTED_INTERNET' },
  ];
  for (const { path, body, expected } of bodies) {
    const made = await controller.request('POST', `/api/v1/${path}`, { name: 'd', ...body });
    const { id, internetAccess } = made.json() as { id: string; internetAccess: string };
    assert.equal(internetAccess, expected, `${path} ${JSON.stringify(body)}`);
    assert.equal((await controller.request('DELETE', `/api/v1/${path}/${id}`)).status, 204);
  }
  assert.equal((await write('SPLIT_TUNNEL_ON')).status, 200);
});

test('resolvers are stored as they were written, and taken away by an empty body or empty fields', async () => {
  const path = '/settings/dns/custom-servers';
  const both = '{"primaryIpV4":"10.0.0.53","secondaryIpV4":"9.9.9.9"}';
  const one = '{"primaryIpV4":"9.9.9.9","secondaryIpV4":""}';
  for (const servers of [both, one]) {
    assert.deepEqual(await put(path, servers, json), { status: 200, body: servers });
    assert.equal(await get(path), servers);
  }
  assert.deepEqual(await put(path, '{"primaryIpV4":"9.9.9.9"}', json), { status: 200, body: one });
  for (const none of ['{"primaryIpV4":"","secondaryIpV4":""}', '{"primaryIpV4":null}', '{}', '']) {
    assert.equal((await put(path, both, json)).status, 200);
    assert.deepEqual(await put(path, none, json), { status: 200, body: '' }, none);
    assert.equal(await get(path), '');
  }
});

test('a resolver that cannot be one is refused, with field and value', async () => {
  const { store } = controller.deps;
  const before = await store.database.selectFrom('wpc').selectAll().executeTakeFirstOrThrow();
  const table: readonly [string, RegExp][] = [
    [
      '{"primaryIpV4":"dns.example.com"}',
      /primaryIpV4: \\"dns\.example\.com\\" cannot be a resolver .*allowed: the IPv4 address/,
    ],
    ['{"primaryIpV4":"2001:db8::53"}', /primaryIpV4.*cannot be a resolver/],
    ['{"primaryIpV4":"010.0.0.53"}', /primaryIpV4.*cannot be a resolver/],
    ['{"primaryIpV4":"127.0.0.53"}', /loopback/],
    ['{"primaryIpV4":"224.0.0.251"}', /multicast/],
    ['{"primaryIpV4":"100.96.0.1"}', /gateway's own address/],
    ['{"secondaryIpV4":"9.9.9.9"}', /primaryIpV4.*is empty beside a secondary/],
    ['{"primaryIpV4":"9.9.9.9","secondaryIpV4":"9.9.9.9"}', /secondaryIpV4.*is the primary one/],
    ['{"primaryIpV4":"9.9.9.9","secondaryIpV4":"x"}', /secondaryIpV4/],
    ['{"primaryIpV4":9}', /primaryIpV4/],
    ['["9.9.9.9"]', /object/],
  ];
  for (const [body, because] of table) {
    const answer = await put('/settings/dns/custom-servers', body, json);
    assert.equal(answer.status, 400, body);
    assert.match(answer.body, because);
  }
  assert.deepEqual(await store.database.selectFrom('wpc').selectAll().executeTakeFirstOrThrow(), before);
});

const ranges = (...ipV4Address: string[]): string => JSON.stringify({ ipV4Address, ipV6Address: [] });

const refusedRanges: readonly { name: string; body: string; because: RegExp }[] = [
  { name: 'none', body: ranges(), because: /1 to 16 prefixes/ },
  {
    name: 'host bits',
    body: ranges('100.96.0.1/11'),
    because: /ipV4Address\.0: \\"100\.96\.0\.1\/11\\" cannot be .*did you mean 100\.96\.0\.0\/11/,
  },
  { name: 'no prefix', body: ranges('everything'), because: /ipV4Address\.0: \\"everything\\"/ },
  { name: 'IPv6 among IPv4', body: ranges('fd00::/64'), because: /is not an IPv4 prefix/ },
  { name: 'IPv6', body: '{"ipV4Address":["100.96.0.0/11"],"ipV6Address":["fd00::/64"]}', because: /tunnels carry IPv4 only/ },
  { name: 'too small', body: ranges('100.96.0.0/29'), because: /lengths from \/8 to \/28/ },
  { name: 'too large', body: ranges('64.0.0.0/2'), because: /lengths from \/8 to \/28/ },
  { name: 'reserved', body: ranges('127.0.0.0/8'), because: /loopback/ },
  {
    name: 'overlapping each other',
    body: ranges('100.96.0.0/11', '100.100.0.0/16'),
    because: /ipV4Address\.1: 100\.100\.0\.0\/16 overlaps 100\.96\.0\.0\/11 of the same list/,
  },
  { name: 'overlapping a network', body: ranges('10.0.0.0/8'), because: /overlaps 10\.0\.0\.0\/18 of network HQ Network/ },
  {
    name: 'overlapping a tunnel bypass',
    body: ranges('100.96.0.0/11', '198.51.0.0/16'),
    because: /ipV4Address\.1: 198\.51\.0\.0\/16 overlaps 198\.51\.100\.0\/24 of the tunnel bypass of user group Bypassers/,
  },
  { name: 'stranding an address', body: ranges('100.112.0.0/12'), because: /connector .*hq-1.* \(100\.96\.0\.100\)/ },
];

test('tunnel ranges that cannot be are refused with the reason, and nothing is changed', async (context) => {
  const { store } = controller.deps;
  await inModelTransaction(store, systemActor, async (change) => {
    const { id } = await change.trx
      .insertInto('network')
      .values({ name: 'HQ Network' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await sql`insert into network_route (network_id, prefix) values (${id}, '10.0.0.0/18')`.execute(change.trx);
    await sql`insert into user_group (name, internet_access, tunnel_bypass)
      values ('Bypassers', 'RESTRICTED_INTERNET', '{198.51.100.0/24}')`.execute(change.trx);
    const made = await sql<{ id: string }>`
      insert into connector (name, network_id, region) values ('hq-1', ${id}, 'eu-central-1') returning id`.execute(change.trx);
    await sql`insert into tunnel_address (address, connector_id) values ('100.96.0.100', ${made.rows[0]?.id})`.execute(
      change.trx,
    );
    change.record({ entity: 'network', entityId: id, action: 'created' });
  });
  const before = await store.database.selectFrom('wpc').selectAll().executeTakeFirstOrThrow();
  for (const { name, body, because } of refusedRanges) {
    await context.test(name, async () => {
      const answer = await put('/settings/wpc/subnet', body, json);
      assert.ok([400, 409].includes(answer.status), answer.body);
      assert.match(answer.body, because);
    });
  }
  assert.deepEqual(await store.database.selectFrom('wpc').selectAll().executeTakeFirstOrThrow(), before);
});

test('tunnel ranges that keep every address are accepted, as one revision', async () => {
  const { store } = controller.deps;
  const revision = async () => (await store.database.selectFrom('wpc').select('revision').executeTakeFirstOrThrow()).revision;
  const before = await revision();
  const answer = await put('/settings/wpc/subnet', ranges('100.96.0.0/12', '172.20.0.0/16'), json);
  assert.deepEqual(
    [answer.status, JSON.parse(answer.body)],
    [200, { ipV4Address: ['100.96.0.0/12', '172.20.0.0/16'], ipV6Address: [] }],
  );
  assert.equal(await revision(), before + 1);
  // The order matters: the gateway's own address is in the first one, and 172.20.0.1 is free.
  assert.equal((await put('/settings/wpc/subnet', ranges('172.20.0.0/16', '100.96.0.0/11'), json)).status, 200);
});

test('a range in which an endpoint would have the gateway’s own address is refused', async () => {
  const { store } = controller.deps;
  await inModelTransaction(store, systemActor, async (change) => {
    await sql`update tunnel_address set address = '100.97.0.1'`.execute(change.trx);
    change.record({ entity: 'connector', entityId: 'hq-1', action: 'moved' });
  });
  const answer = await put('/settings/wpc/subnet', ranges('100.97.0.0/16'), json);
  assert.equal(answer.status, 409);
  assert.match(answer.body, /hq-1.* \(100\.97\.0\.1\)/);
});
