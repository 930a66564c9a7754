/** Two sites reach each other on real packets, in one world: told as the tutorial does, broken at each of its failures, and at their limits. */
import { after, before, describe, test } from 'node:test';
import { setNatMode } from '../../src/lab/actions/add-network.ts';
import { awaitNatMode } from '../../src/lab/actions/install-connector.ts';
import { branchReachesHq, hqReachesBranch } from '../../src/lab/scenarios/site-to-site-flow.ts';
import { branchForwards, connectTheSites, hqForwards, siteToSiteFaults } from '../../src/lab/scenarios/site-to-site.ts';
import type { Stage } from '../../src/lab/scenario.ts';
import type { ConnectedSites } from '../../src/lab/shapes/two-sites.ts';
import { buildTwoSites } from '../../src/lab/shapes/two-sites.ts';
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
});
