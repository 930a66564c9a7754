import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hostConnectorRoutes, networkConnectorRoutes } from '../../contract/api/connector.ts';
import { drainRoutes } from '../../contract/api/connector-state.ts';
import { deviceRoutes } from '../../contract/api/device.ts';
import { hostRoutes } from '../../contract/api/host.ts';
import { internetGatewayRoutes } from '../../contract/api/internet-gateway.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { networkDetailsRoutes } from '../../contract/api/network-details.ts';
import { networkRouteRoutes } from '../../contract/api/network-route.ts';
import type { RouteShape } from '../../contract/api/route.ts';
import { sessionRoutes } from '../../contract/api/session.ts';
import { siteRouteRoutes } from '../../contract/api/site-routes.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import type { Permission, Resource } from '../../contract/permission.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { everything, urlOf } from './test-api.ts';

/** Whose permission each group of calls takes. Reading a profile is modifying: it hands out a key. */
const groups: readonly [Resource, Readonly<Record<string, RouteShape>>][] = [
  ['network', networkRoutes],
  ['network', networkRouteRoutes],
  ['network', networkConnectorRoutes],
  ['network', networkDetailsRoutes],
  ['network', siteRouteRoutes],
  ['network', internetGatewayRoutes],
  ['network', drainRoutes],
  ['host', hostRoutes],
  ['host', hostConnectorRoutes],
  ['user', userRoutes],
  ['user-group', userGroupRoutes],
  ['device', deviceRoutes],
  ['session', sessionRoutes],
];

let controller: TestController;
before(async () => {
  controller = await testController();
});
after(async () => {
  await controller.close();
});

for (const [resource, routes] of groups) {
  for (const shape of Object.values(routes)) {
    const needed: Permission = `${resource}:${shape.method === 'GET' ? 'read' : 'modify'}`;
    test(`${shape.method} ${shape.path} takes ${needed}`, async () => {
      const id = '00000000-0000-4000-8000-000000000000';
      const url = urlOf(shape, shape.path.includes(':id') ? { id } : {});
      const ask = async (headers: Record<string, string>) =>
        (await controller.app.inject({ method: shape.method, url, headers })).statusCode;
      const others: Permission[] = [
        'settings:modify',
        'status:modify',
        ...(needed.endsWith(':modify') ? [`${resource}:read` as const] : []),
      ];
      const authorization = `Bearer ${await controller.tokenWith(others)}`;
      const allowed = `Bearer ${await controller.tokenWith([needed])}`;
      const before = await everything(controller);
      assert.equal(await ask({}), 401);
      assert.equal(await ask({ authorization }), 403);
      assert.ok(![401, 403].includes(await ask({ authorization: allowed })));
      assert.equal(await everything(controller), before);
    });
  }
}
