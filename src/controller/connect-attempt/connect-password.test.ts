import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import type { PasswordOutcome } from '../../contract/connect-attempt.ts';
import { TestBrowser, goodPassword, makePerson } from '../identity/test-people.ts';
import { call } from '../routes/test-api.ts';
import type { TestController } from '../test-controller.ts';
import { testController } from '../test-controller.ts';
import type { TestDevice } from './test-connect.ts';
import { TestGateway, addTotp, auditOf, authenticatedAt, clientAddress, makeDevice } from './test-connect.ts';

let controller: TestController;
let gateway: TestGateway;
before(async () => {
  controller = await testController();
  gateway = await TestGateway.make(controller);
});
after(async () => {
  await controller.close();
});

const approved = { kind: 'approved' } as const;
const wrong = { kind: 'wrong' } as const;

const base64 = (text: string) => Buffer.from(text).toString('base64');
const withCode = (code: string) => `SCRV1:${base64(goodPassword)}:${base64(code)}`;

/** The challenge that a right password gets. */
function stateOf(outcome: PasswordOutcome): string {
  assert.equal(outcome.kind, 'second-factor');
  return outcome.kind === 'second-factor' ? outcome.state : '';
}

/** Addresses of their own, so that the failures of one test are not counted in another. */
let places = 0;
const somewhere = (): string => `198.51.100.${String((places += 1))}`;

test("the device's user, by name or mail address, and nobody learns the password from log or audit", async () => {
  const device = await makeDevice(controller, 'EVERY_TIME', { email: 'bob@example.com' });
  const { username } = device.person;
  assert.deepEqual(await gateway.password(device, username, goodPassword), approved);
  assert.deepEqual(await gateway.password(device, 'Bob@Example.com', goodPassword), approved);
  assert.ok((await authenticatedAt(controller, device)) !== undefined);
  const entry = {
    action: 'authenticated',
    principal_kind: 'device-user',
    principal_name: username,
    source_address: clientAddress,
    after: { user: username, from: clientAddress, by: 'password' },
  };
  assert.deepEqual(await auditOf(controller, device), [entry, entry]);
  assert.equal(controller.logged().includes(goodPassword), false);
});

describe('one answer for all that is wrong', () => {
  const cases: readonly (readonly [string, (device: TestDevice) => Promise<readonly [name: string, password: string]>])[] = [
    ['the password', async ({ person }) => [person.username, 'correct horse battery']],
    ['a name that nobody has', async () => ['nobody', goodPassword]],
    ['no name', async () => ['', goodPassword]],
    [
      "another person's name and password",
      async () => [(await makePerson(controller, { username: `other${String(places)}` })).username, goodPassword],
    ],
    [
      'a suspended person',
      async ({ person }) => {
        await suspend(person.id);
        return [person.username, goodPassword];
      },
    ],
    ['an answer to no challenge', async ({ person }) => [person.username, `CRV1::${'A'.repeat(22)}::123456`]],
    ['a password beyond all length', async ({ person }) => [person.username, goodPassword + 'x'.repeat(200)]],
  ];
  for (const [name, make] of cases)
    test(name, async () => {
      const device = await makeDevice(controller, 'EVERY_TIME');
      const [username, password] = await make(device);
      assert.deepEqual(await gateway.password(device, username, password, somewhere()), wrong);
      assert.equal(await authenticatedAt(controller, device), undefined);
    });

  test('an account without password, and a certificate of nobody', async () => {
    const device = await makeDevice(controller, 'EVERY_TIME', { password: null });
    assert.deepEqual(await gateway.password(device, device.person.username, goodPassword, somewhere()), wrong);
    const other = await makeDevice(controller, 'EVERY_TIME');
    const stranger = { ...other, serial: 'f'.repeat(32) };
    assert.deepEqual(await gateway.password(stranger, other.person.username, goodPassword, somewhere()), wrong);
  });
});

describe('with an authenticator app', () => {
  test('the code follows a challenge, which is good once and for this device', async () => {
    const device = await makeDevice(controller, 'EVERY_TIME');
    const other = await makeDevice(controller, 'EVERY_TIME');
    const code = await addTotp(controller, device.person);
    const { username } = device.person;
    const from = somewhere();
    const state = stateOf(await gateway.password(device, username, goodPassword, from));
    assert.equal(await authenticatedAt(controller, device), undefined, 'the password alone is not enough');
    assert.deepEqual(await gateway.password(other, username, `CRV1::${state}::${code()}`, from), wrong);
    assert.deepEqual(await gateway.password(device, username, `CRV1::${state}::${code()}`, from), approved);
    assert.deepEqual(await gateway.password(device, username, `CRV1::${state}::${code(1)}`, from), wrong, 'used');
    const again = stateOf(await gateway.password(device, username, goodPassword, from));
    assert.deepEqual(await gateway.password(device, username, `CRV1::${again}::${code()}`, from), wrong, 'the code was used');
    assert.deepEqual(await gateway.password(device, username, `CRV1::${again}::${code(1)}`, from), wrong, 'so was the challenge');
    assert.equal((await auditOf(controller, device)).length, 1);
  });

  test('a challenge that is too old, or of a person who was suspended since', async () => {
    const device = await makeDevice(controller, 'EVERY_TIME');
    const code = await addTotp(controller, device.person);
    const { username, id } = device.person;
    const late = stateOf(await gateway.password(device, username, goodPassword));
    await sql`update connect_attempt set expires_at = now() where device_id = ${device.id}`.execute(
      controller.deps.store.database,
    );
    assert.deepEqual(await gateway.password(device, username, `CRV1::${late}::${code()}`), wrong);
    const state = stateOf(await gateway.password(device, username, goodPassword));
    await suspend(id);
    assert.deepEqual(await gateway.password(device, username, `CRV1::${state}::${code()}`), wrong);
  });

  test('or the client has asked for it in advance', async () => {
    const device = await makeDevice(controller, 'EVERY_TIME');
    const code = await addTotp(controller, device.person);
    const { username } = device.person;
    assert.deepEqual(await gateway.password(device, username, withCode('000000'), somewhere()), wrong);
    assert.deepEqual(await gateway.password(device, username, withCode(code()), somewhere()), approved);
    stateOf(await gateway.password(device, username, withCode(''), somewhere()));
  });
});

test('whoever has to have a second factor and has none is told so, after the right password only', async () => {
  const device = await makeDevice(controller, 'EVERY_TIME');
  const { username } = device.person;
  await call(controller, userGroupRoutes.update, { id: device.group, body: { secondFactor: 'REQUIRED' } });
  assert.deepEqual(await gateway.password(device, username, 'guess', somewhere()), wrong);
  assert.deepEqual(await gateway.password(device, username, goodPassword, somewhere()), { kind: 'second-factor-missing' });
  assert.equal(await authenticatedAt(controller, device), undefined);
  const code = await addTotp(controller, device.person);
  assert.deepEqual(await gateway.password(device, username, withCode(code()), somewhere()), approved);
});

test('failures count as those on the sign-in page do, and the person gets in from elsewhere', async () => {
  const device = await makeDevice(controller, 'EVERY_TIME');
  const { username } = device.person;
  const from = somewhere();
  for (let count = 0; count < 10; count += 1) assert.deepEqual(await gateway.password(device, username, 'guess', from), wrong);
  assert.deepEqual(await gateway.password(device, username, goodPassword, from), { kind: 'too-many' });
  assert.equal((await new TestBrowser(controller, from).signIn(username)).status, 429);
  assert.deepEqual(await gateway.password(device, username, goodPassword, somewhere()), approved);
  const failures = await controller.deps.store.database
    .selectFrom('audit')
    .select(['principal_name', 'source_address', 'after'])
    .where('action', '=', 'sign-in-failed')
    .where('entity_id', '=', device.person.id)
    .orderBy('id')
    .execute();
  assert.deepEqual(
    failures.map(({ after: told }) => told),
    [
      { what: 'password', failures: 5 },
      { what: 'password', failures: 10 },
    ],
  );
  assert.deepEqual(new Set(failures.map(({ source_address }) => source_address)), new Set([from]));
});

async function suspend(user: string): Promise<void> {
  assert.equal((await controller.request('PUT', `/api/v1/users/${user}/suspend`)).status, 200);
}
