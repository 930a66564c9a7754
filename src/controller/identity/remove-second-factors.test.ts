import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { webSessionState } from '../../contract/api/web-session.ts';
import type { TestController } from '../test-controller.ts';
import { testController } from '../test-controller.ts';
import type { TestBrowser } from './test-people.ts';
import { makePerson, signedInBrowser, TestBrowser as NewBrowser } from './test-people.ts';

let controller: TestController;
let owner: TestBrowser;
before(async () => {
  controller = await testController();
  owner = await signedInBrowser(controller, await makePerson(controller, { username: 'owner', role: 'OWNER' }));
});
after(async () => {
  await controller.close();
});

const remove = async (browser: TestBrowser, id: string) =>
  (await browser.ask('POST', `users/${id}/second-factors/remove`)).status;

async function withFactors(username: string, role: 'OWNER' | 'MEMBER') {
  const person = await makePerson(controller, { username, role });
  const { database } = controller.deps.store;
  await database
    .insertInto('passkey')
    .values({ user_id: person.id, name: 'key', credential_id: Buffer.from(username), public_key: Buffer.from('x'), counter: 0 })
    .execute();
  await database
    .insertInto('recovery_code')
    .values({ user_id: person.id, code_sha256: Buffer.alloc(32, username) })
    .execute();
  return person;
}

test('whoever has lost all of them signs in with the password again, and no session goes on', async () => {
  const person = await withFactors('bob', 'MEMBER');
  const browser = await signedInBrowser(controller, person);
  assert.equal(await remove(owner, person.id), 204);
  assert.equal(await browser.state(), 'signed-out');
  const again = new NewBrowser(controller);
  assert.equal(webSessionState.parse((await again.signIn('bob')).json()).state, 'signed-in');
  const left = await controller.deps.store.database
    .selectFrom('recovery_code')
    .select('user_id')
    .where('user_id', '=', person.id)
    .execute();
  assert.deepEqual(left, []);
});

test('not of oneself, not of somebody above, not of nobody', async () => {
  const other = await withFactors('other owner', 'OWNER');
  const admin = await signedInBrowser(controller, await makePerson(controller, { username: 'admin', role: 'ADMIN' }));
  assert.equal(await remove(admin, other.id), 403);
  assert.equal(await remove(await signedInBrowser(controller, other), other.id), 409);
  assert.equal(await remove(owner, '00000000-0000-4000-8000-000000000000'), 404);
});
