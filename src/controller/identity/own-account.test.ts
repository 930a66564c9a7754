import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { accountSecurity, accountSession, recoveryCodes, totpStart } from '../../contract/api/own-account.ts';
import { webSessionState } from '../../contract/api/web-session.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { goodPassword, makePerson, signedInBrowser, TestBrowser, unbase32 } from './test-people.ts';
import type { TestPerson } from './test-people.ts';
import { base32, totpCode, totpStep } from './totp.ts';

let controller: TestController;
/** The controller's clock, which these tests turn. */
let now = new Date('2026-11-27T12:00:10Z');
before(async () => {
  controller = await testController({ clock: () => now });
  await makePerson(controller, { username: 'owner', role: 'OWNER', password: null });
});
after(async () => {
  await controller.close();
});

const steps = (count: number) => (now = new Date(now.getTime() + count * 30_000));
const db = () => controller.deps.store.database;
let made = 0;
const someone = async () => {
  made += 1;
  return await makePerson(controller, { username: `p${String(made)}` });
};

/** What the person's telephone shows when its clock is `off` steps away. */
const shown = (secret: Buffer, off = 0) => totpCode(secret, totpStep(now) + off);

type Secured = {
  readonly person: TestPerson;
  readonly browser: TestBrowser;
  readonly secret: Buffer;
  readonly codes: readonly string[];
};

async function withTotp(): Promise<Secured> {
  const person = await someone();
  const browser = await signedInBrowser(controller, person);
  const started = await browser.ask('POST', 'me/totp', { password: goodPassword });
  assert.equal(started.status, 200, started.text);
  const { secret: text, uri } = totpStart.parse(started.json());
  const secret = unbase32(text);
  assert.equal(base32(secret), text);
  assert.ok(uri.includes(text));
  const confirmed = await browser.ask('POST', 'me/totp/confirm', { code: shown(secret) });
  assert.equal(confirmed.status, 200, confirmed.text);
  steps(1);
  return { person, browser, secret, codes: recoveryCodes.parse(confirmed.json()).codes };
}

const second = async (browser: TestBrowser, code: string, more: object = {}) =>
  await browser.ask('POST', 'sign-in/second-factor', { method: 'totp', code, ...more });

test('the second factor is demanded from then on, and opens a session with another token', async () => {
  const { person, secret } = await withTotp();
  const browser = new TestBrowser(controller);
  const half = webSessionState.parse((await browser.signIn(person.username)).json());
  assert.deepEqual([half.state, half.person, half.factors], ['second-factor', null, ['totp', 'recovery-code']]);
  const pending = browser.cookies.get('__Host-causeway');
  assert.equal(browser.cookies.has('__Host-causeway-browser'), false, 'half a sign-in makes no browser known');
  assert.equal((await browser.ask('GET', 'me/security')).status, 401);
  assert.equal((await second(browser, '000000')).status, 401);
  assert.equal((await second(browser, shown(secret))).status, 200);
  assert.notEqual(browser.cookies.get('__Host-causeway'), pending);
  assert.equal((await browser.ask('GET', 'me/security')).status, 200);
  const copy = new TestBrowser(controller);
  copy.cookies.set('__Host-causeway', pending ?? '');
  assert.equal(await copy.state(), 'signed-out');
});

test('the secret is not in the database as it is, and neither are recovery codes; the audit holds none of them', async () => {
  const { secret, codes, person } = await withTotp();
  const row = await db().selectFrom('account').selectAll().where('user_id', '=', person.id).executeTakeFirstOrThrow();
  assert.equal(row.totp_secret?.includes(secret), false);
  const texts = await sql<{ text: string }>`
    select to_jsonb(r)::text as text from recovery_code r union all select to_jsonb(a)::text from audit a`.execute(db());
  for (const each of [base32(secret), ...codes, goodPassword]) {
    assert.equal(
      texts.rows.some(({ text }) => text.includes(each)),
      false,
    );
    assert.equal(controller.logged().includes(each), false);
  }
});

test('a code works once, also when it is sent twice at the same time, and none from before it', async () => {
  const { person, secret } = await withTotp();
  const browsers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const browser = new TestBrowser(controller);
      await browser.signIn(person.username);
      return browser;
    }),
  );
  const answers = await Promise.all(browsers.map(async (browser) => await second(browser, shown(secret))));
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 401, 401, 401],
  );
  const late = new TestBrowser(controller);
  await late.signIn(person.username);
  assert.equal(
    (await second(late, shown(secret, -1))).status,
    401,
    'an older code that was not used is worth nothing after a newer one',
  );
  assert.equal((await second(late, shown(secret, 1))).status, 200);
});

test('a telephone whose clock is 30 s off is served, one that is a minute off is not', async () => {
  const { person, secret } = await withTotp();
  for (const [off, status] of [
    [-2, 401],
    [2, 401],
    [-1, 200],
    [1, 200],
  ] as const) {
    steps(4);
    const browser = new TestBrowser(controller);
    await browser.signIn(person.username);
    assert.equal((await second(browser, shown(secret, off))).status, status, String(off));
  }
});

test('a recovery code works once, however it is typed', async () => {
  const { person, codes, browser: own } = await withTotp();
  assert.equal(codes.length, 10);
  assert.equal(new Set(codes).size, 10);
  const use = async (code: string) => {
    const browser = new TestBrowser(controller);
    await browser.signIn(person.username);
    return (await second(browser, code, { method: 'recovery-code' })).status;
  };
  const [first = '', next = ''] = codes;
  assert.match(first, /^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
  assert.equal(await use(first.toLowerCase().replaceAll('-', ' ')), 200);
  assert.equal(await use(first), 401);
  assert.equal(accountSecurity.parse((await own.ask('GET', 'me/security')).json()).recoveryCodesLeft, 9);
  const renewed = await own.ask('POST', 'me/recovery-codes', { password: goodPassword });
  assert.equal(recoveryCodes.parse(renewed.json()).codes.length, 10);
  assert.equal(await use(next), 401);
});

test('a trusted browser is not asked for 30 days, only for its person, and not after the second factor was taken away and added', async () => {
  const { person, secret, browser: own } = await withTotp();
  const browser = new TestBrowser(controller);
  const stateAfter = async () => webSessionState.parse((await browser.signIn(person.username)).json()).state;
  await browser.signIn(person.username);
  await second(browser, shown(secret), { trustsDevice: true });
  const planted = browser.cookies.get('__Host-causeway-browser') ?? '';
  assert.equal(await stateAfter(), 'signed-in');
  const copy = new TestBrowser(controller);
  copy.cookies.set('__Host-causeway-browser', planted);
  assert.match((await copy.signIn(person.username)).text, /"state":"second-factor"/, 'the cookie of before the last sign-in');
  assert.equal((await browser.signIn(person.username, 'wrong password')).status, 401, 'it spares no password');
  const other = await withTotp();
  await browser.signIn(other.person.username);
  assert.equal(await browser.state(), 'second-factor');

  await sql`update browser set trusted_until = trusted_until - interval '30 days' where user_id = ${person.id}`.execute(db());
  assert.equal(await stateAfter(), 'second-factor');
  steps(1);
  await second(browser, shown(secret), { trustsDevice: true });
  assert.equal(await stateAfter(), 'signed-in');
  assert.equal((await own.ask('POST', 'me/totp/remove', { password: 'wrong password' })).status, 400);
  assert.equal((await own.ask('POST', 'me/totp/remove', { password: goodPassword })).status, 204);
  const security = accountSecurity.parse((await own.ask('GET', 'me/security')).json());
  assert.deepEqual([security.hasTotp, security.recoveryCodesLeft], [false, 0]);
  const again = totpStart.parse((await own.ask('POST', 'me/totp', { password: goodPassword })).json());
  assert.equal(await stateAfter(), 'signed-in', 'a secret that is not confirmed demands nothing');
  steps(1);
  await own.ask('POST', 'me/totp/confirm', { code: shown(unbase32(again.secret)) });
  assert.equal(await stateAfter(), 'second-factor');
});

test('codes are not guessed: ten wrong ones, then it is time to wait; a known browser has its own ten', async () => {
  const { person, secret } = await withTotp();
  const known = new TestBrowser(controller);
  await known.signIn(person.username);
  assert.equal((await second(known, shown(secret))).status, 200);
  const guesser = new TestBrowser(controller, '203.0.113.5');
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 11; attempt += 1) {
    if (attempt % 4 === 0) await guesser.signIn(person.username);
    statuses.push((await second(guesser, '000000')).status);
  }
  assert.deepEqual(statuses.slice(-2), [401, 429]);
  steps(1);
  await known.signIn(person.username);
  assert.equal((await second(known, shown(secret))).status, 200);
});

test('without the password before it the second factor is nothing, and ten minutes later it is too late', async () => {
  const { person, secret } = await withTotp();
  assert.equal((await second(new TestBrowser(controller), shown(secret))).status, 401);
  const browser = new TestBrowser(controller);
  await browser.signIn(person.username);
  await sql`update web_session set expires_at = expires_at - interval '10 minutes' where user_id = ${person.id}`.execute(db());
  assert.equal((await second(browser, shown(secret))).status, 401);
});

test('a new password ends the other sessions, keeps this one with another token, and takes no common one', async () => {
  const person = await someone();
  const [mine, other] = [await signedInBrowser(controller, person), await signedInBrowser(controller, person)];
  const before = mine.cookies.get('__Host-causeway') ?? '';
  const change = async (current: string, password: string) => await mine.ask('POST', 'me/password', { current, password });
  const wrong = await change('wrong password', 'something else entirely');
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /"current"/);
  assert.match((await change(goodPassword, 'qwertyuiop123')).text, /"password".*common/);
  assert.equal((await change(goodPassword, 'something else entirely')).status, 204);
  assert.notEqual(mine.cookies.get('__Host-causeway'), before);
  assert.equal(await mine.state(), 'signed-in');
  assert.equal(await other.state(), 'signed-out');
  assert.equal((await new TestBrowser(controller).signIn(person.username)).status, 401);
  assert.equal((await new TestBrowser(controller).signIn(person.username, 'something else entirely')).status, 200);
});

test('a session that somebody else got hold of does not find the password', async () => {
  const person = await someone();
  const thief = await signedInBrowser(controller, person);
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 11; attempt += 1)
    statuses.push((await thief.ask('POST', 'me/totp', { password: 'guess number one' })).status);
  assert.deepEqual(statuses.slice(-2), [400, 429]);
});

test('people see their own sessions and end them one by one, and nobody else’s', async () => {
  const [person, stranger] = [await someone(), await someone()];
  const browser = new TestBrowser(controller, '198.51.100.9');
  await browser.signIn(person.username);
  const other = await signedInBrowser(controller, person);
  const list = accountSession.array().parse((await browser.ask('GET', 'me/sessions')).json());
  assert.equal(list.length, 2);
  const [mine, theirs] = [list.find(({ isThis }) => isThis), list.find(({ isThis }) => !isThis)];
  assert.equal(mine?.sourceAddress, '198.51.100.9');
  const foreign = await signedInBrowser(controller, stranger);
  assert.equal((await foreign.ask('DELETE', `me/sessions/${theirs?.id ?? ''}`)).status, 404);
  assert.equal(await other.state(), 'signed-in');
  assert.equal((await browser.ask('DELETE', `me/sessions/${theirs?.id ?? ''}`)).status, 204);
  assert.equal(await other.state(), 'signed-out');
  assert.equal((await browser.ask('DELETE', `me/sessions/${mine?.id ?? ''}`)).status, 204);
  assert.equal(browser.cookies.has('__Host-causeway'), false);
});
