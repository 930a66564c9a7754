import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hostRoutes } from '../../contract/api/host.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { call, nastyNames, refusal, revisionOf } from './test-api.ts';

let controller: TestController;
before(async () => {
  controller = await testController();
});
after(async () => {
  await controller.close();
});

test('create, read, change and delete a host with its connector', async () => {
  const made = await call(controller, hostRoutes.create, {
    body: {
      name: 'Server',
      description: 'd',
      domain: '',
      internetAccess: 'SPLIT_TUNNEL_ON',
      systemSubnets: null,
      connectors: [{ name: 'c' }],
      gatewaysIds: [],
    },
  });
  const { id, connectors } = made;
  const [connector] = connectors;
  assert.deepEqual(made, {
    id,
    name: 'Server',
    description: 'd',
    internetAccess: 'SPLIT_TUNNEL_ON',
    systemSubnets: [],
    connectors: [
      {
        id: connector?.id,
        networkItemId: id,
        networkItemType: 'HOST',
        name: 'c',
        description: '',
        vpnRegionId: 'eu-central-1',
        ipV4Address: '100.96.0.100',
        connectionStatus: 'OFFLINE',
        licensed: true,
      },
    ],
    gatewaysIds: [],
  });
  assert.deepEqual(await call(controller, hostRoutes.read, { id }), made);
  assert.ok((await call(controller, hostRoutes.list)).content.some((host) => host.id === id));
  const changed = await call(controller, hostRoutes.update, {
    id,
    body: { name: 'Renamed', connectors: null, systemSubnets: null },
  });
  assert.deepEqual(changed, { ...made, name: 'Renamed' });
  const revision = await revisionOf(controller);
  assert.deepEqual(await call(controller, hostRoutes.update, { id, body: changed }), changed);
  assert.equal(await revisionOf(controller), revision, 'what changes nothing is no revision');
  await call(controller, hostRoutes.remove, { id });
  const { status, message } = await refusal(controller, hostRoutes.read, { id });
  assert.equal(status, 404);
  assert.match(message, /not found/);
});

describe('refused', () => {
  const table: [string, object, string, RegExp][] = [
    ['no name', {}, 'name', /missing/],
    ['a domain', { name: 'h', domain: 'h.example.com' }, 'domain', /names are not resolved.*tunnel address/],
    ['an embedded connector without a name', { name: 'h', connectors: [{ name: 'a' }, {}] }, 'connectors.1.name', /missing/],
  ];
  for (const [name, body, field, message] of table) {
    test(name, async () => {
      const refused = await refusal(controller, hostRoutes.create, { body });
      assert.deepEqual([refused.status, refused.field], [400, field]);
      assert.match(refused.message, message);
    });
  }

  test('an update that would add a connector', async () => {
    const { id } = await call(controller, hostRoutes.create, { body: { name: 'h' } });
    const { field, message } = await refusal(controller, hostRoutes.update, { id, body: { connectors: [{ name: 'new' }] } });
    assert.equal(field, 'connectors.0');
    assert.match(message, /POST \/api\/v1\/hosts\/connectors\?hostId=/);
  });
});

test('names of every kind are stored and shown', async () => {
  for (const name of nastyNames) {
    const { id } = await call(controller, hostRoutes.create, { body: { name } });
    assert.equal((await call(controller, hostRoutes.read, { id })).name, name);
  }
});
