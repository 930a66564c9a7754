import { addNetwork, setNatMode } from '../actions/add-network.ts';
import type { AddedNetwork } from '../actions/add-network.ts';
import { giveStaticRoutes } from '../actions/static-routes.ts';
import { connectorDevice } from '../actions/install-connector.ts';
import { startFlow } from '../flow.ts';
import type { Host } from '../host.ts';
import { expectRouter, lineWith, routeDecision, startForwarding, stopForwarding } from '../host-facts.ts';
import type { Fault, Scenario, Stage } from '../scenario.ts';
import { expect, summariesOf } from '../scenario.ts';
import { wpcRange } from '../shapes/connected-wpc.ts';
import { branch, headquarters } from '../shapes/site.ts';
import type { ConnectedSites, TwoSites } from '../shapes/two-sites.ts';
import { buildTwoSites } from '../shapes/two-sites.ts';
import { expectConnectorRoutes, expectTunnel, joinWpc } from './connector-steps.ts';
import { aThirdSiteIsAdded, branchReachesHq, hqReachesBranch } from './site-to-site-flow.ts';

/** What goes wrong in the tutorial's flow, each put on running sites and taken away again. */
export const siteToSiteFaults = {
  'FWD-OFF': {
    summary: "the machine of HQ's connector does not forward: fails at SS-6",
    inject: ({ hq }) => stopForwarding(hq.connector),
    mend: ({ hq }) => startForwarding(hq.connector),
  },
  'FWD-OFF-BRANCH': {
    summary: "the machine of Branch's connector does not forward: fails at SS-15",
    inject: ({ branch: { connector } }) => stopForwarding(connector),
    mend: ({ branch: { connector } }) => startForwarding(connector),
  },
  'RTR-NO-ROUTE': {
    summary: "HQ's router has no route to Branch: fails at SS-18",
    inject: ({ hq }) => hq.router.ip(`route del ${branch.prefix} via ${headquarters.connector}`),
    mend: ({ hq }) => hq.router.ip(`route add ${branch.prefix} via ${headquarters.connector}`),
  },
  'NAT-TOO-WIDE': {
    summary: "something on HQ's connector translates also what enters the tunnel: fails at SS-21",
    inject: ({ hq }) =>
      hq.connector.nft(
        'table ip too_wide { chain postrouting { type nat hook postrouting priority srcnat - 5; policy accept; oifname != "lo" masquerade; }; }',
      ),
    mend: ({ hq }) => hq.connector.nft('delete table ip too_wide'),
  },
  'SITE-ROUTE-ONE-WAY': {
    summary: `Branch's router knows ${wpcRange} and not HQ, as the tutorial prints it: fails at SS-25`,
    inject: ({ branch: { router } }) => router.ip(`route del ${headquarters.prefix} via ${branch.connector}`),
    mend: ({ branch: { router } }) => router.ip(`route add ${headquarters.prefix} via ${branch.connector}`),
  },
} satisfies Record<string, Fault<TwoSites>>;

/** Section 4 of the tutorial: HQ and Branch reach each other with their real addresses. */
export const siteToSite: Scenario = {
  name: 'site-to-site',
  summary: 'HQ and Branch reach each other with their real addresses (SS-1 to SS-30)',
  options: {
    nat: 'the mixed case: HQ hides tunnel addresses (masquerade), Branch is routed; between sites both show real addresses',
    'static-route': 'both sites are routed',
  },
  faults: summariesOf(siteToSiteFaults),
  run: async (stage) => {
    stage.progress('building region, HQ and Branch …');
    const built = await buildTwoSites(stage.world, stage.option === 'nat' ? 'masquerade' : 'routed');
    const sites = await connectTheSites(stage, built);
    for (const code of ['RTR-NO-ROUTE', 'NAT-TOO-WIDE', 'SITE-ROUTE-ONE-WAY'] as const) {
      if (stage.faults.has(code)) await siteToSiteFaults[code].inject(sites);
    }
    await hqReachesBranch(stage, sites);
    await branchReachesHq(stage, sites);
    await aThirdSiteIsAdded(stage, sites);
  },
};

/** connectTheSites tells SS-1 to SS-16. */
export async function connectTheSites(stage: Stage, sites: TwoSites): Promise<ConnectedSites> {
  const { faults } = stage;
  const hqNetwork = await hqIsAdded(stage, sites);
  if (faults.has('FWD-OFF')) await siteToSiteFaults['FWD-OFF'].inject(sites);
  await hqForwards(stage, sites);
  await hqRoutesTheWpc(stage, sites, hqNetwork);
  const branchNetwork = await branchIsAdded(stage, sites);
  const networks = { hq: hqNetwork, branch: branchNetwork };
  await branchJoins(stage, sites, branchNetwork);
  if (faults.has('FWD-OFF-BRANCH')) await siteToSiteFaults['FWD-OFF-BRANCH'].inject(sites);
  await branchForwards(stage, sites);
  await branchRoutesTheRest(stage, sites, networks);
  return { ...sites, networks };
}

async function hqIsAdded({ step }: Stage, sites: TwoSites): Promise<AddedNetwork> {
  const { administrator, hq } = sites;
  const { network } = await step('SS-1', `the administrator adds "HQ Network" with ${headquarters.prefix}`, async () => {
    const added = await addNetwork(administrator, 'HQ Network', headquarters.prefix, 'hq-1');
    return { observed: `network ${added.id} has ${added.prefixes.join(', ')}`, network: added };
  });
  await step('SS-2', 'the WPC gives its connector a tunnel address', async () => {
    expect(network.connector.address === '100.96.0.100', `the connector has ${network.connector.address}, not 100.96.0.100`);
    await setNatMode(administrator, network.id, hq.nat);
    return `hq-1 has ${network.connector.address}; NAT mode ${hq.nat}`;
  });
  await step('SS-3', 'the connector is installed and connects outward to the region', () =>
    joinWpc(sites, network, headquarters, hq.connector),
  );
  await step('SS-4', `the connector is given a route for ${wpcRange}`, () =>
    expectConnectorRoutes(hq.connector, [wpcRange], headquarters.prefix),
  );
  await step('SS-5', 'the tunnel is an interface that carries packets both ways', () =>
    expectTunnel(hq.connector, network.connector.address),
  );
  return network;
}

/** hqForwards tells SS-6. */
export async function hqForwards({ step }: Stage, { hq }: TwoSites): Promise<void> {
  await step('SS-6', "HQ's connector is a router", () => expectForwarder(hq.connector, headquarters.server));
}

/** branchForwards tells SS-15. */
export async function branchForwards({ step }: Stage, { branch: { connector } }: TwoSites): Promise<void> {
  await step('SS-15', "Branch's connector is a router", () => expectForwarder(connector, branch.server));
}

async function expectForwarder(connector: Host, server: string): Promise<string> {
  const said = await expectRouter(connector);
  const decision = await routeDecision(connector, server, { from: '100.96.16.1', by: connectorDevice });
  expect(decision.found && decision.said.includes('dev lan0'), `a packet from the tunnel to ${server}: ${decision.said}`);
  return `${said}; ${decision.said}`;
}

async function hqRoutesTheWpc({ step }: Stage, { administrator, hq }: TwoSites, network: AddedNetwork): Promise<void> {
  await step('SS-7', `HQ's router sends ${wpcRange} to the connector`, async () => {
    const given = await giveStaticRoutes(administrator, network.id, hq.router);
    const ping = await hq.computer.must(['ping', '-n', '-c', '2', '-i', '0.2', '-W', '2', '100.96.0.1']);
    return `${given}; a computer of HQ pings 100.96.0.1: ${lineWith(ping, 'received')}`;
  });
}

/** SS-8 to SS-11: a site is added while HQ's tunnel carries a packet every 5 ms. None may be lost for it. */
async function branchIsAdded({ step }: Stage, sites: TwoSites): Promise<AddedNetwork> {
  const { administrator, gateway, hq } = sites;
  const ping = startFlow({ from: hq.computer, to: '100.96.0.1' });
  const { network } = await step('SS-8', `the administrator adds "Branch Network" with ${branch.prefix}`, async () => {
    const overlap = await administrator.call('POST', '/api/v1/networks', { name: 'Twin', routes: [{ value: '10.0.32.0/20' }] });
    expect(
      overlap.status === 400 && overlap.body.includes('HQ Network') && overlap.body.includes('10.0.32.0/20'),
      `OVL-OVERLAP: a prefix of HQ's got ${overlap.status} ${overlap.body}`,
    );
    const added = await addNetwork(administrator, 'Branch Network', branch.prefix, 'branch-1');
    const observed = `network ${added.id} has ${added.prefixes.join(', ')}; 10.0.32.0/20 is refused because HQ Network has it`;
    return { observed, network: added };
  });
  await step('SS-9', 'its connector gets a tunnel address', async () => {
    expect(network.connector.address === '100.96.0.101', `the connector has ${network.connector.address}, not 100.96.0.101`);
    await setNatMode(administrator, network.id, sites.branch.nat);
    return `branch-1 has ${network.connector.address}; NAT mode ${sites.branch.nat}`;
  });
  await step('SS-10', "HQ's connector learns the new route, and loses nothing", async () => {
    const routes = await expectConnectorRoutes(hq.connector, [wpcRange, branch.prefix], headquarters.prefix);
    // Still the same tunnel: what would have been a reset of it is a hole in this ping.
    await gateway.awaitDeviceOf(headquarters.connector);
    const loss = await ping.stop();
    expect(
      loss.back && loss.lost === 0,
      `${loss.lost} of ${loss.sent} packets at 5 ms were lost, longest gap ${loss.longestGapMs} ms`,
    );
    return `${routes}; 0 of ${loss.sent} packets lost at 5 ms, longest gap ${loss.longestGapMs} ms`;
  });
  await step('SS-11', "HQ's tunnel reaches Branch Network", async () => {
    const { said } = await routeDecision(hq.connector, branch.server);
    expect(said.includes(`dev ${connectorDevice}`), `${branch.server} goes: ${said}`);
    return said;
  });
  return network;
}

async function branchJoins({ step }: Stage, sites: TwoSites, network: AddedNetwork): Promise<void> {
  const { connector } = sites.branch;
  await step('SS-12', 'the connector of Branch is installed and connects outward to the region', () =>
    joinWpc(sites, network, branch, connector),
  );
  await step('SS-13', `it is given routes for ${wpcRange} and for HQ`, () =>
    expectConnectorRoutes(connector, [wpcRange, headquarters.prefix], branch.prefix),
  );
  await step('SS-14', 'both go by its tunnel', async () => {
    const tunnel = await expectTunnel(connector, network.connector.address);
    const { said } = await routeDecision(connector, headquarters.server);
    expect(said.includes(`dev ${connectorDevice}`), `${headquarters.server} goes: ${said}`);
    return `${tunnel}; ${said}`;
  });
}

/** SS-16, and what SS-19 and SS-30 come to ask for: each router is given everything that the API says its LAN needs. */
async function branchRoutesTheRest({ step }: Stage, sites: TwoSites, networks: ConnectedSites['networks']): Promise<void> {
  const { administrator, hq, branch: other } = sites;
  await step('SS-16', `Branch's router sends ${wpcRange} to the connector`, async () => {
    const given = await giveStaticRoutes(administrator, networks.branch.id, other.router);
    const { said } = await routeDecision(other.router, '100.96.0.1');
    expect(said.includes(`via ${branch.connector}`), `Branch's router sends 100.96.0.1: ${said}`);
    return `${given}; ${said}`;
  });
  await giveStaticRoutes(administrator, networks.hq.id, hq.router);
}
