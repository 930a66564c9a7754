import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { userRoutes } from '../../contract/api/user.ts';
import { webSessionState } from '../../contract/api/web-session.ts';
import { call } from '../routes/test-api.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { goodPassword, makePerson, ownPage, signedInBrowser, TestBrowser } from './test-people.ts';

let controller: TestController;
before(async () => {
  controller = await testController();
  await makePerson(controller, { username: 'owner@example.com', role: 'OWNER', email: 'owner@example.com' });
});
after(async () => {
  await controller.close();
});

const db = () => controller.deps.store.database;
const actions = async (entityId: string) =>
  (await db().selectFrom('audit').select('action').where('entity_id', '=', entityId).orderBy('id').execute()).map(
    ({ action }) => action,
  );

test('signing in sets two cookies that scripts, neighbours and other sites cannot use, and says who it is', async () => {
  const { id } = await makePerson(controller, { username: 'alice', email: 'alice@example.com' });
  const browser = new TestBrowser(controller);
  assert.equal(await browser.state(), 'signed-out');
  const answer = await browser.signIn('ALICE');
  assert.equal(answer.status, 200, answer.text);
  const state = webSessionState.parse(answer.json());
  assert.deepEqual([state.state, state.person?.id, state.person?.role], ['signed-in', id, 'MEMBER']);
  assert.equal(browser.setCookies.length, 2);
  for (const line of browser.setCookies) {
    assert.match(line, /^__Host-causeway(-browser)?=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Lax$/);
    const token = /=([^;]+)/.exec(line)?.[1] ?? '';
    const kept = await sql<{
      text: string;
    }>`select to_jsonb(w)::text || to_jsonb(b)::text as text from web_session w, browser b`.execute(db());
    assert.equal(
      kept.rows.some(({ text }) => text.includes(token)),
      false,
      'a token is kept as it is',
    );
    assert.equal(controller.logged().includes(token), false, 'a token is in the log');
  }
  assert.equal(await browser.state(), 'signed-in');
  assert.equal((await browser.ask('POST', 'sign-out')).status, 200);
  assert.equal(await browser.state(), 'signed-out');
  assert.deepEqual(await actions(id), ['created', 'signed-in', 'signed-out']);
});

test('the mail address serves as well, unless it is another user name or that of several', async () => {
  await makePerson(controller, { username: 'mail1', email: 'Mail1@example.com' });
  assert.equal((await new TestBrowser(controller).signIn('mail1@EXAMPLE.com')).status, 200);
  await makePerson(controller, { username: 'twin1', email: 'twin@example.com' });
  await makePerson(controller, { username: 'twin2', email: 'twin@example.com' });
  assert.equal((await new TestBrowser(controller).signIn('twin@example.com')).status, 401);
  // Somebody whose mail address was set to another's user name does not answer to it.
  await makePerson(controller, { username: 'thief', email: 'mail1', password: 'another password of theirs' });
  assert.equal((await new TestBrowser(controller).signIn('mail1', 'another password of theirs')).status, 401);
});

test('unknown, wrong, without a password, invited and suspended are one answer', async () => {
  await makePerson(controller, { username: 'here' });
  await makePerson(controller, { username: 'without', password: null });
  await makePerson(controller, { username: 'suspended', status: 'SUSPENDED' });
  await makePerson(controller, { username: 'invited', status: 'INVITED' });
  const answers = new Set<string>();
  for (const [name, password] of [
    ['here', 'wrong password'],
    ['nobody', goodPassword],
    ['without', goodPassword],
    ['suspended', goodPassword],
    ['invited', goodPassword],
  ] as const) {
    const browser = new TestBrowser(controller);
    const { status, text } = await browser.signIn(name, password);
    assert.deepEqual(browser.setCookies, [], name);
    answers.add(`${String(status)} ${text}`);
  }
  assert.equal(answers.size, 1, [...answers].join('\n'));
  assert.match([...answers][0] ?? '', /^401 .*wrong, or the account is suspended/);
});

test('a session is rotated at sign-in: what a browser held before is worth nothing', async () => {
  const { username } = await makePerson(controller, { username: 'rotates' });
  const browser = new TestBrowser(controller);
  await browser.signIn(username);
  const old = new TestBrowser(controller);
  for (const [name, value] of browser.cookies) old.cookies.set(name, value);
  await browser.signIn(username);
  assert.equal(await browser.state(), 'signed-in');
  assert.equal(await old.state(), 'signed-out');
});

test('a session ends when it was idle, after seven days however busy, and when its person is suspended or deleted', async () => {
  const person = await makePerson(controller, { username: 'ends' });
  const move = async (column: string, age: string) =>
    await sql`update web_session set ${sql.ref(column)} = ${sql.ref(column)} - ${age}::interval where user_id = ${person.id}`.execute(
      db(),
    );

  const idle = await signedInBrowser(controller, person);
  await move('last_seen_at', '11 hours 59 minutes');
  assert.equal(await idle.state(), 'signed-in');
  await move('last_seen_at', '12 hours');
  assert.equal(await idle.state(), 'signed-out');

  const old = await signedInBrowser(controller, person);
  await move('expires_at', '6 days 23 hours');
  assert.equal(await old.state(), 'signed-in');
  await move('expires_at', '1 hour');
  assert.equal(await old.state(), 'signed-out');

  const suspended = await signedInBrowser(controller, person);
  await call(controller, userRoutes.suspend, { id: person.id });
  assert.equal(await suspended.state(), 'signed-out');
  await call(controller, userRoutes.activate, { id: person.id });
  assert.equal(await suspended.state(), 'signed-out', 'activating gives no old session back');

  const deleted = await signedInBrowser(controller, person);
  await call(controller, userRoutes.remove, { id: person.id });
  assert.equal(await deleted.state(), 'signed-out');
});

test('a session that was stolen before a change of role is worth nothing after it, in both directions', async () => {
  const person = await makePerson(controller, { username: 'changes' });
  for (const role of ['ADMIN', 'MEMBER'] as const) {
    const browser = await signedInBrowser(controller, person);
    assert.equal(await browser.state(), 'signed-in');
    await call(controller, userRoutes.update, { id: person.id, body: { role } });
    assert.equal(await browser.state(), 'signed-out', role);
    assert.equal((await browser.ask('GET', '/api/v1/users')).status, 401);
  }
});

test('who guesses from one place is stopped there and told when to come back; the person signs in from another', async () => {
  const { id, username } = await makePerson(controller, { username: 'guessed' });
  const guesser = new TestBrowser(controller, '203.0.113.66');
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 11; attempt += 1) statuses.push((await guesser.signIn(username, 'guess number one')).status);
  assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => 401), 429]);
  assert.equal(guesser.headers['retry-after'], '120');
  assert.equal((await guesser.signIn(username)).status, 429, 'the right password is not found out by it');
  assert.equal((await new TestBrowser(controller, '198.51.100.7').signIn(username)).status, 200);
  const audit = await db()
    .selectFrom('audit')
    .selectAll()
    .where('entity_id', '=', id)
    .where('action', '=', 'sign-in-failed')
    .execute();
  assert.deepEqual(
    audit.map(({ source_address, principal_kind, after: what }) => [source_address, principal_kind, what]),
    [
      ['203.0.113.66', 'anonymous', { what: 'password', failures: 5 }],
      ['203.0.113.66', 'anonymous', { what: 'password', failures: 10 }],
    ],
  );
});

test('an attack from everywhere does not keep out a browser that has signed in before', async () => {
  const { username } = await makePerson(controller, { username: 'besieged' });
  const own = new TestBrowser(controller, '198.51.100.8');
  await own.signIn(username);
  await own.ask('POST', 'sign-out');
  await sql`update sign_in_allowance set level = 1000, at = now()`.execute(db());
  for (let host = 1; host <= 20; host += 1) {
    await new TestBrowser(controller, `203.0.113.${String(host)}`).signIn(username, 'guess number one');
  }
  await sql`update sign_in_allowance set level = 1000, at = now()`.execute(db());
  const elsewhere = await new TestBrowser(controller, '203.0.113.1').signIn(username);
  assert.equal(elsewhere.status, 429);
  const answer = await own.signIn(username);
  assert.equal(answer.status, 200, answer.text);
  await sql`delete from sign_in_allowance`.execute(db());
  // It is the cookie that counts, and only for the person who has signed in with it.
  const other = await makePerson(controller, { username: 'besieged2' });
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 11; attempt += 1) statuses.push((await own.signIn(other.username, 'guess number one')).status);
  assert.equal(statuses.at(-1), 429);
});

test('names that nobody has are counted like others', async () => {
  const browser = new TestBrowser(controller, '203.0.113.77');
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 11; attempt += 1)
    statuses.push((await browser.signIn('no such name here', 'guess number one')).status);
  assert.deepEqual(statuses.slice(-2), [401, 429]);
  const rows = await sql<{ text: string }>`select to_jsonb(a)::text as text from audit a`.execute(db());
  assert.equal(
    rows.rows.some(({ text }) => text.includes('no such name here')),
    false,
  );
});

test('many attempts at once are counted one by one', async () => {
  const { username } = await makePerson(controller, { username: 'burst' });
  const answers = await Promise.all(
    Array.from(
      { length: 20 },
      async () => await new TestBrowser(controller, '203.0.113.99').signIn(username, 'guess number one'),
    ),
  );
  assert.equal(answers.filter(({ status }) => status === 401).length, 10);
  assert.equal(answers.filter(({ status }) => status === 429).length, 10);
});

test('a password of 129 characters is refused before it is hashed, and no password is in the log', async () => {
  const browser = new TestBrowser(controller);
  const answer = await browser.signIn('alice', 'x'.repeat(129));
  assert.equal(answer.status, 400);
  assert.equal(answer.text.includes('xxxx'), false);
  assert.equal(controller.logged().includes(goodPassword), false);
});

test('signing in is taken from our own pages only', async () => {
  await makePerson(controller, { username: 'forged' });
  const body = { username: 'forged', password: goodPassword };
  for (const headers of [
    {},
    { 'x-causeway': '1' },
    { 'x-causeway': '1', 'sec-fetch-site': 'cross-site' },
    { 'x-causeway': '1', 'sec-fetch-site': 'same-site' },
    { 'x-causeway': '1', origin: 'https://evil.example' },
    { 'x-causeway': '1', origin: 'null' },
    { 'sec-fetch-site': 'same-origin' },
    { ...ownPage, origin: 'https://evil.example' },
  ]) {
    const browser = new TestBrowser(controller);
    assert.equal(
      (await browser.ask('POST', 'sign-in', body, headers as Record<string, string>)).status,
      403,
      JSON.stringify(headers),
    );
    assert.deepEqual(browser.setCookies, []);
  }
  const browser = new TestBrowser(controller);
  const fine = { 'x-causeway': '1', origin: 'https://causeway.test', host: 'causeway.test' };
  assert.equal((await browser.ask('POST', 'sign-in', body, fine)).status, 200);
});
