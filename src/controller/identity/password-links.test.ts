import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { deviceRoutes } from '../../contract/api/device.ts';
import { oneTimeLink } from '../../contract/api/password-link.ts';
import type { DeviceId } from '../../core/ids.ts';
import { noteAuthenticated } from '../connect-attempt/authenticated.ts';
import { systemActor } from '../principal.ts';
import { call } from '../routes/test-api.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { goodPassword, makePerson, signedInBrowser, TestBrowser } from './test-people.ts';
import type { TestPerson } from './test-people.ts';

let controller: TestController;
let owner: TestBrowser;
let admin: TestBrowser;
before(async () => {
  controller = await testController();
  owner = await signedInBrowser(controller, await makePerson(controller, { username: 'owner', role: 'OWNER', password: null }));
  admin = await signedInBrowser(controller, await makePerson(controller, { username: 'admin', role: 'ADMIN', password: null }));
});
after(async () => {
  await controller.close();
});

const fresh = 'a new one for this account';
const linkFor = async (asker: TestBrowser, { id }: TestPerson) => await asker.ask('POST', `users/${id}/password-link`);
const tokenFor = async (asker: TestBrowser, person: TestPerson) => {
  const answer = await linkFor(asker, person);
  assert.equal(answer.status, 200, answer.text);
  const { url } = oneTimeLink.parse(answer.json());
  assert.match(url, /^https:\/\/causeway\.test\/new-password#[A-Za-z0-9_-]{43}$/);
  return url.split('#')[1] ?? '';
};
const complete = async (token: string, password = fresh) =>
  await new TestBrowser(controller).ask('POST', 'password-reset/complete', { token, password });

test('a link sets a password once, ends all sessions, and lets an invited person in', async () => {
  const person = await makePerson(controller, { username: 'invited', status: 'INVITED', password: null });
  const token = await tokenFor(admin, person);
  assert.equal((await complete(token, 'password1234')).status, 400, 'a common one');
  assert.equal((await complete(token)).status, 204, 'the refused one has not used it up');
  assert.equal((await complete(token)).status, 400);
  const browser = new TestBrowser(controller);
  assert.equal((await browser.signIn(person.username, fresh)).status, 200);
  const next = await tokenFor(owner, person);
  assert.equal(await browser.state(), 'signed-in', 'making a link ends nothing');
  assert.equal((await complete(next, goodPassword)).status, 204);
  assert.equal(await browser.state(), 'signed-out');
  assert.equal((await new TestBrowser(controller).signIn(person.username)).status, 200);
  const texts = await sql<{ text: string }>`select to_jsonb(a)::text as text from audit a`.execute(
    controller.deps.store.database,
  );
  for (const secret of [token, next, fresh, goodPassword]) {
    assert.equal(
      texts.rows.some(({ text }) => text.includes(secret)),
      false,
    );
    assert.equal(controller.logged().includes(secret), false);
  }
});

test('devices of that person, and of nobody else, are asked again at their next connection', async () => {
  const { database } = controller.deps.store;
  const [person, other] = [
    await makePerson(controller, { username: 'asked' }),
    await makePerson(controller, { username: 'other' }),
  ];
  const devices = await Promise.all(
    [person, other].map(async ({ id: userId }) => {
      const body = { query: { userId }, body: { name: 'laptop' } };
      return (await call(controller, deviceRoutes.create, body)).id as DeviceId;
    }),
  );
  await inModelTransaction(controller.deps.store, systemActor, async (change) => {
    for (const id of devices) await noteAuthenticated(change, id, { user: 'x', from: '192.0.2.1', by: 'page' });
  });
  assert.equal((await complete(await tokenFor(admin, person))).status, 204);
  const left = await database.selectFrom('device_authentication').select('device_id').execute();
  assert.deepEqual(
    left.map(({ device_id: id }) => id),
    devices.slice(1),
  );
});

test('half an hour later, after a newer link, and for somebody who was suspended meanwhile, it is void', async () => {
  const person = await makePerson(controller, { username: 'late' });
  const first = await tokenFor(admin, person);
  const second = await tokenFor(admin, person);
  assert.equal((await complete(first)).status, 400);
  await sql`update one_time_link set expires_at = expires_at - interval '30 minutes'`.execute(controller.deps.store.database);
  assert.equal((await complete(second)).status, 400);
  const third = await tokenFor(admin, person);
  await owner.ask('PUT', `/api/v1/users/${person.id}/suspend`);
  assert.equal((await complete(third)).status, 400);
  assert.equal((await linkFor(owner, person)).status, 409);
  assert.equal((await new TestBrowser(controller).signIn(person.username, fresh)).status, 401);
});

test('of several who use a link at the same time one sets the password', async () => {
  const token = await tokenFor(admin, await makePerson(controller, { username: 'raced', password: null }));
  const answers = await Promise.all(
    Array.from({ length: 4 }, async (_, index) => await complete(token, `number ${String(index)} of these four`)),
  );
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [204, 400, 400, 400],
  );
});

test('an ADMIN makes none for an OWNER, a MEMBER and a credential none at all, and nobody one for nobody', async () => {
  const chief = await makePerson(controller, { username: 'chief', role: 'OWNER', password: null });
  const member = await makePerson(controller, { username: 'member', password: null });
  assert.equal((await linkFor(admin, chief)).status, 403);
  assert.equal((await linkFor(owner, chief)).status, 200);
  assert.equal((await linkFor(await signedInBrowser(controller, member), member)).status, 403);
  const credential = await controller.request('POST', `/api/causeway/v1/users/${member.id}/password-link`);
  assert.equal(credential.status, 403);
  assert.equal((await owner.ask('POST', 'users/00000000-0000-4000-8000-000000000000/password-link')).status, 404);
});

test('a link that an ADMIN made for a MEMBER is void when the MEMBER becomes an OWNER', async () => {
  const person = await makePerson(controller, { username: 'rises' });
  const token = await tokenFor(admin, person);
  assert.equal((await owner.ask('PUT', `/api/v1/users/${person.id}`, { role: 'OWNER' })).status, 200);
  assert.equal((await complete(token)).status, 400);
});

test('asking for a reset is answered alike whoever it is for, and not without end', async () => {
  await makePerson(controller, { username: 'known', email: 'known@example.com' });
  const browser = new TestBrowser(controller, '203.0.113.40');
  const ask = async (email: string) => await browser.ask('POST', 'password-reset', { email });
  const [known, unknown] = [await ask('known@example.com'), await ask('nobody@example.com')];
  assert.deepEqual([known.status, known.text], [204, '']);
  assert.deepEqual([unknown.status, unknown.text], [204, '']);
  let last = 204;
  for (let index = 0; index < 30 && last === 204; index += 1) last = (await ask('known@example.com')).status;
  assert.equal(last, 429);
});
