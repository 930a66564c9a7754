import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';
import { deviceRoutes } from '../../contract/api/device.ts';
import { deviceDetailsRoutes } from '../../contract/api/device-details.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { TestController } from '../test-controller.ts';
import type { IssuingController } from './test-api.ts';
import { call, issuingController, nastyNames, refusal, reportSession, revisionOf, urlOf } from './test-api.ts';

let issuing: IssuingController;
let controller: TestController;
let userId = '';
before(async () => {
  issuing = await issuingController();
  ({ controller } = issuing);
  const group = await call(controller, userGroupRoutes.create, {
    body: { name: 'Many', maxDevice: 1000, vpnRegionIds: ['us-mia', 'eu-central-1'] },
  });
  ({ id: userId } = await call(controller, userRoutes.create, { body: { username: 'bob', groupId: group.id } }));
});
after(async () => {
  await issuing[Symbol.asyncDispose]();
});

const make = async (body: object) => call(controller, deviceRoutes.create, { query: { userId }, body });

test('the list of details says whose a device is, whether it can connect, and when it last did', async () => {
  const { id } = await make({ name: 'detailed' });
  const listed = async () => (await call(controller, deviceDetailsRoutes.list)).content.find((device) => device.id === id);
  const { createdAt, ...fresh } = (await listed()) ?? assert.fail('the device is not in the list');
  assert.ok(Date.parse(createdAt) <= Date.now());
  assert.deepEqual(fresh, {
    ...(await call(controller, deviceRoutes.read, { id })),
    username: 'bob',
    platform: null,
    hasProfile: false,
    profileEndsAt: null,
    lastConnectedAt: null,
  });
  await call(controller, deviceRoutes.profile, { id });
  const startedAt = new Date('2026-01-31T00:00:00Z');
  await reportSession(issuing, { device: id }, { state: 'ended', startedAt, endedAt: startedAt });
  const seen = await listed();
  assert.deepEqual([seen?.hasProfile, seen?.lastConnectedAt], [true, startedAt.toISOString()]);
  await call(controller, deviceRoutes.remove, { id });
});

test('the list of details says when the profile in use ends', async () => {
  const { id } = await make({ name: 'ending' });
  const endsAt = async () =>
    (await call(controller, deviceDetailsRoutes.list)).content.find((device) => device.id === id)?.profileEndsAt;
  const change = async (set: RawBuilder<unknown>, which = sql`true`) =>
    await inModelTransaction(controller.deps.store, systemActor, async ({ trx, record }) => {
      await sql`update certificate set ${set} where device_id = ${id}::uuid and ${which}`.execute(trx);
      record({ entity: 'device', entityId: id, action: 'updated' });
    });
  const soon = '2100-01-12T00:00:00.000Z';
  await call(controller, deviceRoutes.profile, { id });
  await change(sql`not_after = ${soon}`);
  assert.equal(await endsAt(), soon, 'that which was handed out');
  await change(sql`first_used_at = now()`);
  await call(controller, deviceRoutes.profile, { id });
  await change(sql`not_after = '2101-01-01'`, sql`first_used_at is null`);
  assert.equal(await endsAt(), soon, 'nobody has imported the new one');
  await call(controller, deviceRoutes.revokeProfile, { id });
  assert.equal(await endsAt(), null);
  await call(controller, deviceRoutes.remove, { id });
});

test('create (201), read, change and delete a device', async () => {
  const made = await make({ name: 'laptop', description: 'd', clientUUID: 'uuid-1' });
  const { id, ipV4Address } = made;
  assert.deepEqual(made, {
    id,
    userId,
    clientUUID: 'uuid-1',
    name: 'laptop',
    description: 'd',
    ipV4Address,
    connectionStatus: 'OFFLINE',
  });
  assert.match(ipV4Address, /^100\.96\.16\./, 'behind the block of connectors');
  assert.deepEqual(await call(controller, deviceRoutes.read, { id, query: { userId } }), made);
  assert.deepEqual(await call(controller, deviceRoutes.read, { id }), made, 'userId may be left out');
  const changed = await call(controller, deviceRoutes.update, {
    id,
    query: { userId },
    body: { name: 'laptop 2', description: '', ipV4Address: '1.1.1.1' },
  });
  assert.deepEqual(changed, { ...made, name: 'laptop 2', description: '' });
  const revision = await revisionOf(controller);
  await call(controller, deviceRoutes.update, { id, body: { name: '', clientUUID: '' } });
  assert.equal(await revisionOf(controller), revision);
  await call(controller, deviceRoutes.remove, { id, query: { userId } });
  const gone = await refusal(controller, deviceRoutes.read, { id });
  assert.equal(gone.status, 404);
  assert.match(gone.message, /not found/);
});

test('a list leaves out platform and IPv6, works without page, and can be of one user', async () => {
  const made = await make({ name: 'listed' });
  const other = await call(controller, userRoutes.create, { body: { username: 'other', devices: [{ name: 'theirs' }] } });
  const all = await call(controller, deviceRoutes.list, { query: { size: '1000' } });
  assert.ok(all.content.some(({ id }) => id === made.id) && all.content.some(({ name }) => name === 'theirs'));
  const one = await call(controller, deviceRoutes.list, { query: { userId: other.id } });
  assert.deepEqual(
    one.content.map(({ name }) => name),
    ['theirs'],
  );
  const { status } = await refusal(controller, deviceRoutes.list, { query: { userId: made.id } });
  assert.equal(status, 404);
});

test("another user's device is not found, and stays", async () => {
  const { id } = await make({ name: 'mine' });
  const other = await call(controller, userRoutes.create, { body: { username: 'mallory' } });
  const query = { userId: other.id };
  for (const shape of [
    deviceRoutes.read,
    deviceRoutes.update,
    deviceRoutes.remove,
    deviceRoutes.profile,
    deviceRoutes.revokeProfile,
  ]) {
    const { status } = await refusal(controller, shape, {
      id,
      query,
      body: shape === deviceRoutes.update ? { name: 'x' } : undefined,
    });
    assert.equal(status, 404, shape.path);
  }
});

describe('profiles', () => {
  test('leads to the gateway, is another each time, and is refused to who may only read', async () => {
    const { id } = await make({ name: 'profiled' });
    const query = { userId, regionId: 'us-mia' };
    const [first, second] = [
      await call(controller, deviceRoutes.profile, { id, query }),
      await call(controller, deviceRoutes.profile, { id }),
    ];
    assert.match(first, /^remote causeway\.test 119[45] udp$/m);
    assert.match(first, /-----BEGIN PRIVATE KEY-----/);
    assert.notEqual(first, second);
    const authorization = `Bearer ${await controller.tokenWith(['device:read'])}`;
    const answer = await controller.app.inject({
      method: 'POST',
      url: urlOf(deviceRoutes.profile, { id }),
      headers: { authorization },
    });
    assert.equal(answer.statusCode, 403);
  });

  test('has the client ask for a password where the group wants one at connect, but for clients that show a page', async () => {
    for (const connectAuth of ['NO_AUTH', 'ON_PRIOR_AUTH', 'EVERY_TIME'] as const) {
      const group = await call(controller, userGroupRoutes.create, { body: { name: connectAuth, connectAuth } });
      const user = await call(controller, userRoutes.create, { body: { username: `of ${connectAuth}`, groupId: group.id } });
      const { id } = await call(controller, deviceRoutes.create, { query: { userId: user.id }, body: { name: 'asked' } });
      const asks = async (query = {}) => /^auth-user-pass$/m.test(await call(controller, deviceRoutes.profile, { id, query }));
      assert.equal(await asks(), connectAuth !== 'NO_AUTH', connectAuth);
      assert.equal(await asks({ signIn: 'password' }), connectAuth !== 'NO_AUTH', connectAuth);
      assert.equal(await asks({ signIn: 'page' }), false, connectAuth);
    }
    const { id } = await make({ name: 'unasked' });
    const odd = await refusal(controller, deviceRoutes.profile, { id, query: { signIn: 'fingerprint' } });
    assert.deepEqual([odd.status, odd.field], [400, 'signIn']);
  });

  test('a region that does not exist, or is not of the group', async () => {
    const { id } = await make({ name: 'regional' });
    const unknown = await refusal(controller, deviceRoutes.profile, { id, query: { regionId: 'mars-1' } });
    assert.deepEqual([unknown.status, unknown.field], [400, 'regionId']);
    const closed = await refusal(controller, deviceRoutes.profile, { id, query: { regionId: 'it-mxp' } });
    assert.match(closed.message, /it-mxp.*not open to the user's group; allowed: us-mia, eu-central-1/);
  });

  test('revoking takes back all of them, keeps the device, and is repeatable; a new one is good', async () => {
    const { id } = await make({ name: 'revoked' });
    await call(controller, deviceRoutes.profile, { id });
    await call(controller, deviceRoutes.profile, { id });
    await call(controller, deviceRoutes.revokeProfile, { id, query: { userId } });
    const revoked = async () => {
      const { rows } = await sql<{ revoked: boolean }>`
        select revoked_at is not null as revoked from certificate where device_id = ${id} order by created_at`.execute(
        controller.database.store.database,
      );
      return rows.map((row) => row.revoked);
    };
    assert.deepEqual(await revoked(), [true, true]);
    const revision = await revisionOf(controller);
    await call(controller, deviceRoutes.revokeProfile, { id });
    assert.equal(await revisionOf(controller), revision);
    await call(controller, deviceRoutes.profile, { id });
    assert.deepEqual(await revoked(), [true, true, false]);
    assert.equal((await call(controller, deviceRoutes.read, { id })).name, 'revoked');
  });
});

test('a device is ONLINE while it has an established session', async () => {
  const { id } = await make({ name: 'live' });
  await reportSession(issuing, { device: id, user: userId }, { state: 'refused' });
  assert.equal((await call(controller, deviceRoutes.read, { id })).connectionStatus, 'OFFLINE');
  await reportSession(issuing, { device: id, user: userId }, { state: 'established' });
  assert.equal((await call(controller, deviceRoutes.read, { id })).connectionStatus, 'ONLINE');
});

test('devices spread over the user lanes, and the addresses of deleted ones rest', async () => {
  const made = [await make({ name: 'l1' }), await make({ name: 'l2' })];
  const { rows } = await sql<{ user_lane: number }>`
    select user_lane from device where id in (${sql.join(made.map(({ id }) => id))})`.execute(controller.database.store.database);
  assert.deepEqual(
    rows.map(({ user_lane }) => user_lane).toSorted((a, b) => a - b),
    [0, 1],
  );
  const [first] = made;
  await call(controller, deviceRoutes.remove, { id: first?.id ?? '' });
  assert.notEqual((await make({ name: 'l3' })).ipV4Address, first?.ipV4Address);
});

describe('refused', () => {
  const table: [string, object, string, RegExp][] = [
    ['no name', {}, 'name', /missing/],
    ['a name of 33 characters', { name: '😀'.repeat(33) }, 'name', /33 characters; allowed: at most 32/],
    [
      'a description of 121 characters',
      { name: 'd', description: 'x'.repeat(121) },
      'description',
      /121 characters; allowed: at most 120/,
    ],
    ['an address that is none', { name: 'd', ipV4Address: '100.96.0.300' }, 'ipV4Address', /100\.96\.0\.300/],
    ['an address outside', { name: 'd', ipV4Address: '192.168.0.1' }, 'ipV4Address', /outside the tunnel ranges/],
    ['the gateway', { name: 'd', ipV4Address: '100.96.0.1' }, 'ipV4Address', /gateway's own/],
  ];
  for (const [name, body, field, message] of table) {
    test(name, async () => {
      const refused = await refusal(controller, deviceRoutes.create, { query: { userId }, body });
      assert.deepEqual([refused.status, refused.field], [400, field]);
      assert.match(refused.message, message);
    });
  }

  test('an address that is taken', async () => {
    await make({ name: 'fixed', ipV4Address: '100.96.0.13' });
    const { field, message } = await refusal(controller, deviceRoutes.create, {
      query: { userId },
      body: { name: 'd', ipV4Address: '100.96.0.13' },
    });
    assert.equal(field, 'ipV4Address');
    assert.match(message, /100\.96\.0\.13 is taken/);
  });

  test('no user, and a user who is none', async () => {
    assert.equal((await refusal(controller, deviceRoutes.create, { body: { name: 'd' } })).field, 'userId');
    assert.equal((await refusal(controller, deviceRoutes.create, { query: { userId: 'bob' }, body: { name: 'd' } })).status, 404);
  });

  test('one more than the group allows, also when they come at once', async () => {
    const user = await call(controller, userRoutes.create, { body: { username: 'limited' } });
    const url = urlOf(deviceRoutes.create, { query: { userId: user.id } });
    const answers = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => controller.request('POST', url, { name: `d${String(index)}` })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [201, 201, 201, 409, 409, 409],
    );
    assert.match(answers.find(({ status }) => status === 409)?.text ?? '', /3 of the 3 devices that user group Default allows/);
  });
});

test('names of every kind that fit are stored, shown and harmless in the profile', async () => {
  const plain = directives(await call(controller, deviceRoutes.profile, { id: (await make({ name: 'plain' })).id }));
  for (const name of nastyNames.map((each) => Array.from(each).slice(0, 32).join(''))) {
    const made = await make({ name });
    assert.equal((await call(controller, deviceRoutes.read, { id: made.id })).name, name);
    assert.deepEqual(directives(await call(controller, deviceRoutes.profile, { id: made.id })), plain);
  }
});

/** Every word that a line outside the blocks begins with; lanes differ in their ports. */
function directives(profile: string): string[] {
  const outside = profile.replace(/<(ca|cert|key|tls-crypt-v2)>[\s\S]*?<\/\1>/g, '<$1>');
  return outside.split('\n').map((line) => line.split(' ')[0] ?? '');
}
