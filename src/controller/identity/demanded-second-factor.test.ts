import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountSecurity, recoveryCodes, totpStart } from '../../contract/api/own-account.ts';
import { settingRoutes } from '../../contract/api/setting.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { webSessionState } from '../../contract/api/web-session.ts';
import { call } from '../routes/test-api.ts';
import type { TestController } from '../test-controller.ts';
import { testController } from '../test-controller.ts';
import { demandSecondFactor, goodPassword, makePerson, signedInBrowser, TestBrowser, unbase32 } from './test-people.ts';
import type { TestPerson } from './test-people.ts';
import { totpCode, totpStep } from './totp.ts';

let controller: TestController;
/** The controller's clock, which these tests turn. */
let now = new Date('2026-11-27T12:00:10Z');
before(async () => {
  controller = await testController({ clock: () => now });
  await makePerson(controller, { username: 'owner', role: 'OWNER' });
});
after(async () => {
  await controller.close();
});

let made = 0;
const someone = async (role: 'MEMBER' | 'ADMIN' = 'MEMBER') => {
  made += 1;
  return await makePerson(controller, { username: `p${String(made)}`, role });
};

/** enrol adds an authenticator app, as the page of the enrolment does, and gives what the telephone shows. */
async function enrol(browser: TestBrowser): Promise<() => string> {
  const started = await browser.ask('POST', 'me/totp', { password: goodPassword });
  assert.equal(started.status, 200, started.text);
  const secret = unbase32(totpStart.parse(started.json()).secret);
  const shown = () => totpCode(secret, totpStep(now));
  const confirmed = await browser.ask('POST', 'me/totp/confirm', { code: shown() });
  assert.equal(confirmed.status, 200, confirmed.text);
  assert.equal(recoveryCodes.parse(confirmed.json()).codes.length, 10);
  now = new Date(now.getTime() + 30_000);
  return shown;
}

async function addPasskey({ id, username }: TestPerson): Promise<string> {
  const row = await controller.deps.store.database
    .insertInto('passkey')
    .values({ user_id: id, name: 'key', credential_id: Buffer.from(username), public_key: Buffer.from('x'), counter: 0 })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

const demandOfAll = async (body: boolean) => await call(controller, settingRoutes['auth/two-factor-auth'].write, { body });

test('whoever signs in without a demanded one can add it, see the own account and sign out, and nothing else', async () => {
  const person = await someone('ADMIN');
  await demandSecondFactor(controller, person);
  const browser = new TestBrowser(controller);
  const session = webSessionState.parse((await browser.signIn(person.username)).json());
  assert.deepEqual([session.state, session.person?.username], ['enrolment', person.username]);
  for (const [method, path] of [
    ['GET', '/api/v1/users'],
    ['GET', 'audit'],
    ['GET', 'me/devices'],
    ['POST', 'me/password'],
    ['POST', 'me/totp/remove'],
    ['POST', 'me/recovery-codes'],
    ['POST', 'connect-approvals/inspect'],
  ] as const) {
    const { status, text } = await browser.ask(method, path);
    assert.equal(status, 403, `${path}: ${text}`);
    assert.match(text, /"second-factor-required".*add an authenticator app or a passkey/, path);
  }
  const security = accountSecurity.parse((await browser.ask('GET', 'me/security')).json());
  assert.deepEqual([security.secondFactor, security.hasTotp], ['REQUIRED', false]);
  await enrol(browser);
  assert.equal(await browser.state(), 'signed-in');
  assert.equal((await browser.ask('GET', '/api/v1/users')).status, 200);
});

test('signing out ends a session that owes one', async () => {
  const person = await someone();
  await demandSecondFactor(controller, person);
  const browser = await signedInBrowser(controller, person);
  assert.equal(await browser.state(), 'enrolment');
  assert.equal((await browser.ask('POST', 'sign-out')).status, 200);
  assert.equal(await browser.state(), 'signed-out');
});

test('sessions that are open are limited with the next request: by the group, by a second group, and by the setting', async () => {
  const [moved, second, other] = [await someone(), await someone(), await someone()];
  const browsers = await Promise.all([moved, second, other].map(async (each) => await signedInBrowser(controller, each)));
  const states = async () => await Promise.all(browsers.map(async (browser) => await browser.state()));
  assert.deepEqual(await states(), ['signed-in', 'signed-in', 'signed-in']);
  const group = await call(controller, userGroupRoutes.create, { body: { name: 'strict' } });
  assert.equal(group.secondFactor, 'OPTIONAL');
  await call(controller, userRoutes.update, { id: moved.id, body: { groupId: group.id } });
  await call(controller, userRoutes.update, { id: second.id, body: { secondaryGroupIds: [group.id] } });
  assert.deepEqual(await states(), ['signed-in', 'signed-in', 'signed-in']);
  const changed = await call(controller, userGroupRoutes.update, { id: group.id, body: { secondFactor: 'REQUIRED' } });
  assert.equal(changed.secondFactor, 'REQUIRED');
  assert.deepEqual(await states(), ['enrolment', 'enrolment', 'signed-in']);
  await demandOfAll(true);
  assert.deepEqual(await states(), ['enrolment', 'enrolment', 'enrolment']);
  await demandOfAll(false);
  assert.deepEqual(await states(), ['enrolment', 'enrolment', 'signed-in']);
  await call(controller, userGroupRoutes.update, { id: group.id, body: { secondFactor: 'OPTIONAL' } });
  assert.deepEqual(await states(), ['signed-in', 'signed-in', 'signed-in']);
});

test('a demand of everybody keeps no owner out, and no API credential: the owner adds one after the password', async () => {
  const token = await controller.tokenWith(['all:read']);
  await demandOfAll(true);
  const owner = new TestBrowser(controller);
  assert.equal(webSessionState.parse((await owner.signIn('owner')).json()).state, 'enrolment');
  const answer = await controller.app.inject({ url: '/api/v1/users', headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.statusCode, 200);
  const shown = await enrol(owner);
  assert.equal((await owner.ask('GET', '/api/v1/users')).status, 200);
  const again = new TestBrowser(controller);
  assert.equal(webSessionState.parse((await again.signIn('owner')).json()).state, 'second-factor');
  assert.equal((await again.ask('POST', 'sign-in/second-factor', { method: 'totp', code: shown() })).status, 200);
  assert.equal(await again.state(), 'signed-in');
  await demandOfAll(false);
});

test('the last one stays while it is demanded, also of two that are removed at once', async () => {
  const person = await someone();
  const browser = await signedInBrowser(controller, person);
  await enrol(browser);
  await demandSecondFactor(controller, person);
  const password = { password: goodPassword };
  const refused = await browser.ask('POST', 'me/totp/remove', password);
  assert.equal(refused.status, 409);
  assert.match(refused.text, /your last second factor, and one is demanded/);
  const passkey = await addPasskey(person);
  const both = [browser, await signedInBrowser(controller, person)] as const;
  const answers = await Promise.all([
    both[0].ask('POST', 'me/totp/remove', password),
    both[1].ask('POST', `me/passkeys/${passkey}/remove`, password),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [204, 409],
  );
  assert.equal(await both[0].state(), 'signed-in');
});

test('whose second factors an administrator takes away adds a new one after the password', async () => {
  const person = await someone();
  await enrol(await signedInBrowser(controller, person));
  await demandSecondFactor(controller, person);
  const admin = await signedInBrowser(controller, await someone('ADMIN'));
  assert.equal((await admin.ask('POST', `users/${person.id}/second-factors/remove`)).status, 204);
  const browser = new TestBrowser(controller);
  assert.equal(webSessionState.parse((await browser.signIn(person.username)).json()).state, 'enrolment');
  await enrol(browser);
  assert.equal(await browser.state(), 'signed-in');
});

test('where no browser may be trusted, those that were are asked, none becomes trusted, and allowing it again brings none back', async () => {
  const person = await someone();
  const shown = await enrol(await signedInBrowser(controller, person));
  const trusted = new TestBrowser(controller);
  const signIn = async () => webSessionState.parse((await trusted.signIn(person.username)).json());
  const giveCode = async () => {
    const body = { method: 'totp', code: shown(), trustsDevice: true };
    assert.equal((await trusted.ask('POST', 'sign-in/second-factor', body)).status, 200);
    now = new Date(now.getTime() + 30_000);
  };
  const allow = async (body: boolean) => await call(controller, settingRoutes['auth/trusted-devices-allowed'].write, { body });
  assert.equal((await signIn()).server.trustsBrowsers, true);
  await giveCode();
  assert.equal((await signIn()).state, 'signed-in');
  await allow(false);
  const asked = await signIn();
  assert.deepEqual([asked.state, asked.server.trustsBrowsers], ['second-factor', false]);
  await giveCode();
  assert.equal((await signIn()).state, 'second-factor');
  await allow(true);
  assert.equal((await signIn()).state, 'second-factor');
  await giveCode();
  assert.equal((await signIn()).state, 'signed-in');
});
