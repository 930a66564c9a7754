import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { deviceDetailsRoutes, deviceSorts, deviceStates } from '../../contract/api/device-details.ts';
import { hostRoutes, hostSorts } from '../../contract/api/host.ts';
import { networkRoutes, networkSorts, networkStandings } from '../../contract/api/network.ts';
import { userGroupDetailsRoutes, userGroupSorts } from '../../contract/api/user-group-details.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { userRoutes, userSorts } from '../../contract/api/user.ts';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { call, issuingController, nastyNames, refusal, reportSession } from './test-api.ts';
import type { IssuingController } from './test-api.ts';

/** What lists beyond a page are searched, narrowed and sorted by: one small WPC that has everything once. */
let issuing: IssuingController;
let controller: IssuingController['controller'];
let staff = '';
let bob = '';
before(async () => {
  issuing = await issuingController();
  controller = issuing.controller;
  staff = (await call(controller, userGroupRoutes.create, { body: { name: 'Staff', maxDevice: 9 } })).id;
  const made = await call(controller, userRoutes.create, {
    body: {
      username: 'bob-10',
      firstName: 'Robert',
      lastName: 'Tables',
      email: 'rt@example.org',
      groupId: staff,
      devices: [{ name: 'laptop' }, { name: 'phone' }],
    },
  });
  bob = made.id;
  await call(controller, userRoutes.create, {
    body: { username: 'Bob-9', role: 'MEMBER', secondaryGroupIds: [staff], devices: [{ name: '100%_sure' }] },
  });
  await call(controller, userRoutes.create, { body: { username: 'ärger', groupId: staff } });
  await reportSession(issuing, { device: made.devices[1]?.id ?? '', user: bob }, { state: 'established' });
  await call(controller, hostRoutes.create, { body: { name: 'db-10', description: 'The Data', connectors: [{ name: 'd' }] } });
  const host = await call(controller, hostRoutes.create, { body: { name: 'db-9', connectors: [{ name: 'e' }] } });
  await reportSession(issuing, { connector: host.connectors[0]?.id ?? '' }, { state: 'established' });
  for (const [name, ends] of Object.entries({ 'hq-10': ['up', 'up too'], 'HQ-9': ['x', 'up-2'], old: ['y'], bare: [] })) {
    const network = await call(controller, networkRoutes.create, {
      body: {
        name,
        routes: [{ value: `10.${String(name.length)}${String(ends.length)}.0.0/16` }],
        connectors: ends.map((end) => ({ name: end })),
      },
    });
    for (const connector of network.connectors.filter((each) => each.name.startsWith('up')))
      await reportSession(issuing, { connector: connector.id }, { state: 'established' });
  }
});
after(async () => {
  await issuing[Symbol.asyncDispose]();
});

type Query = Readonly<Record<string, string>>;
const devices = async (query: Query) =>
  (await call(controller, deviceDetailsRoutes.list, { query })).content.map(({ name }) => name);
const users = async (query: Query) =>
  (await call(controller, userRoutes.list, { query })).content.map(({ username }) => username);
const hosts = async (query: Query) => (await call(controller, hostRoutes.list, { query })).content.map(({ name }) => name);
const networks = async (query: Query) => (await call(controller, networkRoutes.list, { query })).content.map(({ name }) => name);
const groups = async (query: Query) =>
  (await call(controller, userGroupDetailsRoutes.list, { query })).content.map(({ name }) => name);

const found: readonly (readonly [list: (query: Query) => Promise<string[]>, query: Query, names: readonly string[]])[] = [
  [devices, { sort: 'name' }, ['100%_sure', 'laptop', 'phone']],
  [devices, { sort: '-name' }, ['phone', 'laptop', '100%_sure']],
  [devices, { sort: 'user' }, ['100%_sure', 'laptop', 'phone']],
  [devices, { sort: '-seen' }, ['phone', 'laptop', '100%_sure']],
  [devices, { q: 'BOB-10' }, ['laptop', 'phone']],
  [devices, { q: '%' }, ['100%_sure']],
  [devices, { q: '_' }, ['100%_sure']],
  [devices, { q: '0%_s' }, ['100%_sure']],
  [devices, { q: 'l%p' }, []],
  [devices, { q: '\\' }, []],
  [devices, { state: 'online' }, ['phone']],
  [devices, { state: 'no-profile' }, ['laptop', '100%_sure']],
  [devices, { platform: 'ios' }, []],
  [users, { sort: 'username' }, ['ärger', 'Bob-9', 'bob-10']],
  [users, { sort: '-username' }, ['bob-10', 'Bob-9', 'ärger']],
  [users, { sort: '-devices' }, ['bob-10', 'Bob-9', 'ärger']],
  [users, { q: 'robert t' }, ['bob-10']],
  [users, { q: ' EXAMPLE.org ' }, ['bob-10']],
  [users, { q: 'staff' }, ['bob-10', 'ärger']],
  [users, { q: 'ÄRG' }, ['ärger']],
  [users, { state: 'online' }, ['bob-10']],
  [users, { group: 'no id' }, []],
  [users, { role: 'OWNER' }, []],
  [users, { status: 'SUSPENDED' }, []],
  [hosts, { sort: 'name' }, ['db-9', 'db-10']],
  [hosts, { sort: '-connectors' }, ['db-9', 'db-10']],
  [hosts, { q: 'data' }, ['db-10']],
  [hosts, { state: 'online' }, ['db-9']],
  [hosts, { state: 'offline' }, ['db-10']],
  [networks, { sort: 'name' }, ['bare', 'HQ-9', 'hq-10', 'old']],
  [networks, { sort: '-state' }, ['hq-10', 'HQ-9', 'old', 'bare']],
  [networks, { q: '10.42' }, ['HQ-9']],
  [networks, { q: 'up too' }, ['hq-10']],
  [networks, { state: 'online' }, ['hq-10']],
  [networks, { state: 'partly' }, ['HQ-9']],
  [networks, { state: 'offline' }, ['old']],
  [networks, { state: 'none' }, ['bare']],
  [groups, { sort: '-members' }, ['Staff', 'Default']],
  [groups, { sort: 'members' }, ['Default', 'Staff']],
  [groups, { q: 'sta' }, ['Staff']],
];

describe('a list', () => {
  for (const [list, query, names] of found) {
    test(`asked for ${JSON.stringify(query)} gives ${names.join(', ') || 'nothing'}`, async () => {
      assert.deepEqual(await list(query), names);
    });
  }

  test('of the users of a group has those of whom it is a further one', async () => {
    assert.deepEqual(await users({ group: staff, sort: 'username' }), ['ärger', 'Bob-9', 'bob-10']);
  });

  test('has the one that is asked for by its id, and by its user name', async () => {
    assert.deepEqual(await users({ id: bob }), ['bob-10']);
    assert.deepEqual(await users({ username: 'BOB-10' }), ['bob-10']);
    assert.deepEqual(await users({ username: 'bob' }), []);
    for (const list of [devices, users, hosts, networks, groups]) assert.deepEqual(await list({ id: 'none' }), []);
    assert.deepEqual(await groups({ id: staff }), ['Staff']);
  });

  test('counts what matches, and pages of it leave nothing out', async () => {
    const page = async (number: number) =>
      await call(controller, networkRoutes.list, { query: { q: '10.', sort: '-name', size: '3', page: String(number) } });
    const first = await page(0);
    const second = await page(1);
    assert.deepEqual([first.totalElements, first.totalPages, second.totalElements], [4, 2, 4]);
    assert.deepEqual(
      [...first.content, ...second.content].map(({ name }) => name),
      ['old', 'hq-10', 'HQ-9', 'bare'],
    );
  });

  test('is sorted by every field that the contract names, both ways', async () => {
    const both = (keys: readonly string[]) => keys.flatMap((key) => [key, `-${key}`]);
    for (const sort of both(deviceSorts)) assert.equal((await devices({ sort })).length, 3, sort);
    for (const sort of both(userSorts)) assert.equal((await users({ sort })).length, 3, sort);
    for (const sort of both(hostSorts)) assert.equal((await hosts({ sort })).length, 2, sort);
    for (const sort of both(networkSorts)) assert.equal((await networks({ sort })).length, 4, sort);
    for (const sort of both(userGroupSorts)) assert.ok((await groups({ sort })).includes('Staff'), sort);
  });

  test('has each object in one state', async () => {
    const ofDevices = await Promise.all(deviceStates.map(async (state) => await devices({ state })));
    assert.equal(ofDevices.flat().length, 3);
    const ofNetworks = await Promise.all(networkStandings.map(async (state) => await networks({ state })));
    assert.deepEqual(ofNetworks.flat().toSorted(), ['HQ-9', 'bare', 'hq-10', 'old']);
  });

  test('of groups says how many people each has, and which is everybody’s', async () => {
    const { content } = await call(controller, userGroupDetailsRoutes.list, { query: { sort: '-members' } });
    assert.deepEqual(content.map(({ name, members, isDefault }) => [name, members, isDefault]).slice(0, 2), [
      ['Staff', 3, false],
      ['Default', 1, true],
    ]);
  });
});

describe('what is asked for is text and nothing else', () => {
  const hostile = [
    "' or 1=1 --",
    "'; drop table device; --",
    '${name}',
    ...nastyNames.filter((name) => name.trim() !== '' && name.length <= 200),
  ];
  for (const text of hostile) {
    test(`search and filters take ${JSON.stringify(text)} as it is`, async () => {
      for (const list of [devices, hosts, networks, groups]) assert.deepEqual(await list({ q: text }), []);
      assert.deepEqual(await users({ q: text, group: text }), []);
    });
  }

  test('a name that has such signs is found by them', async () => {
    for (const name of hostile) {
      const { id } = await call(controller, networkRoutes.create, { body: { name } });
      const { content } = await call(controller, networkRoutes.list, { query: { q: name } });
      assert.ok(
        content.some((network) => network.id === id),
        name,
      );
      await call(controller, networkRoutes.remove, { id });
    }
  });

  test('what is no field to sort by, no state and no text is refused', async () => {
    for (const sort of ['number', 'name;', 'name desc', '--name', "name'"]) {
      assert.equal((await refusal(controller, networkRoutes.list, { query: { sort } })).field, 'sort');
      assert.equal((await refusal(controller, deviceDetailsRoutes.list, { query: { sort } })).field, 'sort');
    }
    assert.equal((await refusal(controller, userRoutes.list, { query: { role: 'ROOT' } })).field, 'role');
    assert.equal((await refusal(controller, hostRoutes.list, { query: { state: "online'" } })).field, 'state');
    assert.equal((await refusal(controller, networkRoutes.list, { query: { q: 'a\0b' } })).field, 'q');
    assert.equal((await refusal(controller, networkRoutes.list, { query: { q: 'a'.repeat(201) } })).field, 'q');
  });
});

test('thousands are sorted and searched without a query for each', async () => {
  await inModelTransaction(controller.deps.store, systemActor, async ({ trx, record }) => {
    await sql`
      with made as (insert into device (user_id, name) select ${bob}::uuid, 'box ' || n from generate_series(1, 3000) n returning id)
      insert into tunnel_address (address, device_id) select inet '100.100.0.0' + row_number() over (), id from made`.execute(
      trx,
    );
    record({ entity: 'user', entityId: bob, action: 'updated' });
  });
  const { content, totalElements } = await call(controller, deviceDetailsRoutes.list, {
    query: { q: 'box', sort: '-name', size: '2', page: '1' },
  });
  assert.equal(totalElements, 3_000);
  assert.deepEqual(
    content.map(({ name }) => name),
    ['box 2998', 'box 2997'],
  );
});
