import type { AddedNetwork } from '../actions/add-network.ts';
import { addNetwork, setNatMode } from '../actions/add-network.ts';
import type { AddedDevice } from '../actions/add-person.ts';
import { addDevice, addGroup, addUser, fetchProfile } from '../actions/add-person.ts';
import type { Client } from '../actions/connect-client.ts';
import { awaitRoutes, startClient, usePushedDns } from '../actions/connect-client.ts';
import { installConnector } from '../actions/install-connector.ts';
import { Administrator } from '../administrator.ts';
import { awaitCondition } from '../await-condition.ts';
import { GatewayView } from '../gateway-view.ts';
import { startWebPage } from '../services/start-web-page.ts';
import type { World } from '../world.ts';
import type { Internet } from './internet.ts';
import { buildInternet } from './internet.ts';
import type { Person } from './person.ts';
import { buildPerson } from './person.ts';
import type { GatewayTimes, Region } from './region.ts';
import { buildRegion } from './region.ts';
import type { Site } from './site.ts';
import { buildSite, headquarters } from './site.ts';

/** ConnectedWpc is where the tutorial's first flow ends: everything up, Bob connected, the HR page open to him. */
export type ConnectedWpc = {
  readonly internet: Internet;
  readonly region: Region;
  readonly gateway: GatewayView;
  readonly administrator: Administrator;
  readonly hq: Site;
  readonly network: AddedNetwork;
  /** The group of Bob, by its id. */
  readonly group: { readonly id: string };
  readonly bob: Person & {
    readonly user: string;
    readonly device: AddedDevice;
    readonly profile: string;
    readonly client: Client;
  };
  /** What the HR application logs: each request's client address. */
  readonly hrLog: () => string;
};

export const clientDevice = 'tun0';
export const wpcRange = '100.96.0.0/11';
export const hrPage = 'HR application';

export type WpcPlan = {
  readonly nat?: 'masquerade' | 'routed';
  readonly times?: GatewayTimes;
  /** Starts the product, where that is not done in front than in front. */
  readonly region?: (world: World, internet: Internet) => Promise<Region>;
  /** Bob's computer uses the resolvers that it is told over the tunnel, as computers of people do. */
  readonly pushedDns?: boolean;
};

/** buildConnectedWpc is the start of tests of what happens to a working flow. */
export async function buildConnectedWpc(
  world: World,
  { nat = 'masquerade', times, pushedDns = false, region: build }: WpcPlan = {},
): Promise<ConnectedWpc> {
  const internet = await buildInternet(world);
  const [region, hq, person] = await Promise.all([
    build === undefined ? buildRegion(world, internet, times) : build(world, internet),
    buildSite(world, internet, headquarters),
    buildPerson(world, internet, 'bob', '192.0.2.'),
  ]);
  const hrLog = await startWebPage(hq.server, hrPage);
  const administrator = await Administrator.signIn(internet.router, region);
  const network = await addNetwork(administrator, 'HQ Network', headquarters.prefix, 'hq-1');
  if (nat === 'routed') await setNatMode(administrator, network.id, nat);
  if (nat === 'routed') await hq.router.ip(`route add ${wpcRange} via ${headquarters.connector}`);
  const group = await addGroup(administrator, 'Staff');
  const user = await addUser(administrator, 'bob', group.id);
  const device = await addDevice(administrator, user, 'laptop');
  const profile = await fetchProfile(administrator, device);
  const options = pushedDns ? await usePushedDns(person.computer) : [];
  const [, client] = await region.explain(
    Promise.all([
      installConnector(administrator, network.connector.id, hq.connector),
      startClient(person.computer, profile, clientDevice, ...options),
    ]),
  );
  await region.explain(awaitRoutes(person.computer, client, clientDevice, [wpcRange, headquarters.prefix]));
  const wpc = {
    internet,
    region,
    gateway: new GatewayView(region),
    administrator,
    hq,
    network,
    group,
    bob: { ...person, user, device, profile, client },
    hrLog,
  };
  await awaitPage(wpc);
  return wpc;
}

/** awaitPage waits until Bob's request for the HR page is answered: the flow works end to end. */
export async function awaitPage({ bob }: Pick<ConnectedWpc, 'bob'>, withinMs = 20_000): Promise<void> {
  await awaitCondition(
    'Bob gets the HR page',
    async () => {
      const { stdout, stderr } = await bob.computer.run(['curl', '-sS', '--max-time', '2', `http://${headquarters.server}/`]);
      if (!stdout.includes(hrPage)) throw new Error(stderr.trim());
      return true;
    },
    { withinMs },
  );
}
