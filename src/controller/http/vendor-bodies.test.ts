import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Fastify from 'fastify';
import type { InjectOptions } from 'fastify';
import { z } from 'zod';
import type { ControllerApp } from '../deps.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { declareAuthorisation } from './authorisation.ts';
import { handleErrors } from './error-handler.ts';
import { validatorCompiler } from './validation.ts';
import { acceptVendorBodies } from './vendor-bodies.ts';

let controller: TestController;
let token = '';
/** The scope of /api/v1 with one route that says what it was sent. */
let app: ControllerApp;

before(async () => {
  controller = await testController();
  token = await controller.tokenWith(['all:modify']);
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  handleErrors(app);
  declareAuthorisation(app, controller.deps.store);
  acceptVendorBodies(app);
  const schema = { body: z.unknown() };
  app.put('/echo', { config: { auth: { kind: 'api', permission: 'network:modify' } }, schema }, async (request) => ({
    got: request.body ?? null,
  }));
  await app.ready();
});
after(async () => {
  await app.close();
  await controller.close();
});

async function send(options: { headers?: Record<string, string>; payload?: string }): Promise<{ status: number; body: string }> {
  const injected: InjectOptions = {
    method: 'PUT',
    url: '/echo',
    ...options,
    headers: { authorization: `Bearer ${token}`, ...options.headers },
  };
  const answer = await app.inject(injected);
  return { status: answer.statusCode, body: answer.body };
}

const accepted: readonly { name: string; headers?: Record<string, string>; payload?: string; got: unknown }[] = [
  { name: 'JSON', headers: { 'content-type': 'application/json' }, payload: '{"a":1}', got: { a: 1 } },
  {
    name: 'JSON with a charset',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    payload: '{"a":1}',
    got: { a: 1 },
  },
  { name: 'JSON without Content-Type', payload: '{"a":1}', got: { a: 1 } },
  { name: 'an empty body that says it is JSON', headers: { 'content-type': 'application/json' }, payload: '', got: null },
  { name: 'no body at all', got: null },
  { name: 'text/plain', headers: { 'content-type': 'text/plain' }, payload: 'FULL_MESH', got: 'FULL_MESH' },
];
for (const { name, got, ...request } of accepted) {
  test(`${name} is read`, async () => {
    // light-my-request sends no Content-Type of its own for text.
    assert.deepEqual(await send(request), { status: 200, body: JSON.stringify({ got }) });
  });
}

const refused: readonly { name: string; headers?: Record<string, string>; payload: string; status: number; because: RegExp }[] = [
  {
    name: 'a type that nobody reads',
    headers: { 'content-type': 'application/xml' },
    payload: '<a/>',
    status: 415,
    because: /application\/xml/,
  },
  {
    name: 'a form outside of the token call',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'a=1',
    status: 415,
    because: /form-urlencoded/,
  },
  {
    name: 'broken JSON',
    headers: { 'content-type': 'application/json' },
    payload: '{"a":',
    status: 400,
    because: /cannot be read/,
  },
  {
    name: '__proto__',
    headers: { 'content-type': 'application/json' },
    payload: '{"__proto__":{"admin":true}}',
    status: 400,
    because: /cannot be read/,
  },
  {
    name: '__proto__ without Content-Type',
    payload: '{"a":{"__proto__":{"admin":true}}}',
    status: 400,
    because: /cannot be read/,
  },
  {
    name: 'constructor.prototype',
    headers: { 'content-type': 'application/json' },
    payload: '{"constructor":{"prototype":{"x":1}}}',
    status: 400,
    because: /cannot be read/,
  },
  {
    name: 'more than 1 MiB',
    headers: { 'content-type': 'application/json' },
    payload: `"${'x'.repeat(1_100_000)}"`,
    status: 413,
    because: /1 MiB/,
  },
];
for (const { name, status, because, ...request } of refused) {
  test(`${name} is refused with ${String(status)}`, async () => {
    const answer = await send(request);
    assert.equal(answer.status, status, answer.body);
    assert.match(answer.body, because);
  });
}

test('the same bodies are refused outside of /api/v1', async () => {
  const send = async (headers: Record<string, string>, payload: string) =>
    await controller.app.inject({
      method: 'PUT',
      url: '/api/causeway/v1/settings/internet-access',
      headers: { authorization: `Bearer ${token}`, ...headers },
      payload,
    });
  const body = '{"internetAccess":"SPLIT_TUNNEL_ON"}';
  assert.equal((await send({ 'content-type': 'application/json' }, body)).statusCode, 200);
  assert.equal((await send({ 'content-type': 'text/plain' }, body)).statusCode, 415);
  assert.equal((await send({}, body)).statusCode, 415);
  assert.equal((await send({ 'content-type': 'application/json' }, '')).statusCode, 400);
});
