import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deviceRoutes } from '../../contract/api/device.ts';
import { event, eventStreamPath } from '../../contract/api/event.ts';
import { installTokenRoutes } from '../../contract/api/install-token.ts';
import { settingRoutes } from '../../contract/api/setting.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { call, issuingController } from '../routes/test-api.ts';
import type { IssuingController } from '../routes/test-api.ts';
import { makePerson, ownPage, signedInBrowser } from '../identity/test-people.ts';
import type { TestBrowser } from '../identity/test-people.ts';
import type { TestController } from '../test-controller.ts';
import { hashSecret } from '../http/secret-hash.ts';
import { follow } from './test-follow.ts';
import type { Followed } from './test-follow.ts';

let issuing: IssuingController;
let controller: TestController;
let url = '';
before(async () => {
  issuing = await issuingController();
  ({ controller } = issuing);
  url = `${await controller.app.listen({ host: '127.0.0.1', port: 0 })}${eventStreamPath}`;
});
after(async () => {
  await issuing[Symbol.asyncDispose]();
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function opened(token: string, more: Readonly<Record<string, string>> = {}, query = ''): Promise<Followed> {
  const stream = await follow(`${url}${query}`, { ...bearer(token), ...more });
  assert.equal(stream.response.statusCode, 200);
  return stream;
}

async function makeNetwork(name: string): Promise<void> {
  await call(controller, networkRoutes.create, { body: { name, connectors: [{ name }] } });
}

test('whoever may read events follows them; nobody else does', async () => {
  for (const [headers, status] of [
    [{}, 401],
    [bearer('invented'), 401],
    [bearer(await controller.tokenWith(['network:read'])), 403],
  ] as const) {
    const refused = await follow(url, headers);
    assert.equal(refused.response.statusCode, status);
    refused.close();
  }
  const stream = await opened(await controller.tokenWith(['event:read']));
  assert.equal(stream.response.headers['content-type'], 'text/event-stream');
  assert.equal(stream.response.headers['cache-control'], 'no-store');
  const place = await stream.next();
  assert.deepEqual([place?.event, JSON.parse(place?.data ?? '')], ['position', { seq: Number(place?.id) }]);
  await makeNetwork('first');
  const message = await stream.next();
  const told = event.parse(JSON.parse(message?.data ?? ''));
  assert.deepEqual([told.topic, String(told.seq)], ['network.created', message?.id]);
  stream.close();
});

test('Last-Event-ID goes before since, and one that is none of ours is a reset', async () => {
  const token = await controller.tokenWith(['event:read']);
  await makeNetwork('second');
  for (const [headers, query, expected] of [
    [{}, '?since=1', 'position 1'],
    [{ 'last-event-id': '2' }, '?since=1', 'position 2'],
    [{ 'last-event-id': '' }, '?since=1', 'position 1'],
  ] as const) {
    const stream = await opened(token, headers, query);
    const message = await stream.next();
    assert.equal(`${message?.event} ${message?.id}`, expected);
    stream.close();
  }
  for (const foreign of ['none', '-1', '99999999999999']) {
    const stream = await opened(token, { 'last-event-id': foreign });
    await stream.next();
    assert.equal((await stream.next())?.event, 'reset', foreign);
    stream.close();
  }
  const refused = await follow(`${url}?since=x`, bearer(token));
  assert.equal(refused.response.statusCode, 400);
  refused.close();
});

test('a stream ends at once when its credential is deleted, and before it is told anything more', {
  timeout: 20_000,
}, async () => {
  const token = await controller.tokenWith(['event:read']);
  const [stream, other] = [await opened(token), await opened(await controller.tokenWith(['event:read']))];
  await stream.next();
  await other.next();
  const { database } = controller.deps.store;
  const { api_credential_id: id } = await database
    .selectFrom('access_token')
    .select('api_credential_id')
    .where('token_sha256', '=', hashSecret(token))
    .executeTakeFirstOrThrow();
  assert.equal((await controller.request('DELETE', `/api/causeway/v1/api-credentials/${id}`)).status, 204);
  assert.equal(await stream.next(), undefined);
  assert.match((await other.next())?.data ?? '', /api-credential\.deleted/);
  other.close();
});

test('a stream ends with the time of its token', { timeout: 10_000 }, async () => {
  const token = await controller.tokenWith(['event:read']);
  await controller.deps.store.database
    .updateTable('access_token')
    .set({ expires_at: new Date(Date.now() + 1_000) })
    .where('token_sha256', '=', hashSecret(token))
    .execute();
  const stream = await opened(token);
  await stream.next();
  // Nothing happens meanwhile, and the next heartbeat is 15 s away.
  assert.equal(await stream.next(), undefined);
});

test('streams of many credentials that come at once, while others are looked at, are all served', {
  timeout: 60_000,
}, async () => {
  const tokens = await Promise.all(Array.from({ length: 40 }, async () => await controller.tokenWith(['event:read'])));
  const streams = await Promise.all(
    tokens.map(async (token) => {
      const stream = await opened(token);
      assert.equal((await stream.next())?.event, 'position');
      return stream;
    }),
  );
  await makeNetwork('for all');
  for (const stream of streams) {
    assert.match((await stream.next())?.data ?? '', /network\.created/);
    stream.close();
  }
});

test('one credential holds 64 streams, and the next is refused until one of them ends', async () => {
  const token = await controller.tokenWith(['event:read']);
  const streams = await Promise.all(Array.from({ length: 64 }, async () => await opened(token)));
  const refused = await follow(url, bearer(token));
  assert.equal(refused.response.statusCode, 429);
  assert.equal(refused.response.headers['retry-after'], '1');
  (await opened(await controller.tokenWith(['event:read']))).close();
  streams.pop()?.close();
  for (;;) {
    const again = await follow(url, bearer(token));
    again.close();
    if (again.response.statusCode === 200) break;
  }
  for (const stream of streams) stream.close();
});

test('what is told has no secret in it: tokens, keys and profiles are made and do not show', async () => {
  const token = await controller.tokenWith(['event:read']);
  const stream = await opened(token);
  await stream.next();
  const { connectors } = await call(controller, networkRoutes.create, { body: { name: 'third', connectors: [{ name: 'c' }] } });
  const secrets = [token];
  const install = await call(controller, installTokenRoutes.create, { id: connectors[0]?.id ?? '' });
  secrets.push(install.token);
  const { devices } = await call(controller, userRoutes.create, { body: { username: 'carol', devices: [{ name: 'laptop' }] } });
  const profile = await call(controller, deviceRoutes.profile, {
    id: devices[0]?.id ?? '',
    query: { regionId: 'eu-central-1' },
  });
  secrets.push(/-----BEGIN PRIVATE KEY-----\n(\S+)/.exec(profile)?.[1] ?? '');
  await makeNetwork('the last');
  let text = '';
  for (let message = await stream.next(); message !== undefined; message = await stream.next()) {
    text += message.data;
    if (message.data.includes('"network"') && text.includes('"device"')) break;
  }
  assert.match(text, /install-token/);
  for (const secret of secrets) {
    assert.ok(secret.length >= 40, secret);
    assert.ok(!text.includes(secret));
  }
  stream.close();
});

test('people who administer follow too, and no longer than they are signed in, active, and administer', async () => {
  const owner = await makePerson(controller, { username: 'owner@example.com', role: 'OWNER' });
  const admin = await makePerson(controller, { username: 'admin@example.com', role: 'ADMIN' });
  const member = await makePerson(controller, { username: 'member@example.com' });
  const cookieOf = (browser: TestBrowser) => ({
    cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    ...ownPage,
  });
  const refused = await follow(url, cookieOf(await signedInBrowser(controller, member)));
  assert.equal(refused.response.statusCode, 403);
  refused.close();

  const [first, second] = [await signedInBrowser(controller, admin), await signedInBrowser(controller, admin)];
  const streams = [await follow(url, cookieOf(first)), await follow(url, cookieOf(second))] as const;
  for (const stream of streams) assert.equal((await stream.next())?.event, 'position');
  assert.equal((await first.ask('POST', 'sign-out')).status, 200);
  assert.equal(await lastOf(streams[0]), undefined, 'signed out');
  assert.equal((await streams[1].next())?.event, 'message');
  const boss = await signedInBrowser(controller, owner);
  const strict = await signedInBrowser(controller, await makePerson(controller, { username: 'strict', role: 'ADMIN' }));
  const ofStrict = await follow(url, cookieOf(strict));
  assert.equal((await ofStrict.next())?.event, 'position');
  const twoFactor = '/api/v1/settings/auth/two-factor-auth';
  assert.equal((await boss.ask('PUT', twoFactor, true)).status, 200);
  assert.equal(await lastOf(ofStrict), undefined, 'a second factor is demanded');
  await call(controller, settingRoutes['auth/two-factor-auth'].write, { body: false });
  assert.equal((await boss.ask('PUT', `/api/v1/users/${admin.id}`, { role: 'MEMBER' })).status, 200);
  assert.equal(await lastOf(streams[1]), undefined, 'a member now');
});

/** Reads on to the end. */
async function lastOf(stream: Followed): Promise<undefined> {
  while ((await stream.next()) !== undefined);
  assert.equal(stream.response.complete, true);
}
