import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { networkRoutes } from '../../contract/api/network.ts';
import { networkDetailsRoutes } from '../../contract/api/network-details.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { call, revisionOf, urlOf } from './test-api.ts';

/** Sizes and races that sites and scripts bring. */
describe('internet access under load', () => {
  let controller: TestController;
  before(async () => {
    controller = await testController();
  });
  after(async () => {
    await controller.close();
  });

  it('a network of 1,000 prefixes is made at once, beside groups with bypasses', async () => {
    const bypass = Array.from({ length: 100 }, (_, index) => `198.51.${String(index)}.0/24`);
    for (let index = 0; index < 5; index += 1) {
      await call(controller, userGroupRoutes.create, {
        body: { name: `g${String(index)}`, internetAccess: 'RESTRICTED_INTERNET', tunnelBypass: { ipv4Subnets: bypass } },
      });
    }
    const routes = Array.from({ length: 1000 }, (_, index) => ({
      value: `10.${String(Math.floor(index / 250))}.${String(index % 250)}.0/24`,
    }));
    const began = performance.now();
    const made = await call(controller, networkRoutes.create, { body: { name: 'large', routes, connectors: [{ name: 'c' }] } });
    const took_ms = performance.now() - began;
    assert.equal(made.routes.length, 1000);
    // A few hundred on a quiet machine. That queries do not grow with the prefixes, query-count.test.ts says.
    assert.ok(took_ms < 10_000, `${String(took_ms)} ms`);
    assert.equal((await call(controller, networkDetailsRoutes.read, { id: made.id })).routes.length, 1000);
  });

  it('changes at the same moment are one revision each, and none is lost', async () => {
    const { id: gateway } = await call(controller, networkRoutes.create, { body: { name: 'Exit', egress: true } });
    const groups = await Promise.all(
      Array.from({ length: 12 }, async (_, index) =>
        call(controller, userGroupRoutes.create, { body: { name: `p${String(index)}` } }),
      ),
    );
    const revision = await revisionOf(controller);
    await Promise.all(
      groups.map(async ({ id }, index) =>
        call(controller, userGroupRoutes.update, {
          id,
          body:
            index % 2 === 0
              ? { internetAccess: 'SPLIT_TUNNEL_OFF', gatewaysIds: [gateway] }
              : { internetAccess: 'RESTRICTED_INTERNET' },
        }),
      ),
    );
    assert.equal(await revisionOf(controller), revision + groups.length);
    for (const [index, { id }] of groups.entries()) {
      const read = await call(controller, userGroupRoutes.read, { id });
      assert.equal(read.internetAccess, index % 2 === 0 ? 'SPLIT_TUNNEL_OFF' : 'RESTRICTED_INTERNET');
    }
  });

  it('of naming an internet gateway and deleting it at the same moment, exactly one is done', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { id: gateway } = await call(controller, networkRoutes.create, { body: { name: 'Exit', egress: true } });
      const { id } = await call(controller, userGroupRoutes.create, { body: { name: 'racing' } });
      const body = { internetAccess: 'SPLIT_TUNNEL_OFF', gatewaysIds: [gateway] };
      const [named, deleted] = await Promise.all([
        controller.request('PUT', urlOf(userGroupRoutes.update, { id }), body),
        controller.request('DELETE', urlOf(networkRoutes.remove, { id: gateway })),
      ]);
      const outcome = [named.status, deleted.status].join();
      assert.ok(['200,409', '400,204'].includes(outcome), `${outcome} ${named.text} ${deleted.text}`);
    }
  });
});
