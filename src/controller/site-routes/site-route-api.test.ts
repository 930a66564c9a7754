import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { networkConnectorRoutes } from '../../contract/api/connector.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { networkDetailsRoutes } from '../../contract/api/network-details.ts';
import { networkRouteRoutes } from '../../contract/api/network-route.ts';
import { siteRouteRoutes } from '../../contract/api/site-routes.ts';
import type { ConnectorId } from '../../core/ids.ts';
import { platformIds, platformOf } from '../../core/platforms/catalogue.ts';
import { siteRoutes } from '../../core/site-routes/site-routes.ts';
import { systemActor } from '../principal.ts';
import { call, nastyNames, refusal, revisionOf } from '../routes/test-api.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { countQueries } from '../store/test-query-count.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { readRouters } from './network-router.ts';
import { readSiteWpc } from './site-wpc.ts';

let controller: TestController;
let hq = '';
let branch = '';
let hqConnector = '';
before(async () => {
  controller = await testController();
  const made = await call(controller, networkRoutes.create, {
    body: { name: 'HQ Network', routes: [{ value: '10.0.0.0/18' }], connectors: [{ name: 'hq-1' }] },
  });
  hq = made.id;
  hqConnector = made.connectors[0]?.id ?? '';
  branch = (
    await call(controller, networkRoutes.create, {
      body: { name: 'Branch Network', routes: [{ value: '192.168.0.0/22' }], connectors: [{ name: 'branch-1' }] },
    })
  ).id;
});
after(async () => {
  await controller.close();
});

/** What an agent reports, as keepObservation writes it. */
async function observe(connector: string, sections: Readonly<Record<string, string>>): Promise<void> {
  const rows = Object.entries(sections).map(([section, body]) => ({
    connector_id: connector as ConnectorId,
    section,
    body,
    observed_at: new Date(),
  }));
  await controller.database.store.database
    .insertInto('observation')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['connector_id', 'section']).doUpdateSet((row) => ({ body: row.ref('excluded.body') })),
    )
    .execute();
}

const addr = JSON.stringify([
  { ifname: 'ens5', addr_info: [{ family: 'inet', local: '10.0.0.10', prefixlen: 18, scope: 'global' }] },
]);
const route = JSON.stringify([{ dst: 'default', gateway: '10.0.0.1', dev: 'ens5' }]);

type Changes = Record<string, { added: string[]; removed: string[]; addedTotal: number; removedTotal: number }>;

/** The announcements since a number, by network. */
async function announced(own: TestController, since: number): Promise<Changes> {
  const rows = await own.database.store.database
    .selectFrom('event')
    .select(['entity_id', 'payload'])
    .where('topic', '=', 'network.static-routes-changed')
    .where('seq', '>', since)
    .execute();
  return Object.fromEntries(rows.map(({ entity_id, payload }) => [entity_id, payload])) as Changes;
}

async function lastSeq(own: TestController): Promise<number> {
  return (await own.database.store.database.selectFrom('wpc').select('event_seq').executeTakeFirstOrThrow()).event_seq;
}

describe('static routes of a network', () => {
  test('are those of SS-19 and SS-7, with no next hop until the agent has reported its LAN', async () => {
    const before = await call(controller, siteRouteRoutes.staticRoutes, { id: hq });
    assert.deepEqual(
      before.routes.map(({ destination, via, need }) => [destination, via, need]),
      [
        ['192.168.0.0/22', null, 'required'],
        ['100.96.0.0/11', null, 'useful'],
      ],
    );
    assert.equal(before.platform, null);
    assert.match(before.routes[0]?.why ?? '', /^Connections with Branch Network, whoever begins them/);
    await observe(hqConnector, { addr, route });
    const after = await call(controller, siteRouteRoutes.staticRoutes, { id: hq });
    assert.equal(after.routes[0]?.via, '10.0.0.10');
    assert.deepEqual(after.connectors[0], {
      id: hqConnector,
      name: 'hq-1',
      lanAddress: '10.0.0.10',
      lanSubnet: '10.0.0.0/18',
      lanInterface: 'ens5',
      lanRouter: '10.0.0.1',
      owns: null,
      draining: false,
    });
  });

  test('point to the connector that a gateway reports as owner', async () => {
    await using own = await testController();
    const { id, connectors } = await call(own, networkRoutes.create, {
      body: { name: 'two', routes: [{ value: '10.1.0.0/24' }], connectors: [{ name: 'a' }, { name: 'b' }] },
    });
    const owner = connectors[1]?.id ?? '';
    const pools = [
      { pool: `network:${id}`, owners: [owner], reason: 'it answers', since: '2026-01-31T12:00:00.000Z' },
      { nonsense: true },
    ];
    const { database } = own.database.store;
    await database
      .insertInto('observation')
      .values({
        connector_id: owner as ConnectorId,
        section: 'addr',
        body: addr.replace('10.0.0.10', '10.1.0.7'),
        observed_at: new Date(),
      })
      .execute();
    await inModelTransaction(own.deps.store, systemActor, async ({ trx, record }) => {
      await trx
        .insertInto('gateway')
        .values({ name: 'g', region: trx.selectFrom('wpc').select('default_region'), pools: JSON.stringify(pools) })
        .execute();
      record({ entity: 'gateway', entityId: 'g', action: 'created' });
    });
    const found = await call(own, siteRouteRoutes.staticRoutes, { id });
    assert.deepEqual(
      found.connectors.map(({ owns }) => owns),
      [false, true],
    );
    assert.equal(found.routes[0]?.via, '10.1.0.7');
    assert.match(found.whenConnectorsChange ?? '', /VRRP/);
  });

  test('of all networks come in pages, each as it is read alone', async () => {
    await using own = await testController();
    const ids: string[] = [];
    for (const index of [0, 1, 2]) {
      const body = { name: `n${String(index)}`, routes: [{ value: `10.${String(index)}.0.0/24` }], connectors: [{ name: 'c' }] };
      ids.push((await call(own, networkRoutes.create, { body })).id);
    }
    await call(own, siteRouteRoutes.nameRouter, { id: ids[1] ?? '', body: { platform: 'linux' } });
    const alone = [];
    for (const id of ids) alone.push(await call(own, siteRouteRoutes.staticRoutes, { id }));
    assert.deepEqual(
      alone.map(({ platform }) => platform?.platform ?? null),
      [null, 'linux', null],
    );
    const pages = [];
    for (const page of ['0', '1']) pages.push(await call(own, siteRouteRoutes.allStaticRoutes, { query: { page, size: '2' } }));
    assert.deepEqual(
      pages.flatMap(({ content }) => content),
      alone,
    );
    assert.deepEqual(
      pages.map(({ totalElements, totalPages, numberOfElements }) => [totalElements, totalPages, numberOfElements]),
      [
        [3, 2, 2],
        [3, 2, 1],
      ],
    );
  });

  test('take as many queries for every network as for one', async () => {
    await using own = await testController();
    for (const index of [0, 1, 2]) await call(own, networkRoutes.create, { body: { name: `n${String(index)}` } });
    const counted = countQueries(own.database.store.database);
    const count = async (networks: number) => {
      const { wpc, observed } = await readSiteWpc(counted.database, (all) => all.slice(0, networks).map(({ id }) => id));
      const routesFor = siteRoutes(wpc);
      const found = wpc.networks.slice(0, networks).flatMap(({ id }) => routesFor(id) ?? []);
      await readRouters(counted.database, found, observed);
      assert.equal(found.length, networks);
      return counted.take();
    };
    assert.equal(await count(3), await count(1));
  });

  test('are not found for what is no network', async () => {
    for (const id of ['no-uuid', '00000000-0000-4000-8000-000000000009']) {
      for (const shape of [siteRouteRoutes.staticRoutes, siteRouteRoutes.routerCommands]) {
        assert.equal((await refusal(controller, shape, { id })).status, 404);
      }
      assert.equal((await refusal(controller, siteRouteRoutes.nameRouter, { id, body: { platform: 'linux' } })).status, 404);
      assert.equal((await refusal(controller, siteRouteRoutes.sitePairs, { query: { networkId: id } })).status, 404);
    }
  });
});

describe('commands for a router', () => {
  test('are the required routes, or all that are asked for', async () => {
    await observe(hqConnector, { addr, route });
    const required = await call(controller, siteRouteRoutes.routerCommands, { id: hq, query: { platform: 'junos' } });
    assert.match(required.add, /192\.168\.0\.0\/22 next-hop 10\.0\.0\.10/);
    assert.doesNotMatch(required.add, /100\.96/);
    const all = await call(controller, siteRouteRoutes.routerCommands, { id: hq, query: { platform: 'junos', routes: 'all' } });
    assert.match(all.add, /100\.96\.0\.0\/11/);
    const dhcp = await call(controller, siteRouteRoutes.routerCommands, { id: hq, query: { platform: 'dhcp' } });
    assert.match(dhcp.add, /0\.0\.0\.0\/0,10\.0\.0\.1$/m);
  });

  test('take the names of parameters from the query, and from what was kept', async () => {
    const query = { platform: 'netplan', interface: 'lan0' };
    assert.match((await call(controller, siteRouteRoutes.routerCommands, { id: hq, query })).add, /"lan0":/);
    const revision = await revisionOf(controller);
    const kept = { platform: 'netplan', parameters: { interface: 'bond0' } };
    assert.deepEqual(await call(controller, siteRouteRoutes.nameRouter, { id: hq, body: kept }), {
      platform: { ...kept, source: 'named' },
    });
    assert.equal(await revisionOf(controller), revision, 'gateways are not told');
    const named = async () =>
      (
        await controller.database.store.database
          .selectFrom('event')
          .select('seq')
          .where('topic', '=', 'network.router-named')
          .execute()
      ).length;
    const before = await named();
    await call(controller, siteRouteRoutes.nameRouter, { id: hq, body: kept });
    assert.deepEqual([before > 0, await named()], [true, before], 'naming it again says nothing new');
    assert.match((await call(controller, siteRouteRoutes.routerCommands, { id: hq })).add, /"bond0":/);
    assert.match((await call(controller, siteRouteRoutes.routerCommands, { id: hq, query })).add, /"lan0":/);
    const other = await call(controller, siteRouteRoutes.routerCommands, { id: hq, query: { platform: 'ifupdown' } });
    assert.deepEqual(other.missing, ['INTERFACE']);
    assert.deepEqual(await call(controller, siteRouteRoutes.nameRouter, { id: hq, body: { platform: null } }), {
      platform: null,
    });
  });

  test('are those of the cloud that the connector reports, with its interface filled in', async () => {
    await observe(hqConnector, {
      addr,
      route,
      platform: 'dmi.sys_vendor=Amazon EC2\naws.0a:1/local-ipv4s=10.0.0.10 \naws.0a:1/interface-id=eni-0123456789abcdef0',
    });
    const found = await call(controller, siteRouteRoutes.staticRoutes, { id: hq });
    assert.deepEqual(found.platform, {
      platform: 'aws',
      parameters: { networkInterface: 'eni-0123456789abcdef0' },
      source: 'detected',
    });
    const commands = await call(controller, siteRouteRoutes.routerCommands, { id: hq });
    assert.deepEqual(commands.missing, ['ROUTE_TABLES']);
    assert.match(
      commands.add,
      /create-route --route-table-id ROUTE_TABLES --destination-cidr-block 192\.168\.0\.0\/22 --network-interface-id eni-0123456789abcdef0/,
    );
    assert.match(commands.terraform ?? '', /resource "aws_route"/);
    await controller.database.store.database.deleteFrom('observation').where('section', '=', 'platform').execute();
  });

  test('are refused with what is allowed: a platform, a parameter, a value, nothing known', async () => {
    const cases: readonly [Record<string, string>, RegExp][] = [
      [{ platform: 'cisco' }, /allowed: aws, azure, .*cisco-ios/],
      [{}, /nothing is known of the router.*allowed: aws/],
      [{ platform: 'netplan', gateway: '10.0.0.1' }, /gateway is no parameter of netplan; allowed: interface/],
      [{ platform: 'netplan', interface: '"; reboot' }, /interface: .*is not allowed; allowed: a name of an interface/],
      [{ platform: 'netplan', routes: 'some' }, /allowed: required, all/],
    ];
    for (const [query, says] of cases) {
      const { status, message } = await refusal(controller, siteRouteRoutes.routerCommands, { id: branch, query });
      assert.equal(status, 400);
      assert.match(message, says);
    }
    const body = { platform: 'netplan', parameters: { interface: '-rf' } };
    assert.match(
      (await refusal(controller, siteRouteRoutes.nameRouter, { id: hq, body })).message,
      /^parameters: .*interface.*allowed: a name of an interface/,
    );
    const homeless = { platform: null, parameters: { interface: 'eth0' } };
    assert.match(
      (await refusal(controller, siteRouteRoutes.nameRouter, { id: hq, body: homeless })).message,
      /belong to no platform/,
    );
  });

  test('hold nothing of a nasty name but letters', async () => {
    await using own = await testController();
    for (const [index, name] of nastyNames.entries()) {
      const prefix = `10.${String(index)}.0.0/24`;
      const { id } = await call(own, networkRoutes.create, { body: { name, routes: [{ value: prefix }] } });
      const commands = await call(own, siteRouteRoutes.routerCommands, { id, query: { platform: 'linux', routes: 'all' } });
      assert.match(commands.add.split('\n')[0] ?? '', /^# Causeway: routes of the network [A-Za-z0-9 ._-]+$/);
      for (const line of commands.add.trim().split('\n').slice(1))
        assert.match(line, /^ip route replace [0-9./]+ via CONNECTOR_LAN_ADDRESS$/);
    }
  });

  test('have parameters that no query parameter of ours hides', async () => {
    for (const id of platformIds)
      for (const { name } of platformOf(id).parameters) assert.ok(name !== 'platform' && name !== 'routes');
    const listed = await call(controller, siteRouteRoutes.platforms);
    assert.deepEqual(
      listed.map(({ id }) => id),
      platformIds,
    );
  });
});

describe('pairs of sites', () => {
  test('say what both routers need, page by page and for one network', async () => {
    const all = await call(controller, siteRouteRoutes.sitePairs);
    assert.equal(all.totalElements, 2);
    assert.deepEqual(
      all.content.map(({ from, to, routesAtFrom, routesAtTo, blocked }) => [
        from.networkName,
        to.networkName,
        routesAtFrom,
        routesAtTo,
        blocked,
      ]),
      [
        ['HQ Network', 'Branch Network', ['192.168.0.0/22'], ['10.0.0.0/18'], null],
        ['Branch Network', 'HQ Network', ['10.0.0.0/18'], ['192.168.0.0/22'], null],
      ],
    );
    const second = await call(controller, siteRouteRoutes.sitePairs, { query: { size: '1', page: '1' } });
    assert.deepEqual([second.content.length, second.content[0]?.from.networkId, second.totalPages], [1, branch, 2]);
    const one = await call(controller, siteRouteRoutes.sitePairs, { query: { networkId: branch } });
    assert.equal(one.content[0]?.from.networkId, branch);
  });
});

describe('what changes is announced in the same transaction', () => {
  test('every existing site is told when a third one comes, changes and goes (SS-30)', async () => {
    await using own = await testController();
    const make = async (name: string, value: string) =>
      (await call(own, networkRoutes.create, { body: { name, routes: [{ value }] } })).id;
    const [a, b] = [await make('a', '10.1.0.0/24'), await make('b', '10.3.0.0/24')];
    let since = await lastSeq(own);
    const third = await make('c', '10.5.0.0/24');
    const told = (added: string[], removed: string[]) => ({
      added,
      removed,
      addedTotal: added.length,
      removedTotal: removed.length,
    });
    assert.deepEqual(await announced(own, since), {
      [a]: told(['10.5.0.0/24'], []),
      [b]: told(['10.5.0.0/24'], []),
      [third]: told(['10.1.0.0/24', '10.3.0.0/24'], []),
    });
    const events = await own.database.store.database
      .selectFrom('event')
      .select(['revision', 'seq'])
      .where('seq', '>', since)
      .execute();
    assert.equal(new Set(events.map(({ revision }) => revision)).size, 1, 'all in one revision');

    since = await lastSeq(own);
    await call(own, networkRouteRoutes.create, { query: { networkId: third }, body: { value: '10.5.1.0/24' } });
    // Two neighbours are one route, exactly.
    assert.deepEqual(await announced(own, since), {
      [a]: told(['10.5.0.0/23'], ['10.5.0.0/24']),
      [b]: told(['10.5.0.0/23'], ['10.5.0.0/24']),
    });

    since = await lastSeq(own);
    await call(own, networkDetailsRoutes.change, { id: a, body: { nat: 'routed' } });
    assert.deepEqual(await announced(own, since), { [a]: told(['100.96.0.0/11'], []) });

    since = await lastSeq(own);
    await call(own, networkRoutes.remove, { id: third });
    assert.deepEqual(await announced(own, since), { [a]: told([], ['10.5.0.0/23']), [b]: told([], ['10.5.0.0/23']) });
  });

  test('nothing is announced by a change that touches no route, and nothing by one that is refused', async () => {
    await using own = await testController();
    const { id } = await call(own, networkRoutes.create, { body: { name: 'a', routes: [{ value: '10.1.0.0/24' }] } });
    await call(own, networkRoutes.create, { body: { name: 'b', routes: [{ value: '10.2.0.0/24' }] } });
    const since = await lastSeq(own);
    await call(own, networkRoutes.update, { id, body: { name: 'renamed' } });
    await call(own, networkConnectorRoutes.create, { query: { networkId: id }, body: { name: 'a-1' } });
    await refusal(own, networkRoutes.create, { body: { name: 'c', routes: [{ value: '10.1.0.0/16' }] } });
    assert.deepEqual(await announced(own, since), {});
  });

  test('a list of many is cut, and its length is not', async () => {
    await using own = await testController();
    const { id } = await call(own, networkRoutes.create, { body: { name: 'a', routes: [{ value: '10.1.0.0/24' }] } });
    const since = await lastSeq(own);
    const routes = Array.from({ length: 60 }, (_, index) => ({ value: `10.2.${String(index * 2)}.0/24` }));
    await call(own, networkRoutes.create, { body: { name: 'many', routes } });
    const told = (await announced(own, since))[id];
    assert.deepEqual([told?.added.length, told?.addedTotal], [50, 60]);
  });
});
