import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hostRoutes } from '../../contract/api/host.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import type { Search } from '../../contract/api/search.ts';
import { search, searchRoutes } from '../../contract/api/search.ts';
import { userRoutes } from '../../contract/api/user.ts';
import type { Permission } from '../../contract/permission.ts';
import { call, issuingController, nastyNames, refusal, reportSession } from '../routes/test-api.ts';
import type { IssuingController } from '../routes/test-api.ts';

let issuing: IssuingController;
let hq: { readonly id: string; readonly connectors: readonly { readonly id: string }[] };
before(async () => {
  issuing = await issuingController();
  const { controller } = issuing;
  hq = await call(controller, networkRoutes.create, {
    body: { name: 'HQ Network', routes: [{ value: '10.0.0.0/18' }], connectors: [{ name: 'hq-1' }, { name: 'hq-2' }] },
  });
  await call(controller, hostRoutes.create, { body: { name: 'print_server', connectors: [{ name: 'p-1' }] } });
  await call(controller, userRoutes.create, {
    body: { username: 'bob', firstName: 'Robert', lastName: 'Tables', email: 'rt@example.org', devices: [{ name: 'laptop' }] },
  });
});
after(async () => {
  await issuing[Symbol.asyncDispose]();
});

async function find(q: string, limit?: number): Promise<Search> {
  return await call(issuing.controller, searchRoutes.find, {
    query: { q, ...(limit === undefined ? {} : { limit: String(limit) }) },
  });
}

const shown = ({ results }: Search) =>
  results.map(({ kind, name, parent }) => `${kind} ${name}${parent ? ` of ${parent.name}` : ''}`);

test('a part of a name finds every kind, whatever its case; who begins with it comes first', async () => {
  assert.deepEqual(shown(await find('hq')), [
    'network HQ Network',
    'connector hq-1 of HQ Network',
    'connector hq-2 of HQ Network',
  ]);
  assert.deepEqual(shown(await find('LAP')), ['device laptop of bob']);
  assert.deepEqual(shown(await find('robert t')), ['user bob']);
  assert.deepEqual(shown(await find('example.org')), ['user bob']);
  await call(issuing.controller, hostRoutes.create, { body: { name: 'Ärger', connectors: [{ name: 'ä-1' }] } });
  assert.deepEqual(shown(await find('äRGER')), ['host Ärger']);
  await call(issuing.controller, networkRoutes.create, { body: { name: 'old HQ' } });
  await call(issuing.controller, networkRoutes.create, { body: { name: 'hq 2' } });
  assert.deepEqual(shown(await find('hq', 2)).slice(0, 2), ['network HQ Network', 'network hq 2']);
  assert.deepEqual((await find('nobody has this')).results, []);
});

test('letters that mean something in a pattern are letters', async () => {
  assert.deepEqual(shown(await find('t_s')), ['host print_server']);
  assert.deepEqual((await find('%')).results, []);
  assert.deepEqual((await find('\\')).results, []);
  for (const name of nastyNames.filter((each) => each.trim() !== '' && each.length < 200)) {
    const { id } = await call(issuing.controller, networkRoutes.create, { body: { name } });
    assert.ok(
      (await find(name)).results.some((result) => result.id === id),
      name,
    );
  }
});

test('an address of a network is answered with the network and the connectors that have its traffic', async () => {
  assert.equal((await find('10.0.0.20')).answer, '10.0.0.20 is in HQ Network (10.0.0.0/18), by no connector: none is connected.');
  await reportSession(issuing, { connector: hq.connectors[0]?.id ?? '' }, { state: 'established' });
  const found = await find(' 10.0.0.20 ');
  assert.equal(found.answer, '10.0.0.20 is in HQ Network (10.0.0.0/18), by hq-1.');
  assert.deepEqual(
    found.results.map(({ kind, id, address }) => [kind, id, address]),
    [
      ['network', hq.id, '10.0.0.0/18'],
      ['connector', hq.connectors[0]?.id, '100.96.0.100'],
    ],
  );
});

test('tunnel addresses are answered with whose they are', async () => {
  const laptop = (await find('laptop')).results[0]?.address ?? '';
  assert.equal((await find(laptop)).answer, `${laptop} is the tunnel address of device laptop of user bob.`);
  assert.equal(
    (await find('100.96.0.101')).answer,
    '100.96.0.101 is the tunnel address of connector hq-2 of network HQ Network.',
  );
  assert.equal((await find('100.97.0.1')).answer, '100.97.0.1 is a tunnel address (100.96.0.0/11) that belongs to nobody.');
  assert.equal((await find('203.0.113.9')).answer, '203.0.113.9 is no tunnel address, and no network has it.');
  assert.equal((await find('2001:db8::1')).answer, '2001:db8::1 is no tunnel address, and no network has it.');
});

test('the beginning of an address finds prefixes and tunnel addresses', async () => {
  assert.deepEqual(shown(await find('10.0.')), ['network HQ Network']);
  assert.deepEqual(shown(await find('10.0.0.0/18')), ['network HQ Network']);
  assert.deepEqual(shown(await find('100.96.0.')).slice(0, 2), ['connector hq-1 of HQ Network', 'connector hq-2 of HQ Network']);
});

test('kinds that the credential may not read are not found, by name or by address', async () => {
  const { controller } = issuing;
  const ask = async (permissions: readonly Permission[], q: string) => {
    const headers = { authorization: `Bearer ${await controller.tokenWith(permissions)}` };
    const answer = await controller.app.inject({ url: `${searchRoutes.find.path}?q=${encodeURIComponent(q)}`, headers });
    return search.parse(answer.json());
  };
  const laptop = (await find('laptop')).results[0]?.address ?? '';
  assert.deepEqual((await ask(['status:read'], 'hq')).results, []);
  assert.deepEqual(shown(await ask(['status:read', 'network:read'], 'HQ Network')), ['network HQ Network']);
  assert.deepEqual(await ask(['status:read', 'network:read'], laptop), { results: [], answer: `${laptop} is a tunnel address.` });
  assert.match((await ask(['status:read'], '10.0.0.20')).answer ?? '', /this credential may not read \(network:read\)\.$/);
});

test('a search without words, or for too many, is refused', async () => {
  for (const q of ['', '  ', 'x'.repeat(201)]) {
    assert.equal((await refusal(issuing.controller, searchRoutes.find, { query: { q } })).field, 'q');
  }
});
