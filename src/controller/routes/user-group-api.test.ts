import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { userRoutes } from '../../contract/api/user.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
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

test('a default group is there from the start, and cannot be deleted', async () => {
  await using own = await testController();
  const { content } = await call(own, userGroupRoutes.list);
  const [group] = content;
  assert.deepEqual(content, [
    {
      id: group?.id,
      name: 'Default',
      vpnRegionIds: [],
      allRegionsIncluded: true,
      internetAccess: 'SPLIT_TUNNEL_ON',
      maxDevice: 3,
      connectAuth: 'NO_AUTH',
      secondFactor: 'OPTIONAL',
      systemSubnets: [],
      gatewaysIds: [],
      tunnelBypass: { ipv4Subnets: [] },
    },
  ]);
  const refused = await refusal(own, userGroupRoutes.remove, { id: group?.id ?? '' });
  assert.equal(refused.status, 409);
  assert.match(refused.message, /default user group Default cannot be deleted/);
});

describe('round trip: what was written is what is read', () => {
  const table: [string, object][] = [
    [
      'all regions',
      { vpnRegionIds: [], allRegionsIncluded: true, maxDevice: 3, connectAuth: 'NO_AUTH', secondFactor: 'OPTIONAL' },
    ],
    [
      'some regions in their order',
      {
        vpnRegionIds: ['us-mia', 'eu-central-1'],
        allRegionsIncluded: false,
        maxDevice: 1,
        connectAuth: 'ON_PRIOR_AUTH',
        secondFactor: 'REQUIRED',
      },
    ],
    [
      'both at once',
      {
        vpnRegionIds: ['it-mxp'],
        allRegionsIncluded: true,
        maxDevice: 1000,
        connectAuth: 'EVERY_TIME',
        secondFactor: 'OPTIONAL',
      },
    ],
  ];
  for (const [name, fields] of table) {
    test(name, async () => {
      const sent = {
        name: `group-${'x'.repeat(34)}`,
        internetAccess: 'SPLIT_TUNNEL_ON',
        gatewaysIds: [],
        tunnelBypass: { ipv4Subnets: [] },
        ...fields,
      };
      const made = await call(controller, userGroupRoutes.create, { body: sent });
      assert.deepEqual(made, { id: made.id, systemSubnets: [], ...sent });
      assert.deepEqual(await call(controller, userGroupRoutes.read, { id: made.id }), made);
      const revision = await revisionOf(controller);
      assert.deepEqual(await call(controller, userGroupRoutes.update, { id: made.id, body: made }), made);
      assert.equal(await revisionOf(controller), revision);
    });
  }

  test('who names no region gets all; one who names some gets these', async () => {
    const all = await call(controller, userGroupRoutes.create, { body: { name: 'a', vpnRegionIds: null } });
    const some = await call(controller, userGroupRoutes.create, { body: { name: 'b', vpnRegionIds: ['us-mia'] } });
    assert.deepEqual([all.allRegionsIncluded, some.allRegionsIncluded], [true, false]);
  });

  test('an update changes what it says', async () => {
    const made = await call(controller, userGroupRoutes.create, { body: { name: 'u' } });
    const { id } = made;
    const changed = await call(controller, userGroupRoutes.update, { id, body: { maxDevice: 7, name: '', vpnRegionIds: null } });
    assert.deepEqual(changed, { ...made, maxDevice: 7 });
  });
});

describe('refused', () => {
  const table: [string, object, string, RegExp][] = [
    ['no name', {}, 'name', /missing/],
    ['a word of the beta API', { name: 'g', connectAuth: 'AUTO' }, 'connectAuth', /NO_AUTH, ON_PRIOR_AUTH, EVERY_TIME/],
    ['an unknown region', { name: 'g', vpnRegionIds: ['us-mia', 'mars-1'] }, 'vpnRegionIds.1', /mars-1.*is not a region.*us-mia/],
    ['a region twice', { name: 'g', vpnRegionIds: ['us-mia', 'us-mia'] }, 'vpnRegionIds.1', /given twice/],
    ['no region at all', { name: 'g', vpnRegionIds: [], allRegionsIncluded: false }, 'vpnRegionIds', /allRegionsIncluded: true/],
    ['no devices', { name: 'g', maxDevice: 0 }, 'maxDevice', /at least 1/],
    ['too many devices', { name: 'g', maxDevice: 1001 }, 'maxDevice', /at most 1000/],
    ['half a device', { name: 'g', maxDevice: 1.5 }, 'maxDevice', /int/],
  ];
  for (const [name, body, field, message] of table) {
    test(name, async () => {
      const refused = await refusal(controller, userGroupRoutes.create, { body });
      assert.deepEqual([refused.status, refused.field], [400, field]);
      assert.match(refused.message, message);
    });
  }

  test('deleting a group that is somebody’s first or further group', async () => {
    const first = await call(controller, userGroupRoutes.create, { body: { name: 'first' } });
    const further = await call(controller, userGroupRoutes.create, { body: { name: 'further' } });
    const user = await call(controller, userRoutes.create, {
      body: { username: 'member', groupId: first.id, secondaryGroupIds: [further.id] },
    });
    for (const { id, name } of [first, further]) {
      const refused = await refusal(controller, userGroupRoutes.remove, { id });
      assert.equal(refused.status, 409);
      assert.match(refused.message, new RegExp(`User group ${name} still has 1 user\\.`));
    }
    await call(controller, userRoutes.remove, { id: user.id });
    await call(controller, userGroupRoutes.remove, { id: first.id });
    const gone = await refusal(controller, userGroupRoutes.read, { id: first.id });
    assert.equal(gone.status, 404);
    assert.match(gone.message, /not found/);
  });
});

test('names of every kind are stored and shown', async () => {
  for (const name of nastyNames) {
    const { id } = await call(controller, userGroupRoutes.create, { body: { name } });
    assert.equal((await call(controller, userGroupRoutes.read, { id })).name, name);
  }
});
