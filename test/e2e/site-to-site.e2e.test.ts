/** Two sites reach each other on real packets, in one world: told as the tutorial does, broken at each of its failures, and at their limits. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addNetwork, setNatMode } from '../../src/lab/actions/add-network.ts';
import { routesOn } from '../../src/lab/actions/connect-client.ts';
import { awaitNatMode, connectorDevice, installConnector } from '../../src/lab/actions/install-connector.ts';
import { giveStaticRoutes } from '../../src/lab/actions/static-routes.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import { aThirdSiteIsAdded, branchReachesHq, hqReachesBranch } from '../../src/lab/scenarios/site-to-site-flow.ts';
import { branchForwards, connectTheSites, hqForwards, siteToSiteFaults } from '../../src/lab/scenarios/site-to-site.ts';
import type { Stage } from '../../src/lab/scenario.ts';
import { connectToInternet } from '../../src/lab/shapes/internet.ts';
import type { ConnectedSites } from '../../src/lab/shapes/two-sites.ts';
import { buildTwoSites } from '../../src/lab/shapes/two-sites.ts';
import { startFlow } from '../../src/lab/flow.ts';
import { World } from '../../src/lab/world.ts';
import { assertFailsAt, stageIn } from './stage-for-tests.ts';

describe('site to site', () => {
  let world: World;
  let stage: Stage;
  let sites: ConnectedSites;
  before(async () => {
    world = await World.create();
    stage = stageIn(world, 'nat');
    sites = await connectTheSites(stage, await buildTwoSites(world, 'masquerade'));
  });
  after(async () => world[Symbol.asyncDispose]());

  const toBranch = () => hqReachesBranch(stage, sites);
  const toHq = () => branchReachesHq(stage, sites);

  test('works with HQ masqueraded and Branch routed, with real addresses both ways', async () => {
    await toBranch();
    await toHq();
  });

  test('with FWD-OFF at HQ it fails at SS-6', () =>
    assertFailsAt(siteToSiteFaults['FWD-OFF'], sites, {
      step: 'SS-6',
      reason: /FWD-OFF: ip_forward is 0 on hq-connector/,
      tell: () => hqForwards(stage, sites),
    }));

  test('with FWD-OFF at Branch it fails at SS-15', () =>
    assertFailsAt(siteToSiteFaults['FWD-OFF-BRANCH'], sites, {
      step: 'SS-15',
      reason: /FWD-OFF: ip_forward is 0 on branch-connector/,
      tell: () => branchForwards(stage, sites),
    }));

  test('with RTR-NO-ROUTE it fails at SS-18', () =>
    assertFailsAt(siteToSiteFaults['RTR-NO-ROUTE'], sites, {
      step: 'SS-18',
      reason: /RTR-NO-ROUTE: .*no route to 192\.168\.0\.0\/22/,
      tell: toBranch,
    }));

  test('with NAT-TOO-WIDE it fails at SS-21', () =>
    assertFailsAt(siteToSiteFaults['NAT-TOO-WIDE'], sites, {
      step: 'SS-21',
      reason: /NAT-TOO-WIDE: the connector put 100\.96\.0\.100 in place of 10\.0\.0\.13/,
      tell: toBranch,
    }));

  test('with SITE-ROUTE-ONE-WAY it fails at SS-25, and the other way round at SS-30', async () => {
    const fault = siteToSiteFaults['SITE-ROUTE-ONE-WAY'];
    const reason = /SITE-ROUTE-ONE-WAY: .*no route to 10\.0\.0\.0\/18/;
    await assertFailsAt(fault, sites, { step: 'SS-25', reason, tell: toBranch });
    await assertFailsAt(fault, sites, { step: 'SS-30', reason, tell: toHq });
  });

  test('works with both sites routed', async () => {
    await setNatMode(sites.administrator, sites.networks.hq.id, 'routed');
    await awaitNatMode(sites.hq.connector, 'routed');
    await toBranch();
    await toHq();
  });

  test('the API says what a third site asks of both', () => aThirdSiteIsAdded(stage, sites));

  test('sites that overlap are refused, with both named', async () => {
    const { status, body } = await sites.administrator.call('POST', '/api/v1/networks', {
      name: 'Twin',
      routes: [{ value: '192.168.2.0/24' }],
    });
    assert.equal(status, 400);
    for (const named of ['192.168.2.0/24', '192.168.0.0/22', 'Branch Network']) {
      assert.ok(body.includes(named), `${named} is not in: ${body}`);
    }
  });

  test('full-size TCP passes both ways where the path carries 1,280 bytes', async () => {
    const { branch: other, hq, internet } = sites;
    const uplink = internet.uplinks.get(other.router.name);
    assert.ok(uplink !== undefined);
    await other.router.ip('link set wan0 mtu 1280');
    await internet.router.ip(`link set ${uplink} mtu 1280`);
    const bytes = 2_000_000;
    for (const [from, to] of [
      [hq, other],
      [other, hq],
    ] as const) {
      const url = `http://${to.plan.server}/bytes/${bytes}`;
      const { code, stdout, stderr } = await from.computer.run([
        'curl',
        '-sS',
        '--max-time',
        '20',
        '--output',
        '/dev/null',
        '--write-out',
        '%{size_download}',
        url,
      ]);
      assert.equal(code, 0, `${from.plan.name} to ${to.plan.name}: ${stderr}`);
      assert.equal(stdout, String(bytes));
    }
    await other.router.ip('link set wan0 mtu 1500');
    await internet.router.ip(`link set ${uplink} mtu 1500`);
  });

  test('a site with 1,000 prefixes is reached, and its coming costs the others no packet', async (context) => {
    const { administrator, hq, region, internet } = sites;
    // Halves of subnets, so that no two of them are one prefix.
    const prefixes = Array.from({ length: 1_000 }, (_, index) => `172.${16 + Math.floor(index / 256)}.${index % 256}.0/25`);
    const ping = startFlow({ from: hq.computer, to: '100.96.0.1' });
    const start = performance.now();
    const network = await addNetwork(administrator, 'Archipelago', prefixes, 'archipelago-1');
    await awaitCondition("HQ's connector routes all of them", async () => {
      const routes = await routesOn(hq.connector, connectorDevice);
      return prefixes.every((prefix) => routes.includes(prefix)) ? true : undefined;
    });
    const toldMs = Math.round(performance.now() - start);
    const loss = await ping.stop();
    context.diagnostic(
      `told after ${toldMs} ms; ${loss.lost} of ${loss.sent} packets lost at 5 ms, longest gap ${loss.longestGapMs} ms`,
    );
    assert.ok(loss.back && loss.lost === 0, `lost ${loss.lost} of ${loss.sent}`);

    const machine = await world.machine('archipelago');
    await connectToInternet(world, internet, machine, '198.18.64.');
    const last = '172.19.231.20';
    await machine.ip(`addr add ${last}/32 dev lo`);
    await region.explain(installConnector(administrator, network.connector.id, machine));
    await giveStaticRoutes(administrator, sites.networks.hq.id, hq.router);
    await awaitCondition(`a computer of HQ reaches ${last}`, async () =>
      (await hq.computer.run(['ping', '-n', '-c', '1', '-W', '1', last])).code === 0 ? true : undefined,
    );
  });
});
