import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { testController } from './test-controller.ts';
import type { TestController } from './test-controller.ts';

let controller: TestController;
before(async () => {
  controller = await testController();
});
after(async () => {
  await controller.close();
});

test('regions are a bare array with the ids that existing scripts use', async () => {
  const answer = await controller.request('GET', '/api/v1/regions');
  assert.equal(answer.status, 200);
  const regions = answer.json();
  assert.ok(Array.isArray(regions));
  for (const id of ['us-east-1', 'us-west-1', 'eu-central-1', 'it-mxp', 'us-mia']) {
    assert.ok(
      regions.some((region: { id: string }) => region.id === id),
      id,
    );
  }
  assert.deepEqual(
    regions.find((region: { id: string }) => region.id === 'it-mxp'),
    {
      id: 'it-mxp',
      continent: 'Europe',
      country: 'Italy',
      countryIso: 'IT',
      regionName: 'Milan',
    },
  );
});

test('health needs no credential, and nothing else under /api is open', async () => {
  const health = await controller.app.inject({ url: '/api/causeway/v1/healthz' });
  assert.deepEqual([health.statusCode, health.json()], [200, { status: 'ok' }]);
  assert.equal((await controller.app.inject({ url: '/api/causeway/v1/readyz' })).statusCode, 200);
  assert.equal((await controller.app.inject({ url: '/api/v1/regions' })).statusCode, 401);
});

test('the OpenAPI document is 3.1 and the same at both places', async () => {
  const vendor = await controller.app.inject({ url: '/api/v1/openapi.json' });
  const own = await controller.app.inject({ url: '/api/causeway/v1/openapi.json' });
  const document: { openapi: string; paths: Record<string, unknown>; components: { schemas: object } } = vendor.json();
  assert.equal(document.openapi, '3.1.0');
  assert.ok('/api/v1/regions' in document.paths);
  assert.ok('/api/causeway/v1/healthz' in document.paths);
  assert.ok('ErrorResponse' in document.components.schemas);
  assert.equal(own.body, vendor.body);
});

test('a path that does not exist is an error body that says not found, and is never a redirect', async () => {
  for (const url of ['/api/v1/nothing', '/api/v1/regions/', '/nothing', '/api/v1//regions']) {
    const answer = await controller.request('GET', url);
    assert.equal(answer.status, 404, url);
    assert.match(answer.text, /not found/, url);
  }
});
