import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { passkeyOptions } from '../../contract/api/passkey.ts';
import type { TestController } from '../test-controller.ts';
import { testController } from '../test-controller.ts';
import { newChallenge, takeChallenge } from './passkey-challenges.ts';
import { goodPassword, makePerson, signedInBrowser, TestBrowser } from './test-people.ts';

/** What an authenticator answers is tested with Chromium's (test/portal/passkey.portal.test.ts); this is about what surrounds it. */
let controller: TestController;
before(async () => {
  controller = await testController({
    installation: { hostname: 'wpc.example.com', listenPort: 443, vpnPort: 1194, version: '0' },
  });
  await makePerson(controller, { username: 'owner', role: 'OWNER', password: null });
});
after(async () => {
  await controller.close();
});

const database = () => controller.deps.store.database;
const text = (challenge: Uint8Array) => Buffer.from(challenge).toString('base64url');

test('a challenge is taken once, by the session that asked, and not after its time', async () => {
  const person = await makePerson(controller, { username: 'p1' });
  const browser = await signedInBrowser(controller, person);
  const { id } = await database()
    .selectFrom('web_session')
    .select('id')
    .where('user_id', '=', person.id)
    .executeTakeFirstOrThrow();
  const ofSession = text(await newChallenge(database(), id));
  assert.equal(await takeChallenge(database(), null, ofSession), false, 'another asked');
  assert.equal(await takeChallenge(database(), id, ofSession), false, 'and with that it is used up');
  const again = text(await newChallenge(database(), id));
  assert.equal(await takeChallenge(database(), id, again), true);
  assert.equal(await takeChallenge(database(), id, again), false);
  const late = text(await newChallenge(database(), null));
  await sql`update passkey_challenge set expires_at = now() - interval '1 second'`.execute(database());
  assert.equal(await takeChallenge(database(), null, late), false);
  assert.equal(await takeChallenge(database(), null, 'invented'), false);
  await browser.ask('POST', 'sign-out');
});

test('adding one asks for the password, and names what the account has already', async () => {
  const person = await makePerson(controller, { username: 'p2' });
  const browser = await signedInBrowser(controller, person);
  assert.equal((await browser.ask('POST', 'me/passkeys/start', { password: 'not that one at all' })).status, 400);
  await database()
    .insertInto('passkey')
    .values({ user_id: person.id, name: 'key', credential_id: Buffer.from('known'), public_key: Buffer.from('x'), counter: 0 })
    .execute();
  const started = await browser.ask('POST', 'me/passkeys/start', { password: goodPassword });
  const { options } = passkeyOptions.parse(started.json());
  assert.deepEqual(options['rp'], { name: 'My WPC', id: 'wpc.example.com' });
  assert.deepEqual(options['excludeCredentials'], [
    { id: Buffer.from('known').toString('base64url'), type: 'public-key', transports: [] },
  ]);
});

test('whoever has a passkey is asked for a second factor, and nobody is told of it before the password', async () => {
  const person = await makePerson(controller, { username: 'p3' });
  const credential = Buffer.from('of p3');
  await database()
    .insertInto('passkey')
    .values({ user_id: person.id, name: 'key', credential_id: credential, public_key: Buffer.from('x'), counter: 0 })
    .execute();
  const browser = new TestBrowser(controller);
  const before = passkeyOptions.parse((await browser.ask('POST', 'sign-in/passkey/start')).json());
  assert.deepEqual([before.options['allowCredentials'], before.options['userVerification']], [[], 'required']);
  const half = (await browser.signIn('p3')).json() as { readonly state: string; readonly factors: readonly string[] };
  assert.deepEqual([half.state, half.factors], ['second-factor', ['passkey', 'recovery-code']]);
  const { options } = passkeyOptions.parse((await browser.ask('POST', 'sign-in/passkey/start')).json());
  assert.deepEqual(options['allowCredentials'], [{ id: credential.toString('base64url'), type: 'public-key', transports: [] }]);
  const answer = (id: string) => ({
    credential: {
      id,
      rawId: id,
      type: 'public-key',
      clientExtensionResults: {},
      response: { clientDataJSON: 'e30', authenticatorData: 'e30', signature: 'e30' },
    },
  });
  for (const id of [credential.toString('base64url'), 'unknown'])
    assert.equal((await browser.ask('POST', 'sign-in/passkey', answer(id))).status, 401);
  assert.equal(await browser.state(), 'second-factor', 'a wrong answer ends nothing');
});

test('an installation that is reached by an address says why it has none', async () => {
  await using other = await testController({
    installation: { hostname: '203.0.113.2', listenPort: 443, vpnPort: 1194, version: '0' },
  });
  const refused = await new TestBrowser(other).ask('POST', 'sign-in/passkey/start');
  assert.equal(refused.status, 409);
  assert.match(refused.text, /203\.0\.113\.2.*--hostname NAME/);
});
