import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import type { ConnectApproval } from '../../contract/api/connect-approval.ts';
import { connectApproval, connectApprovalRoutes } from '../../contract/api/connect-approval.ts';
import { deviceRoutes } from '../../contract/api/device.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { errorResponse } from '../../contract/errors.ts';
import type { UserRole } from '../store/schema.ts';
import type { BrowserAnswer, TestBrowser, TestPerson } from '../identity/test-people.ts';
import { goodPassword, makePerson, ownPage, signedInBrowser } from '../identity/test-people.ts';
import { systemActor } from '../principal.ts';
import { call, revisionOf } from '../routes/test-api.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { TestController } from '../test-controller.ts';
import { testController } from '../test-controller.ts';
import type { TestDevice } from './test-connect.ts';
import { TestGateway, auditOf, authenticatedAt, clientAddress, makeDevice } from './test-connect.ts';

let controller: TestController;
let gateway: TestGateway;
before(async () => {
  controller = await testController();
  gateway = await TestGateway.make(controller);
});
after(async () => {
  await controller.close();
});

/** The page's calls. */
const inspect = async (browser: TestBrowser, token: string) => browser.ask('POST', connectApprovalRoutes.inspect.path, { token });
const approve = async (browser: TestBrowser, token: string, password?: string) =>
  browser.ask('POST', connectApprovalRoutes.approve.path, { token, ...(password === undefined ? {} : { password }) });
const refuse = async (browser: TestBrowser, token: string) => browser.ask('POST', connectApprovalRoutes.refuse.path, { token });

function shown(answer: BrowserAnswer): ConnectApproval {
  assert.equal(answer.status, 200, answer.text);
  return connectApproval.parse(answer.json());
}

/** Status and message of a refusal. */
function told(answer: BrowserAnswer): string {
  return `${String(answer.status)} ${answer.status < 400 ? '' : errorResponse.parse(answer.json()).errorMessage}`;
}

async function write(statement: ReturnType<typeof sql>): Promise<void> {
  await inModelTransaction(controller.deps.store, systemActor, async ({ trx, record }) => {
    await statement.execute(trx);
    record({ entity: 'test', entityId: 'test', action: 'written' });
  });
}

/** A person who signed in so long ago that it does not count for EVERY_TIME. */
async function staleBrowser(person: TestPerson): Promise<TestBrowser> {
  const browser = await signedInBrowser(controller, person);
  await sql`update web_session set started_at = now() - interval '6 minutes' where user_id = ${person.id}`.execute(
    controller.deps.store.database,
  );
  return browser;
}

test('the person sees which device it is and from where, approves it once, and gateways are told', async () => {
  const device = await makeDevice(controller, 'ON_PRIOR_AUTH');
  const browser = await staleBrowser(device.person);
  const { attempt, token } = await gateway.start(device);
  const { expiresAt, ...seen } = shown(await inspect(browser, token));
  assert.deepEqual(seen, {
    state: 'waiting',
    device: { id: device.id, name: `laptop of ${device.person.username}` },
    wpc: { name: 'My WPC' },
    clientAddress,
    browserAddress: '127.0.0.1',
    connectAuth: 'ON_PRIOR_AUTH',
    needsPassword: false,
  });
  assert.ok(Date.parse(expiresAt) > Date.now());
  const revision = await revisionOf(controller);
  const waiting = gateway.decided(attempt);
  assert.equal((await approve(browser, token)).status, 204);
  assert.deepEqual(await waiting, [{ attempt, outcome: 'approved' }]);
  assert.equal(await revisionOf(controller), revision + 1);
  assert.ok((await authenticatedAt(controller, device)) !== undefined);
  assert.match(told(await approve(browser, token)), /^409 This connection was approved already/);
  assert.match(told(await refuse(browser, token)), /^409 This connection was approved already/);
  assert.equal(shown(await inspect(browser, token)).state, 'approved');
  assert.deepEqual(await auditOf(controller, device), [
    {
      action: 'authenticated',
      principal_kind: 'person',
      principal_name: device.person.username,
      source_address: '127.0.0.1',
      after: { user: device.person.username, from: clientAddress, by: 'page' },
    },
  ]);
});

test('opening the link and looking at it change nothing, and nothing tells its secret', async () => {
  const device = await makeDevice(controller, 'EVERY_TIME');
  const browser = await signedInBrowser(controller, device.person);
  const { attempt, token } = await gateway.start(device);
  const revision = await revisionOf(controller);
  for (const path of [`/c/${token}`, ...Object.values(connectApprovalRoutes).map((route) => `${route.path}?token=${token}`)]) {
    for (const method of ['GET', 'HEAD'] as const) {
      const { statusCode } = await controller.app.inject({ method, url: path });
      // The page is the portal's, which this controller was not given.
      assert.equal(statusCode, path.startsWith('/c/') ? 503 : 404, `${method} ${path}`);
    }
  }
  assert.equal(shown(await inspect(browser, token)).state, 'waiting');
  assert.equal(await revisionOf(controller), revision);
  const { rows } = await sql<{ all: string }>`select jsonb_agg(to_jsonb(t))::text as all from connect_attempt t`.execute(
    controller.deps.store.database,
  );
  assert.ok(rows[0]?.all.includes(attempt));
  assert.equal(rows[0]?.all.includes(token), false);
  assert.equal((await approve(browser, token)).status, 204);
  assert.equal(controller.logged().includes(`"token":"${token}"`), false);
});

test('nobody else may see or decide it: not another person, an owner, a program, a stranger, or another site', async () => {
  const device = await makeDevice(controller, 'ON_PRIOR_AUTH');
  const { token } = await gateway.start(device);
  const other = await makePerson(controller, { username: 'other' });
  const owner = await makePerson(controller, { username: 'owner', role: 'OWNER' });
  for (const person of [other, owner]) {
    const browser = await signedInBrowser(controller, person);
    for (const ask of [inspect, approve, refuse])
      assert.match(told(await ask(browser, token)), /^404 This link leads to no connection of yours/);
  }
  const mine = await signedInBrowser(controller, device.person);
  for (const { path } of Object.values(connectApprovalRoutes)) {
    assert.equal((await controller.request('POST', path, { token })).status, 401, path);
    assert.equal((await controller.app.inject({ method: 'POST', url: path, payload: { token } })).statusCode, 401, path);
    const foreign = await mine.ask('POST', path, { token }, { ...ownPage, 'sec-fetch-site': 'cross-site' });
    assert.equal(foreign.status, 403, path);
  }
  assert.equal(shown(await inspect(mine, token)).state, 'waiting');
  assert.match(told(await inspect(mine, 'A'.repeat(22))), /^404 This link leads/);
  assert.match(told(await inspect(mine, 'short')), /^400 /);
});

describe('EVERY_TIME', () => {
  test('takes a sign-in of the last five minutes', async () => {
    const device = await makeDevice(controller, 'EVERY_TIME');
    const browser = await signedInBrowser(controller, device.person);
    const { attempt, token } = await gateway.start(device);
    assert.equal(shown(await inspect(browser, token)).needsPassword, false);
    assert.equal((await approve(browser, token)).status, 204);
    assert.deepEqual(await gateway.decided(attempt), [{ attempt, outcome: 'approved' }]);
  });

  test('or the password, given again and right', async () => {
    const device = await makeDevice(controller, 'EVERY_TIME');
    const browser = await staleBrowser(device.person);
    const { attempt, token } = await gateway.start(device);
    assert.equal(shown(await inspect(browser, token)).needsPassword, true);
    assert.match(told(await approve(browser, token)), /^400 password.*is missing/);
    assert.match(told(await approve(browser, token, 'something else 123')), /^400 password/);
    assert.equal(shown(await inspect(browser, token)).state, 'waiting');
    assert.equal((await approve(browser, token, goodPassword)).status, 204);
    assert.deepEqual(await gateway.decided(attempt), [{ attempt, outcome: 'approved' }]);
    assert.equal(controller.logged().includes(goodPassword), false);
  });
});

test('two attempts at once are two links; what is decided of one says nothing of the other, and another gateway learns neither', async () => {
  const device = await makeDevice(controller, 'EVERY_TIME');
  const browser = await signedInBrowser(controller, device.person);
  const [first, second] = [await gateway.start(device), await gateway.start(device)];
  assert.notEqual(first.token, second.token);
  assert.equal((await refuse(browser, first.token)).status, 204);
  assert.deepEqual(await gateway.decided(first.attempt, second.attempt), [{ attempt: first.attempt, outcome: 'refused' }]);
  assert.equal((await approve(browser, second.token)).status, 204);
  const elsewhere = await TestGateway.make(controller, 'us-mia');
  assert.deepEqual(await elsewhere.decided(second.attempt), [{ attempt: second.attempt, outcome: 'expired' }]);
  assert.equal((await elsewhere.ask('/gone', { attempts: [second.attempt] })).status, 204);
  assert.deepEqual(await gateway.decided(second.attempt), [{ attempt: second.attempt, outcome: 'approved' }]);
  const [refused] = await auditOf(controller, device);
  assert.deepEqual(refused?.after, { user: device.person.username, from: clientAddress, why: 'refused by the person' });
});

test('of many decisions at once one counts', async () => {
  const device = await makeDevice(controller, 'ON_PRIOR_AUTH');
  const browser = await signedInBrowser(controller, device.person);
  const { attempt, token } = await gateway.start(device);
  const answers = await Promise.all([approve, refuse, approve, refuse, approve].map(async (decide) => decide(browser, token)));
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [204, 409, 409, 409, 409],
  );
  const winner = answers.findIndex(({ status }) => status === 204) % 2 === 0 ? 'approved' : 'refused';
  assert.deepEqual(await gateway.decided(attempt), [{ attempt, outcome: winner }]);
});

describe('what changes while it waits', () => {
  const cases: readonly (readonly [string, (device: TestDevice) => Promise<void>, RegExp, 'refused' | 'expired'])[] = [
    [
      'another group of the person',
      async ({ person }) => {
        const { id } = await call(controller, userGroupRoutes.create, { body: { name: `other of ${person.username}` } });
        await write(sql`update app_user set group_id = ${id} where id = ${person.id}`);
      },
      /^409 Your role or group has changed/,
      'refused',
    ],
    ['the device is gone', async ({ id }) => void (await call(controller, deviceRoutes.remove, { id })), /^404 /, 'expired'],
    [
      'five minutes are over',
      async ({ id }) =>
        void (await sql`update connect_attempt set expires_at = now() where device_id = ${id}`.execute(
          controller.deps.store.database,
        )),
      /^404 This link leads to no connection of yours that waits. It works for five minutes/,
      'expired',
    ],
  ];
  for (const [what, change, refusal, outcome] of cases)
    test(what, async () => {
      const device = await makeDevice(controller, 'ON_PRIOR_AUTH');
      const browser = await signedInBrowser(controller, device.person);
      const { attempt, token } = await gateway.start(device);
      await change(device);
      assert.match(told(await approve(browser, token)), refusal);
      assert.deepEqual(await gateway.decided(attempt), [{ attempt, outcome }]);
      assert.equal(await authenticatedAt(controller, device), undefined);
    });

  test('the client gives up', async () => {
    const device = await makeDevice(controller, 'ON_PRIOR_AUTH');
    const browser = await signedInBrowser(controller, device.person);
    const { attempt, token } = await gateway.start(device);
    await gateway.ask('/gone', { attempts: [attempt] });
    assert.equal(shown(await inspect(browser, token)).state, 'gone');
    assert.match(told(await approve(browser, token)), /^409 This connection has given up waiting/);
  });

  test('another role of the person, and suspension, which also voids what was proved before', async () => {
    const device = await makeDevice(controller, 'ON_PRIOR_AUTH');
    const first = await gateway.start(device);
    assert.equal((await approve(await signedInBrowser(controller, device.person), first.token)).status, 204);
    const { attempt, token } = await gateway.start(device);
    await write(sql`update app_user set role = ${'ADMIN' satisfies UserRole} where id = ${device.person.id}`);
    assert.match(
      told(await approve(await signedInBrowser(controller, device.person), token)),
      /^409 Your role or group has changed/,
    );
    assert.deepEqual(await gateway.decided(attempt), [{ attempt, outcome: 'refused' }]);
    const last = await gateway.start(device);
    const browser = await signedInBrowser(controller, device.person);
    assert.ok((await authenticatedAt(controller, device)) !== undefined);
    await write(sql`update app_user set status = 'SUSPENDED' where id = ${device.person.id}`);
    assert.equal((await approve(browser, last.token)).status, 401);
    assert.equal(await authenticatedAt(controller, device), undefined);
    assert.equal((await gateway.ask('', { serial: device.serial, clientAddress })).status, 404);
  });
});

test('a client that comes again and again leaves five open ones behind, and none of another address goes', async () => {
  const device = await makeDevice(controller, 'EVERY_TIME');
  const browser = await signedInBrowser(controller, device.person);
  const elsewhere = await gateway.start(device, '198.51.100.1');
  const started = [];
  for (let count = 0; count < 7; count += 1) started.push(await gateway.start(device));
  const states = [];
  for (const { token } of [...started, elsewhere]) states.push(shown(await inspect(browser, token)).state);
  assert.deepEqual(states, ['gone', 'gone', 'waiting', 'waiting', 'waiting', 'waiting', 'waiting', 'waiting']);
});
