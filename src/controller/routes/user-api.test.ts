import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { deviceRoutes } from '../../contract/api/device.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import type { TestController } from '../test-controller.ts';
import type { IssuingController } from './test-api.ts';
import { call, issuingController, refusal, reportSession, revisionOf } from './test-api.ts';

let issuing: IssuingController;
let controller: TestController;
let groupId = '';
before(async () => {
  issuing = await issuingController();
  ({ controller } = issuing);
  ({ id: groupId } = await call(controller, userGroupRoutes.create, { body: { name: 'Staff', maxDevice: 2 } }));
});
after(async () => {
  await issuing[Symbol.asyncDispose]();
});

test('create, read, change and delete a user as Terraform does', async () => {
  const sent = {
    username: 'bob',
    role: 'MEMBER',
    authType: '',
    groupId,
    status: '',
    devices: null,
    connectionStatus: '',
    firstName: 'Bob',
    lastName: 'Müller',
    email: 'bob+vpn@example.com',
  };
  const made = await call(controller, userRoutes.create, { body: sent });
  const { id } = made;
  assert.deepEqual(made, {
    id,
    firstName: 'Bob',
    lastName: 'Müller',
    username: 'bob',
    email: 'bob+vpn@example.com',
    groupId,
    secondaryGroupIds: [],
    status: 'INVITED',
    authType: 'INTERNAL',
    role: 'MEMBER',
    devices: [],
    connectionStatus: 'OFFLINE',
    licensed: true,
  });
  assert.deepEqual(await call(controller, userRoutes.read, { id }), made);
  assert.ok((await call(controller, userRoutes.list)).content.some((user) => user.id === id));
  const update = {
    id,
    username: '',
    email: '',
    firstName: 'Robert',
    lastName: '',
    groupId,
    role: 'ADMIN',
    status: 'INVITED',
    devices: null,
    secondaryGroupIds: null,
  };
  const changed = await call(controller, userRoutes.update, { id, body: update });
  assert.deepEqual(changed, { ...made, firstName: 'Robert', role: 'ADMIN' }, 'empty strings are not given');
  const revision = await revisionOf(controller);
  assert.deepEqual(await call(controller, userRoutes.update, { id, body: changed }), changed);
  assert.equal(await revisionOf(controller), revision);
  await call(controller, userRoutes.remove, { id });
  const gone = await refusal(controller, userRoutes.read, { id });
  assert.equal(gone.status, 404);
  assert.match(gone.message, /not found/);
});

test('a user without group joins the default one, without mail is active, and may bring devices', async () => {
  const [standard] = (await call(controller, userGroupRoutes.list)).content;
  const made = await call(controller, userRoutes.create, {
    body: {
      username: 'carol',
      devices: [{ name: 'laptop', description: 'd', ipV4Address: '100.96.0.13', ipV6Address: '' }, { name: 'phone' }],
    },
  });
  assert.deepEqual([made.groupId, made.status], [standard?.id, 'ACTIVE']);
  assert.deepEqual(
    made.devices.map(({ name, description, ipV4Address, userId }) => [name, description, ipV4Address, userId]),
    [
      ['laptop', 'd', '100.96.0.13', made.id],
      ['phone', '', '100.96.16.1', made.id],
    ],
  );
});

test('suspending a user is seen by the compiler of gateways, and activating ends it', async () => {
  const { id } = await call(controller, userRoutes.create, { body: { username: 'dave', email: 'dave@example.com' } });
  assert.equal((await call(controller, userRoutes.suspend, { id })).status, 'SUSPENDED');
  const revision = await revisionOf(controller);
  assert.equal((await call(controller, userRoutes.suspend, { id })).status, 'SUSPENDED');
  assert.equal(await revisionOf(controller), revision, 'twice is once');
  assert.equal((await call(controller, userRoutes.activate, { id })).status, 'ACTIVE');
  assert.equal((await call(controller, userRoutes.update, { id, body: { status: 'SUSPENDED' } })).status, 'SUSPENDED');
});

test('a user is ONLINE when one of the devices is', async () => {
  const { id, devices } = await call(controller, userRoutes.create, {
    body: { username: 'erin', devices: [{ name: 'a' }, { name: 'b' }] },
  });
  await reportSession(issuing, { device: devices[1]?.id ?? '', user: id }, { state: 'established' });
  const user = await call(controller, userRoutes.read, { id });
  assert.deepEqual(
    [user.connectionStatus, ...user.devices.map(({ connectionStatus }) => connectionStatus)],
    ['ONLINE', 'OFFLINE', 'ONLINE'],
  );
});

test('deleting a user deletes the devices', async () => {
  const { id, devices } = await call(controller, userRoutes.create, { body: { username: 'frank', devices: [{ name: 'a' }] } });
  await call(controller, userRoutes.remove, { id });
  assert.equal((await refusal(controller, deviceRoutes.read, { id: devices[0]?.id ?? '' })).status, 404);
});

describe('refused', () => {
  before(async () => {
    await call(controller, userRoutes.create, { body: { username: 'Taken' } });
  });
  const unknown = '00000000-0000-4000-8000-000000000000';
  const table: [string, object, string, RegExp][] = [
    ['no user name', {}, 'username', /missing/],
    ['an empty user name', { username: '' }, 'username', /is empty/],
    ['a user name of 121 characters', { username: 'x'.repeat(121) }, 'username', /121 characters; allowed: at most 120/],
    [
      'a first name of 21 characters',
      { username: 'u', firstName: '😀'.repeat(21) },
      'firstName',
      /21 characters; allowed: at most 20/,
    ],
    ['a user name that is taken, in other letters', { username: 'tAKEN' }, 'username', /tAKEN.*is taken by user Taken/],
    ['a group that does not exist', { username: 'u', groupId: unknown }, 'groupId', /is not the id of a user group/],
    ['a group that is no id', { username: 'u', groupId: 'Staff' }, 'groupId', /Staff.*user-groups/],
    [
      'a further group that does not exist',
      { username: 'u', secondaryGroupIds: [unknown] },
      'secondaryGroupIds.0',
      /is not the id/,
    ],
    ['a mail address that is none', { username: 'u', email: 'bob at example' }, 'email', /is not a mail address/],
    ['an unknown status', { username: 'u', status: 'GONE' }, 'status', /INVITED, ACTIVE, SUSPENDED/],
    ['a device without a name', { username: 'u', devices: [{ description: 'd' }] }, 'devices.0.name', /missing/],
    [
      'a fixed address outside',
      { username: 'u', devices: [{ name: 'd', ipV4Address: '10.0.0.1' }] },
      'devices.0.ipV4Address',
      /outside the tunnel ranges 100\.96\.0\.0\/11/,
    ],
    [
      "the gateway's own address",
      { username: 'u', devices: [{ name: 'd', ipV4Address: '100.96.0.1' }] },
      'devices.0.ipV4Address',
      /gateway's own/,
    ],
  ];
  for (const [name, body, field, message] of table) {
    test(name, async () => {
      const refused = await refusal(controller, userRoutes.create, { body });
      assert.deepEqual([refused.status, refused.field], [400, field]);
      assert.match(refused.message, message);
    });
  }

  test('more devices than the group allows', async () => {
    const devices = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
    const { status, message } = await refusal(controller, userRoutes.create, { body: { username: 'greedy', groupId, devices } });
    assert.equal(status, 409);
    assert.match(message, /User greedy has 0 of the 2 devices that user group Staff allows, so 3 more cannot be added/);
  });

  test('another user name by update, an invitation after activation, the primary group as further one', async () => {
    const { id } = await call(controller, userRoutes.create, { body: { username: 'gina', groupId } });
    assert.equal((await refusal(controller, userRoutes.update, { id, body: { username: 'gino' } })).field, 'username');
    assert.equal((await refusal(controller, userRoutes.update, { id, body: { status: 'INVITED' } })).field, 'status');
    assert.equal(
      (await refusal(controller, userRoutes.update, { id, body: { secondaryGroupIds: [groupId] } })).field,
      'secondaryGroupIds.0',
    );
  });

  test('who is moved into a further group has it once', async () => {
    const { id } = await call(controller, userRoutes.create, { body: { username: 'hugo', secondaryGroupIds: [groupId] } });
    const moved = await call(controller, userRoutes.update, { id, body: { groupId } });
    assert.deepEqual([moved.groupId, moved.secondaryGroupIds], [groupId, []]);
  });

  test('of eight users with one name created at once, seven', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => controller.request('POST', userRoutes.create.path, { username: 'only-one' })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 400, 400, 400, 400, 400, 400, 400],
    );
  });
});
