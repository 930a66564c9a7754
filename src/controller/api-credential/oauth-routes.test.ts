import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { systemActor } from '../principal.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { createApiCredential } from './api-credentials.ts';
import type { NewApiCredential } from './api-credentials.ts';

let controller: TestController;
let mine: NewApiCredential;
before(async () => {
  controller = await testController();
  mine = await createApiCredential(controller.deps.store, systemActor, {
    name: 'scripts',
    permissions: ['region:read'],
    expiresAt: null,
  });
});
after(async () => {
  await controller.close();
});

const url = '/api/v1/oauth/token';
const basic = (id: string, secret: string): string => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** Every shape in which clients that exist ask for a token. */
const shapes: Readonly<Record<string, (credential: NewApiCredential) => InjectOptions>> = {
  'the query, as in the documentation': ({ clientId, clientSecret }) => ({
    url: `${url}?client_id=${clientId}&client_secret=${clientSecret}&grant_type=client_credentials`,
  }),
  'Basic with a JSON body that has no Content-Type, as CloudConnexa’s Go client': ({ clientId, clientSecret }) => ({
    url,
    headers: { authorization: basic(clientId, clientSecret), accept: 'application/json' },
    payload: '{"grant_type":"client_credentials","scope":"default"}',
  }),
  'the query with an empty JSON body': ({ clientId, clientSecret }) => ({
    url: `${url}?client_id=${clientId}&client_secret=${clientSecret}`,
    headers: { 'content-type': 'application/json' },
    payload: '',
  }),
  'a JSON body': ({ clientId, clientSecret }) => ({
    url,
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify({ client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' }),
  }),
  'a form, as RFC 6749': ({ clientId, clientSecret }) => ({
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`,
  }),
};

for (const [name, shape] of Object.entries(shapes)) {
  test(`a token is given for ${name}`, async () => {
    const answer = await controller.app.inject({ method: 'POST', ...shape(mine) });
    assert.equal(answer.statusCode, 200, answer.body);
    const body: { access_token: string; token_type: string; expires_in: number; scope: string } = answer.json();
    assert.deepEqual([body.token_type, body.expires_in, body.scope], ['bearer', 43_199, 'read write']);
    const used = await controller.app.inject({
      url: '/api/v1/regions',
      headers: { authorization: `Bearer ${body.access_token}` },
    });
    assert.equal(used.statusCode, 200);
  });

  test(`and refused with one and the same answer for a wrong id or secret in ${name}`, async () => {
    const wrong = [
      { clientId: 'nobody.wpc', clientSecret: mine.clientSecret },
      { clientId: mine.clientId, clientSecret: 'wrong' },
      { clientId: mine.clientId, clientSecret: mine.clientSecret.slice(0, -1) },
    ];
    const bodies = new Set<string>();
    for (const credential of wrong) {
      const answer = await controller.app.inject({ method: 'POST', ...shape(credential) });
      assert.equal(answer.statusCode, 401);
      bodies.add(answer.body);
    }
    assert.equal(bodies.size, 1);
  });
}

test('the client id carries the cloud id, from which existing scripts take it', () => {
  assert.match(mine.clientId, /^[0-9a-f]{24}\.wpc$/);
  assert.ok(mine.clientSecret.length >= 43);
});

test('what is missing or not supported is said', async () => {
  const ask = async (query: string) => await controller.app.inject({ method: 'POST', url: `${url}${query}` });
  assert.equal((await ask('')).statusCode, 401);
  assert.match((await ask('?client_id=')).body, /client_id and client_secret are missing/);
  const other = await ask(`?client_id=${mine.clientId}&client_secret=${mine.clientSecret}&grant_type=password`);
  assert.equal(other.statusCode, 400);
  assert.match(other.body, /grant_type.*client_credentials/);
});

test('each caller has a token of his own, and none ends another’s', async () => {
  const tokens = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const answer = await controller.app.inject({ method: 'POST', ...shapes['a JSON body']?.(mine) });
      const body: { access_token: string } = answer.json();
      return body.access_token;
    }),
  );
  assert.equal(new Set(tokens).size, 10);
  for (const token of tokens) {
    const used = await controller.app.inject({ url: '/api/v1/regions', headers: { authorization: `Bearer ${token}` } });
    assert.equal(used.statusCode, 200);
  }
});

test('an expired credential gets no token, and its secret is nowhere in the database', async () => {
  const { store } = controller.deps;
  const expired = await createApiCredential(store, systemActor, {
    name: 'old',
    permissions: ['all:modify'],
    expiresAt: new Date(Date.now() + 60_000),
  });
  await store.database
    .updateTable('api_credential')
    .set({ expires_at: new Date(Date.now() - 1000) })
    .where('client_id', '=', expired.clientId)
    .execute();
  const answer = await controller.app.inject({ method: 'POST', ...shapes['a JSON body']?.(expired) });
  assert.equal(answer.statusCode, 401);
  const rows = JSON.stringify([
    await store.database.selectFrom('api_credential').selectAll().execute(),
    await store.database.selectFrom('audit').selectAll().execute(),
  ]);
  assert.equal(rows.includes(expired.clientSecret), false);
  assert.ok(rows.includes(expired.clientId));
});

test('after many failures an address has to wait, and success is not counted', async () => {
  await using other = await testController();
  const good = await createApiCredential(other.deps.store, systemActor, {
    name: 'g',
    permissions: ['all:read'],
    expiresAt: null,
  });
  const ask = async (clientSecret: string) =>
    (await other.app.inject({ method: 'POST', url, headers: { authorization: basic(good.clientId, clientSecret) } })).statusCode;
  const answers = [];
  for (let index = 0; index < 70; index += 1) answers.push(await ask('wrong'));
  assert.equal(answers[0], 401);
  assert.equal(answers.at(-1), 429);
  assert.equal(await ask(good.clientSecret), 200);
});

test('a program that asks for a token again and again is told to keep it, and other credentials are not held up', async () => {
  await using other = await testController();
  const make = async (name: string) =>
    await createApiCredential(other.deps.store, systemActor, { name, permissions: ['all:read'], expiresAt: null });
  const [wild, calm] = [await make('wild'), await make('calm')];
  const ask = async ({ clientId, clientSecret }: typeof wild) =>
    (await other.app.inject({ method: 'POST', url, headers: { authorization: basic(clientId, clientSecret) } })).statusCode;
  const answers = [];
  while (answers.length < 2_000 && answers.at(-1) !== 429) answers.push(await ask(wild));
  assert.equal(answers.at(-1), 429);
  assert.ok(answers.length > 600, 'a CI run with many jobs has room');
  // A wrong secret must not use up the tokens of whoever has the right one.
  assert.equal(await ask(calm), 200);
});

test('no secret that passed through the API is in the log, and no query', async () => {
  const logged = controller.logged();
  assert.match(logged, /"path":"\/api\/v1\/oauth\/token"/);
  for (const secret of [mine.clientSecret, basic(mine.clientId, mine.clientSecret), 'client_secret=']) {
    assert.equal(logged.includes(secret), false, 'a secret is in the log');
  }
});
