import type { AddedNetwork } from '../actions/add-network.ts';
import { addNetwork, labRegion, setNatMode } from '../actions/add-network.ts';
import type { AddedDevice } from '../actions/add-person.ts';
import { addDevice, addGroup, addUser, fetchProfile } from '../actions/add-person.ts';
import { awaitRoutes, startClient } from '../actions/connect-client.ts';
import { Administrator } from '../administrator.ts';
import { GatewayView } from '../gateway-view.ts';
import type { Scenario, Stage } from '../scenario.ts';
import { expect } from '../scenario.ts';
import { startWebPage } from '../services/start-web-page.ts';
import { clientDevice, hrPage, wpcRange } from '../shapes/connected-wpc.ts';
import { buildInternet } from '../shapes/internet.ts';
import type { Person } from '../shapes/person.ts';
import { buildPerson } from '../shapes/person.ts';
import type { Region } from '../shapes/region.ts';
import { buildRegion } from '../shapes/region.ts';
import type { Site } from '../shapes/site.ts';
import { buildSite, headquarters } from '../shapes/site.ts';
import type { Wpc } from './connector-steps.ts';
import { expectConnectorRoutes, expectTunnel, joinWpc } from './connector-steps.ts';
import { tellTheFlow } from './remote-access-flow.ts';

/** Section 2 of the tutorial: Bob opens the HR application in HQ, from behind his own router. */
export const remoteAccess: Scenario = {
  name: 'remote-access',
  summary: 'Bob reaches a server in HQ through a connector (RA-1 to RA-22)',
  options: {
    nat: 'the connector hides tunnel addresses behind its own: nothing changes on the LAN (RA-18 to RA-20)',
    'static-route': "the LAN's router knows the way back: real addresses, and the server can also reach Bob (RA-16, RA-17)",
  },
  faults: {
    'FWD-OFF': "the connector's machine does not forward: fails at RA-11",
    'NAT-OFF-NO-ROUTE': 'neither NAT nor a static route: fails at RA-15',
  },
  run: runRemoteAccess,
};

async function runRemoteAccess(stage: Stage): Promise<void> {
  const { world, option, faults, progress } = stage;
  progress('building region, HQ and Bob …');
  const internet = await buildInternet(world);
  const [region, hq, bob] = await Promise.all([
    buildRegion(world, internet),
    buildSite(world, internet, headquarters),
    buildPerson(world, internet, 'bob', '192.0.2.'),
  ]);
  await startWebPage(hq.server, hrPage);
  const gateway = new GatewayView(region);
  const administrator = await Administrator.signIn(internet.router, region);
  const nat = option === 'nat' && !faults.has('NAT-OFF-NO-ROUTE') ? 'masquerade' : 'routed';

  const network = await theNetworkIsAdded(stage, administrator, nat);
  await theConnectorJoins(stage, { region, gateway, administrator }, network, hq);
  const device = await bobIsAdded(stage, administrator, bob);
  await bobConnects(stage, bob, device, region, gateway);
  // The fix of RA-16, or not: without it the tutorial's flow breaks at RA-15.
  if (option === 'static-route' && !faults.has('NAT-OFF-NO-ROUTE')) {
    await hq.router.ip(`route add ${wpcRange} via ${headquarters.connector}`);
  }
  await tellTheFlow(stage, { region, gateway, hq, bob, bobAddress: device.address, nat });
}

async function theNetworkIsAdded(
  { step }: Stage,
  administrator: Administrator,
  nat: 'masquerade' | 'routed',
): Promise<AddedNetwork> {
  const { network } = await step('RA-1', `the administrator adds "HQ Network" with ${headquarters.prefix}`, async () => {
    const added = await addNetwork(administrator, 'HQ Network', headquarters.prefix, 'hq-1');
    const overlap = await administrator.call('POST', '/api/v1/networks', { name: 'Twin', routes: [{ value: '10.0.32.0/20' }] });
    expect(
      overlap.status === 400 && overlap.body.includes('HQ Network'),
      `an overlapping prefix got ${overlap.status} ${overlap.body}`,
    );
    const observed = `network ${added.id} has ${added.prefixes.join(', ')}; 10.0.32.0/20 is refused because it overlaps`;
    return { observed, network: added };
  });
  await step('RA-2', 'the WPC gives its connector a tunnel address and routes the prefix to it', async () => {
    const { address } = network.connector;
    expect(address === '100.96.0.100', `the connector has ${address}, not 100.96.0.100`);
    if (nat === 'routed') await setNatMode(administrator, network.id, nat);
    return `hq-1 has ${address}; NAT mode ${nat}`;
  });
  return network;
}

async function theConnectorJoins({ step, faults }: Stage, wpc: Wpc, network: AddedNetwork, hq: Site): Promise<void> {
  const options = faults.has('FWD-OFF') ? '--keep-sysctl' : '';
  await step('RA-3', 'the connector is installed by the pasted line and connects outward to the region', () =>
    joinWpc(wpc, network, headquarters, hq.connector, options),
  );
  await step('RA-4', `the connector is given a route for ${wpcRange}`, () =>
    expectConnectorRoutes(hq.connector, [wpcRange], headquarters.prefix),
  );
  await step('RA-5', 'the tunnel is an interface that carries packets both ways', () =>
    expectTunnel(hq.connector, network.connector.address),
  );
}

type BobsDevice = AddedDevice & { readonly profile: string };

async function bobIsAdded({ step }: Stage, administrator: Administrator, bob: Person): Promise<BobsDevice> {
  const { user } = await step('RA-6', 'the administrator adds Bob to a group with split tunnel on', async () => {
    const group = await addGroup(administrator, 'Staff');
    const observed = `bob is in Staff, internet access ${group.internetAccess}`;
    return { observed, user: await addUser(administrator, 'bob', group.id) };
  });
  const { device } = await step('RA-7', `Bob's device gets its profile for ${labRegion}`, async () => {
    const added = await addDevice(administrator, user, 'laptop');
    const profile = await fetchProfile(administrator, added);
    const observed = `a profile of ${profile.length} bytes for ${added.address}, handed to ${bob.computer.name} (no mail is sent yet)`;
    return { observed, device: { ...added, profile } };
  });
  return device;
}

async function bobConnects(
  { step }: Stage,
  bob: Person,
  device: BobsDevice,
  region: Region,
  gateway: GatewayView,
): Promise<void> {
  await step('RA-8', 'on connection Bob receives routes for the WPC and for HQ; his default route stays', async () => {
    const before = (await bob.computer.must(['ip', 'route', 'show', 'default'])).trim();
    const client = await startClient(bob.computer, device.profile, clientDevice);
    const routes = await region.explain(awaitRoutes(bob.computer, client, clientDevice, [wpcRange, headquarters.prefix]));
    await gateway.awaitDeviceOf(device.address);
    const after = (await bob.computer.must(['ip', 'route', 'show', 'default'])).trim();
    expect(after === before, `the default route was ${before} and is ${after}`);
    return `routes by ${clientDevice}: ${routes.join(', ')}; default still ${after}`;
  });
}
