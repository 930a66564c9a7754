import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import { sql } from 'kysely';
import { z } from 'zod';
import { buildController } from '../app.ts';
import { testController } from '../test-controller.ts';
import { openStore } from '../store/store.ts';
import { handleErrors } from './error-handler.ts';

test('a fault of ours says nothing of its cause in the answer, and everything in the log', async () => {
  await using controller = await testController();
  const { store } = controller.deps;
  await sql`alter table region rename to region_gone`.execute(store.database);
  const answer = await controller.request('GET', '/api/v1/regions');
  assert.equal(answer.status, 500);
  assert.equal(/region_gone|relation|select/i.test(answer.text), false, answer.text);
  assert.match(answer.text, /INTERNAL_SERVER_ERROR/);
  const requestId = String(answer.headers['x-request-id']);
  assert.match(answer.text, new RegExp(requestId));
  const logged = controller
    .logged()
    .split('\n')
    .find((line) => line.includes(requestId) && line.includes('"level":50'));
  assert.match(logged ?? '', /relation \\"region\\" does not exist/);
});

test('a database that cannot be reached is 503 and may be tried again', async () => {
  await using controller = await testController();
  const store = openStore({ connectionString: 'postgres:///causeway?host=/nonexistent&user=causeway' });
  const app = await buildController({ ...controller.deps, store });
  try {
    const answer = await app.inject({ url: '/api/causeway/v1/readyz' });
    assert.equal(answer.statusCode, 503);
    assert.equal(answer.headers['retry-after'], '1');
    assert.equal((await app.inject({ url: '/api/causeway/v1/healthz' })).statusCode, 200);
    assert.equal((await app.inject({ url: '/api/v1/regions', headers: { authorization: 'Bearer x' } })).statusCode, 503);
  } finally {
    await app.close();
    await store.close();
  }
});

test('each thing that is wrong in a body is named with its value and what is allowed', async () => {
  await using controller = await testController();
  const answer = await controller.request('PUT', '/api/causeway/v1/settings/internet-access', { internetAccess: 'EVERYWHERE' });
  assert.equal(answer.status, 400);
  assert.deepEqual(answer.json(), {
    errorDetails: {
      internetAccess: [
        {
          errorCode: 'invalid-input',
          message: 'internetAccess: "EVERYWHERE" is not allowed; allowed: SPLIT_TUNNEL_ON, SPLIT_TUNNEL_OFF, RESTRICTED_INTERNET',
          params: { value: '"EVERYWHERE"', allowed: 'SPLIT_TUNNEL_ON, SPLIT_TUNNEL_OFF, RESTRICTED_INTERNET' },
        },
      ],
    },
    errorMessage: 'internetAccess: "EVERYWHERE" is not allowed; allowed: SPLIT_TUNNEL_ON, SPLIT_TUNNEL_OFF, RESTRICTED_INTERNET.',
    statusError: 'BAD_REQUEST',
  });
  const page = await controller.request('GET', '/api/causeway/v1/events?limit=0');
  assert.match(page.text, /limit: \\"0\\" is not allowed; allowed: at least 1/);
  const missing = await controller.request('PUT', '/api/causeway/v1/settings/internet-access', {});
  assert.match(missing.text, /internetAccess: a missing value is not allowed/);
});

test('an answer carries only what its route declares, and one that does not fit is our fault and gives nothing away', async () => {
  const app = Fastify();
  app.setSerializerCompiler(serializerCompiler);
  handleErrors(app);
  const schema = { response: { 200: z.object({ name: z.string() }) } };
  const config = { auth: { kind: 'public' } } as const;
  app.get('/extra', { schema, config }, async () => ({ name: 'HQ', secret: 'hunter2' }));
  app.get('/wrong', { schema, config }, async () => ({ name: 1, secret: 'hunter2' }));
  try {
    assert.deepEqual((await app.inject({ url: '/extra' })).json(), { name: 'HQ' });
    const wrong = await app.inject({ url: '/wrong' });
    assert.equal(wrong.statusCode, 500);
    assert.equal(wrong.body.includes('hunter2'), false);
  } finally {
    await app.close();
  }
});
