import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { errorResponse } from '../../contract/errors.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';

/** What no client of ours sends. Whatever it is: an error body of the usual shape, below 500, and the same process afterwards. */
let controller: TestController;
let token = '';
before(async () => {
  controller = await testController();
  token = await controller.tokenWith(['all:modify']);
});
after(async () => {
  await controller.close();
});

const json = { 'content-type': 'application/json' };
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

const requests: Readonly<Record<string, InjectOptions>> = {
  'a path that is no UTF-8': { url: '/api/v1/devices/%ff' },
  'a path with a NUL': { url: '/api/v1/devices/%00' },
  'an id of 500 characters': { url: `/api/v1/devices/${'a'.repeat(500)}` },
  'a path that climbs out of the profiles': { url: '/connector/profiles/..%2f..%2f..%2fetc%2fpasswd' },
  'the same without escapes': { url: '/connector/profiles/../../../etc/passwd' },
  'a script beside the scripts': { url: '/connector/..%2fagent%2fnat.sh' },
  '__proto__ in a body': {
    method: 'POST',
    url: '/api/v1/networks',
    headers: json,
    payload: '{"name":"x","__proto__":{"admin":true}}',
  },
  'constructor.prototype in a body': {
    method: 'POST',
    url: '/api/v1/networks',
    headers: json,
    payload: '{"name":"x","constructor":{"prototype":{"admin":true}}}',
  },
  '__proto__ in a body of our own API': {
    method: 'PATCH',
    url: '/api/causeway/v1/networks/00000000-0000-4000-8000-000000000000',
    headers: json,
    payload: '{"__proto__":{"nat":"routed"}}',
  },
  '__proto__ as an id': { url: '/api/v1/devices?userId=__proto__' },
  'a body nested 200,000 deep': { method: 'PUT', url: '/api/v1/settings/wpc/snat', headers: json, payload: nested(200_000) },
  'the same as a name': { method: 'POST', url: '/api/v1/networks', headers: json, payload: `{"name":${nested(200_000)}}` },
  'a body of 2 MB': {
    method: 'POST',
    url: '/api/v1/networks',
    headers: json,
    payload: JSON.stringify({ name: 'x'.repeat(2_000_000) }),
  },
  'a page beyond everything': { url: '/api/v1/devices?page=1e300' },
};

describe('hostile requests', () => {
  for (const [name, request] of Object.entries(requests)) {
    test(name, async () => {
      const answer = await controller.app.inject({
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${token}` },
      });
      assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, `${String(answer.statusCode)} ${answer.body.slice(0, 200)}`);
      errorResponse.parse(answer.json());
      assert.ok(answer.body.length < 1_500, 'an answer that repeats what was sent');
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      assert.match(String(answer.headers['x-request-id']), /^[0-9a-f-]{36}$/);
    });
  }

  test('leave every object as it was', () => {
    assert.equal(Reflect.get({}, 'admin'), undefined);
    assert.equal(Reflect.get({}, 'nat'), undefined);
  });

  test('a Host header, or one of a proxy, reaches no text that is made for a machine', async () => {
    for (const url of ['/connector/install.sh', '/connector/agent.sh', '/api/v1/openapi.json', '/nothing']) {
      const { body, headers } = await controller.app.inject({
        url,
        headers: {
          host: 'evil.test',
          'x-forwarded-host': 'evil.test',
          forwarded: 'host=evil.test',
          'x-original-url': '/evil.test',
          origin: 'https://evil.test',
        },
      });
      assert.equal(body.includes('evil.test'), false, url);
      assert.equal(JSON.stringify(headers).includes('evil.test'), false, url);
    }
  });

  test('an address that a header claims is not the one that is logged', async () => {
    await controller.app.inject({
      url: '/nothing',
      headers: { 'x-forwarded-for': '198.51.100.99', 'x-real-ip': '198.51.100.99' },
    });
    assert.equal(controller.logged().includes('198.51.100.99'), false);
  });

  test('a secret in a path that is nearly right is not in the log', async () => {
    const reference = 'ab'.repeat(20);
    for (const url of [
      `/connector/profiles/${reference}`,
      `/connector/profiles//${reference}`,
      `/connector/profile/${reference}/`,
    ]) {
      assert.equal((await controller.app.inject({ url })).statusCode, 404);
    }
    assert.equal(controller.logged().includes(reference), false);
    assert.match(controller.logged(), /"path":"\/connector\/profiles\/\/…"/);
  });
});
