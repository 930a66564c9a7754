import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hostConnectorRoutes, networkConnectorRoutes } from '../../contract/api/connector.ts';
import { deviceRoutes } from '../../contract/api/device.ts';
import { hostRoutes } from '../../contract/api/host.ts';
import type { ImpactAnswer } from '../../contract/api/impact.ts';
import { dryRunOf } from '../../contract/api/impact.ts';
import { networkDetailsRoutes } from '../../contract/api/network-details.ts';
import { networkRouteRoutes } from '../../contract/api/network-route.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import type { RouteShape } from '../../contract/api/route.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { userRoutes } from '../../contract/api/user.ts';
import type { NetworkId } from '../../core/ids.ts';
import { setNetworkDetails } from '../domain/networks.ts';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { countQueries } from '../store/test-query-count.ts';
import type { IssuingController } from './test-api.ts';
import { call, everything, issuingController, refusal, reportSession, revisionOf, urlOf } from './test-api.ts';

let issuing: IssuingController;
let wpc: Awaited<ReturnType<typeof fill>>;
before(async () => {
  issuing = await issuingController();
  wpc = await fill();
});
after(async () => {
  await issuing[Symbol.asyncDispose]();
});

/** Two sites, a host and two people, all connected: connectors on lanes of their own without our agent, bob with two devices. */
async function fill() {
  const { controller } = issuing;
  const hq = await call(controller, networkRoutes.create, {
    body: { name: 'HQ Network', routes: [{ value: '10.0.0.0/18' }], connectors: [{ name: 'hq-1' }] },
  });
  const branch = await call(controller, networkRoutes.create, {
    body: { name: 'Branch', routes: [{ value: '192.168.0.0/22' }], connectors: [{ name: 'branch-1' }] },
  });
  const db = await call(controller, hostRoutes.create, { body: { name: 'db', connectors: [{ name: 'db' }] } });
  const bob = await call(controller, userRoutes.create, {
    body: { username: 'bob', devices: [{ name: 'laptop' }, { name: 'phone' }] },
  });
  const ada = await call(controller, userRoutes.create, { body: { username: 'ada', devices: [{ name: 'laptop' }] } });
  const empty = await call(controller, userGroupRoutes.create, { body: { name: 'Empty' } });
  const connectors = [hq, branch, db].map((each) => each.connectors[0]?.id ?? '');
  const kinds = [networkConnectorRoutes, networkConnectorRoutes, hostConnectorRoutes];
  for (const [index, id] of connectors.entries()) {
    await call(controller, kinds[index]?.profile ?? assert.fail(), { id });
    await reportSession(issuing, { connector: id }, { state: 'established', lane: `c${String(index)}` });
  }
  for (const { id: user, devices } of [bob, ada])
    for (const { id } of devices) {
      await call(controller, deviceRoutes.profile, { id });
      await reportSession(issuing, { device: id, user }, { state: 'established' });
    }
  const [hqConnector = '', , dbConnector = ''] = connectors;
  return {
    hq,
    branch,
    db,
    bob,
    ada,
    empty,
    hqConnector,
    dbConnector,
    route: hq.routes[0]?.id ?? '',
    phone: bob.devices[1]?.id ?? '',
  };
}

type Parts = Parameters<typeof call>[2];

/** tried asks what would happen, and holds that nothing did. */
async function tried(shape: RouteShape, parts: Parts): Promise<ImpactAnswer> {
  const before = await everything(issuing.controller);
  const told = await call(issuing.controller, dryRunOf(shape), parts);
  assert.equal(await everything(issuing.controller), before, `${shape.method} ${shape.path} was made and not only tried`);
  assert.equal(told.revision, await revisionOf(issuing.controller));
  return told;
}

const nobody = { people: 0, devices: 0, connectors: 0 };
const noReset = '0 connections will be reset.';
const noRouter = 'No router needs a new route.';

/** Every route that says dryRun, with something that it would change. */
const changes = (): readonly (readonly [RouteShape, Parts, Partial<ImpactAnswer> & { readonly says: readonly string[] }])[] => [
  [
    networkRoutes.create,
    { body: { name: 'Third', routes: [{ value: '172.20.0.0/16' }] } },
    {
      interrupted: { people: 2, devices: 3, connectors: 3 },
      says: [
        '6 connections will be reset, and are back after one to three seconds: 3 connectors and 2 people with 3 devices.',
        '3 routers need new routes: HQ Network, Branch and Third.',
      ],
    },
  ],
  [networkRoutes.update, { id: wpc.hq.id, body: { description: 'Berlin' } }, { says: [noReset, noRouter] }],
  [
    networkRoutes.remove,
    { id: wpc.hq.id },
    {
      cut: { people: 0, devices: 0, connectors: 1 },
      says: [
        '1 connector is disconnected, and not let in any more.',
        '2 connectors and 2 people lose access to 10.0.0.0/18 now.',
        noReset,
        noRouter,
        '1 router no longer needs the route to 10.0.0.0/18: Branch.',
      ],
    },
  ],
  [
    networkRouteRoutes.create,
    { query: { networkId: wpc.hq.id }, body: { value: '10.77.0.0/16' } },
    {
      interrupted: { people: 2, devices: 3, connectors: 2 },
      says: [
        '2 connectors and 2 people gain access to 10.77.0.0/16 at once.',
        '5 connections will be reset, and are back after one to three seconds: 2 connectors and 2 people with 3 devices.',
        '1 router needs a new route to 10.77.0.0/16: Branch.',
      ],
    },
  ],
  [networkRouteRoutes.update, { id: wpc.route, body: { description: 'LAN' } }, { says: [noReset, noRouter] }],
  [
    networkRouteRoutes.remove,
    { id: wpc.route },
    {
      says: [
        '2 connectors and 2 people lose access to 10.0.0.0/18 now.',
        noReset,
        noRouter,
        '2 routers no longer need some routes: HQ Network and Branch.',
      ],
    },
  ],
  [
    networkDetailsRoutes.change,
    { id: wpc.hq.id, body: { nat: 'routed' } },
    {
      says: [noReset, '1 router needs a new route to 100.96.0.0/11: HQ Network.'],
    },
  ],
  [networkConnectorRoutes.update, { id: wpc.hqConnector, body: { name: 'hq-one' } }, { says: [noReset, noRouter] }],
  [
    networkConnectorRoutes.suspend,
    { id: wpc.hqConnector },
    {
      cut: { people: 0, devices: 0, connectors: 1 },
      says: [
        '1 connector is disconnected, and not let in any more.',
        '2 connectors and 2 people lose access to 10.0.0.0/18 now.',
        noReset,
        noRouter,
      ],
    },
  ],
  [networkConnectorRoutes.activate, { id: wpc.hqConnector }, { changes: false, says: [] }],
  [
    networkConnectorRoutes.remove,
    { id: wpc.hqConnector },
    {
      says: [
        '1 connector is disconnected, and not let in any more.',
        '2 connectors and 2 people lose access to 10.0.0.0/18 now.',
        noReset,
        noRouter,
      ],
    },
  ],
  [
    hostRoutes.update,
    { id: wpc.db.id, body: { internetAccess: 'SPLIT_TUNNEL_OFF' } },
    {
      interrupted: { people: 0, devices: 0, connectors: 1 },
      says: [
        'Internet traffic of host db is refused: no internet gateway that it may use is connected.',
        '1 connection will be reset, and is back after one to three seconds: 1 connector.',
        noRouter,
      ],
    },
  ],
  [hostRoutes.remove, { id: wpc.db.id }, { says: ['1 connector is disconnected, and not let in any more.', noReset, noRouter] }],
  [hostConnectorRoutes.update, { id: wpc.dbConnector, body: { name: 'x' } }, { says: [noReset, noRouter] }],
  [
    hostConnectorRoutes.suspend,
    { id: wpc.dbConnector },
    {
      says: ['1 connector is disconnected, and not let in any more.', noReset, noRouter],
    },
  ],
  [hostConnectorRoutes.activate, { id: wpc.dbConnector }, { changes: false, says: [] }],
  [
    hostConnectorRoutes.remove,
    { id: wpc.dbConnector },
    {
      says: ['1 connector is disconnected, and not let in any more.', noReset, noRouter],
    },
  ],
  [userRoutes.update, { id: wpc.bob.id, body: { firstName: 'Bob' } }, { says: [noReset, noRouter] }],
  [
    userRoutes.suspend,
    { id: wpc.bob.id },
    {
      cut: { people: 1, devices: 2, connectors: 0 },
      says: ['1 person with 2 devices is disconnected, and not let in any more.', noReset, noRouter],
    },
  ],
  [userRoutes.activate, { id: wpc.bob.id }, { changes: false, says: [] }],
  [
    userRoutes.remove,
    { id: wpc.bob.id },
    {
      cut: { people: 1, devices: 2, connectors: 0 },
      says: ['1 person with 2 devices is disconnected, and not let in any more.', noReset, noRouter],
    },
  ],
  [
    userGroupRoutes.update,
    { id: wpc.bob.groupId, body: { connectAuth: 'EVERY_TIME' } },
    {
      asked: 2,
      says: [noReset, noRouter, '2 people are asked who they are at their next connection.'],
    },
  ],
  [userGroupRoutes.remove, { id: wpc.empty.id }, { says: [noReset, noRouter] }],
  [
    deviceRoutes.revokeProfile,
    { id: wpc.phone },
    {
      cut: { people: 1, devices: 1, connectors: 0 },
      says: ['1 person is disconnected, and not let in any more.', noReset, noRouter],
    },
  ],
  [
    deviceRoutes.remove,
    { id: wpc.phone },
    {
      says: ['1 person is disconnected, and not let in any more.', noReset, noRouter],
    },
  ],
];

describe('trying a change out', () => {
  test('every route that can be tried tells what it would do, and does nothing', async () => {
    for (const [shape, parts, { says, ...expected }] of changes()) {
      const told = await tried(shape, parts);
      assert.deepEqual(told.sentences, says, `${shape.method} ${shape.path}`);
      assert.equal(told.changes, expected.changes ?? true);
      for (const [name, value] of Object.entries(expected)) assert.deepEqual(told[name as keyof ImpactAnswer], value);
      if (expected.changes === false) assert.deepEqual([told.cut, told.interrupted], [nobody, nobody]);
    }
  });

  test('the table above has all of them, each for the same callers as the change itself', () => {
    const routes = issuing.controller.app.declaredRoutes();
    const tryable = routes.filter(({ url }) => url.includes('/dry-run/')).map(({ method, url }) => `${method} ${url}`);
    const walked = changes().map(([shape]) => `${shape.method} ${dryRunOf(shape).path}`);
    assert.deepEqual(tryable.toSorted(), walked.toSorted());
    const authOf = (method: string, path: string) => routes.find((each) => each.method === method && each.url === path)?.auth;
    for (const [shape] of changes())
      assert.deepEqual(authOf(shape.method, dryRunOf(shape).path), authOf(shape.method, shape.path));
  });

  test('refuses what the change would be refused for, in the same words', async () => {
    const { controller } = issuing;
    for (const [shape, parts] of [
      [networkRouteRoutes.create, { query: { networkId: wpc.branch.id }, body: { value: '10.0.0.0/24' } }],
      [networkRoutes.remove, { id: wpc.bob.id }],
      [userGroupRoutes.remove, { id: wpc.bob.groupId }],
    ] as const)
      assert.deepEqual(await refusal(controller, dryRunOf<RouteShape>(shape), parts), await refusal(controller, shape, parts));
    const without = await controller.tokenWith(['network:read']);
    const url = urlOf(dryRunOf(networkRoutes.remove), { id: wpc.hq.id });
    const answer = await controller.app.inject({ method: 'DELETE', url, headers: { authorization: `Bearer ${without}` } });
    assert.equal(answer.statusCode, 403);
  });

  test('takes as many queries for a site with many devices as for one with few', async () => {
    const { controller } = issuing;
    const { store } = controller.deps;
    const counted = countQueries(store.database);
    const asked = async () => {
      const rehearsal = inModelTransaction(
        { ...store, database: counted.database },
        { ...systemActor, rehearses: true },
        async (change) => setNetworkDetails(change, wpc.hq.id as NetworkId, { nat: 'routed' }),
      );
      await assert.rejects(rehearsal, { name: 'Rehearsed' });
      return counted.take();
    };
    const few = await asked();
    for (let number = 0; number < 20; number += 1) {
      const made = await call(controller, userRoutes.create, {
        body: { username: `user${String(number)}`, devices: [{ name: 'x' }] },
      });
      await reportSession(issuing, { device: made.devices[0]?.id ?? '', user: made.id }, { state: 'established' });
    }
    assert.equal(await asked(), few);
    assert.ok(few > 10 && few < 50, String(few));
  });

  test('who is cut by what is then made is who it said', async () => {
    const { controller } = issuing;
    const online = async () => {
      const { content } = await call(controller, userRoutes.list, { query: { size: '100' } });
      const people = content.filter(({ connectionStatus }) => connectionStatus === 'ONLINE');
      return {
        people: people.length,
        devices: people.flatMap(({ devices }) => devices).filter((each) => each.connectionStatus === 'ONLINE').length,
      };
    };
    const before = await online();
    const { cut } = await tried(userRoutes.remove, { id: wpc.bob.id });
    await call(controller, userRoutes.remove, { id: wpc.bob.id });
    const now = await online();
    assert.deepEqual([before.people - now.people, before.devices - now.devices], [cut.people, cut.devices]);
  });
});
