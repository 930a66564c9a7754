import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { auditList, auditRoutes } from '../../contract/api/audit.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { goodPassword, makePerson, signedInBrowser, TestBrowser } from '../identity/test-people.ts';
import { call } from '../routes/test-api.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';

let controller: TestController;
before(async () => {
  controller = await testController();
});
after(async () => {
  await controller.close();
});

test('who did what is read newest first, page by page, each once, and by its filters', async () => {
  const owner = await makePerson(controller, { username: 'owner', role: 'OWNER' });
  const browser = new TestBrowser(controller, '198.51.100.3');
  await browser.signIn('owner');
  const bob = await call(controller, userRoutes.create, { body: { username: 'bob' } });
  await browser.ask('PUT', `/api/v1/users/${bob.id}`, { firstName: 'Bob' });
  await browser.ask('PUT', `/api/v1/users/${bob.id}/suspend`);

  const seen: string[] = [];
  let before_: string | undefined;
  do {
    const page = await call(controller, auditRoutes.list, {
      query: { limit: '2', ...(before_ === undefined ? {} : { before: before_ }) },
    });
    seen.push(...page.entries.map(({ principalName, entity, action }) => `${principalName} ${entity} ${action}`));
    before_ = page.next === null ? undefined : String(page.next);
  } while (before_ !== undefined);
  assert.deepEqual(seen, [
    'owner user suspended',
    'owner user updated',
    'test user created',
    'owner user signed-in',
    'system user created',
  ]);

  const filtered = async (query: Record<string, string>) =>
    (await call(controller, auditRoutes.list, { query })).entries.map(({ action }) => action);
  assert.deepEqual(await filtered({ principal: owner.id }), ['suspended', 'updated', 'signed-in']);
  assert.deepEqual(await filtered({ principal: 'api-credential' }), ['created']);
  assert.deepEqual(await filtered({ entity: 'user', entityId: bob.id, action: 'updated' }), ['updated']);
  assert.deepEqual(await filtered({ entity: 'network' }), []);

  const [change] = (await call(controller, auditRoutes.list, { query: { action: 'updated' } })).entries;
  assert.deepEqual([change?.before?.['first_name'], change?.after?.['first_name']], ['', 'Bob']);
  assert.deepEqual([change?.principalKind, change?.principalId, change?.sourceAddress], ['person', owner.id, '198.51.100.3']);
});

test('nothing that was secret in a request or an answer is in the audit', async () => {
  const owner = await makePerson(controller, { username: 'second', role: 'OWNER' });
  const browser = await signedInBrowser(controller, owner);
  const secrets = [
    goodPassword,
    'a new one for this account',
    'wrong guess of somebody',
    browser.cookies.get('__Host-causeway') ?? '',
  ];
  await new TestBrowser(controller).signIn('second', 'wrong guess of somebody');
  const credential = (await browser.ask('POST', 'api-credentials', { name: 'c' })).json() as { client_secret: string };
  const link = (await browser.ask('POST', `users/${owner.id}/password-link`)).json() as { url: string };
  const totp = (await browser.ask('POST', 'me/totp', { password: goodPassword })).json() as { secret: string };
  await browser.ask('POST', 'me/password', { current: goodPassword, password: 'a new one for this account' });
  secrets.push(credential.client_secret, link.url.split('#')[1] ?? '', totp.secret);
  const text = (await controller.request('GET', '/api/causeway/v1/audit?limit=1000')).text;
  assert.ok(auditList.parse(JSON.parse(text)).entries.length > 3);
  for (const secret of secrets) {
    assert.ok(secret.length > 10);
    assert.equal(text.includes(secret), false);
  }
});

test('a cursor or limit that cannot be is refused with what can', async () => {
  for (const query of ['before=0', 'before=x', 'limit=0', 'limit=1001', `entity=${'x'.repeat(201)}`]) {
    assert.equal((await controller.request('GET', `/api/causeway/v1/audit?${query}`)).status, 400, query);
  }
});
