import type { AddedNetwork } from '../actions/add-network.ts';
import { addNetwork, setNatMode } from '../actions/add-network.ts';
import type { AddedDevice } from '../actions/add-person.ts';
import { addDevice, addGroup, addUser, fetchProfile } from '../actions/add-person.ts';
import { installConnector } from '../actions/install-connector.ts';
import { Administrator } from '../administrator.ts';
import { GatewayView } from '../gateway-view.ts';
import { startInternetService } from '../services/start-internet-service.ts';
import { startWebPage } from '../services/start-web-page.ts';
import { hrPage, wpcRange } from '../shapes/connected-wpc.ts';
import type { Internet } from '../shapes/internet.ts';
import { buildInternet } from '../shapes/internet.ts';
import type { Person } from '../shapes/person.ts';
import { buildPerson } from '../shapes/person.ts';
import type { Region } from '../shapes/region.ts';
import { buildRegion, quickRecovery } from '../shapes/region.ts';
import type { Site } from '../shapes/site.ts';
import { branch, buildSite, headquarters } from '../shapes/site.ts';
import { financePage } from '../shapes/two-sites.ts';
import type { World } from '../world.ts';
import { BobsClient } from './bobs-client.ts';
import { Holds } from './holds.ts';
import type { InnerLan } from './inner-lan.ts';
import { buildInnerLan, innerLan } from './inner-lan.ts';

/**
 * Standing is the one topology on which every fault is injected and taken back: region, HQ with a second LAN behind an inner router, Branch,
 * and Bob at home. Everything works; Branch is routed, HQ as its mode says.
 */
export type Standing = {
  readonly world: World;
  readonly internet: Internet;
  readonly region: Region;
  readonly gateway: GatewayView;
  readonly administrator: Administrator;
  readonly hq: Site;
  readonly inner: InnerLan;
  readonly branch: Site;
  readonly networks: { readonly hq: AddedNetwork; readonly branch: AddedNetwork };
  readonly group: string;
  readonly bob: Person & {
    readonly user: string;
    readonly device: AddedDevice;
    readonly address: string;
    readonly client: BobsClient;
  };
  /** What the Finance server logs: the address of each client that asked for its page. */
  readonly financeLog: () => string;
  readonly holds: Holds;
};

/**
 * Mode is a state in which everything works: HQ's connector hides tunnel addresses, or does not and HQ's router has the static route; and in
 * `internet`, which is routed, Bob's traffic for the internet leaves by HQ as well.
 */
export type Mode = 'masquerade' | 'routed' | 'internet';

/** buildStanding builds it, in mode masquerade. */
export async function buildStanding(world: World): Promise<Standing> {
  const internet = await buildInternet(world);
  const [region, hq, other, person] = await Promise.all([
    buildRegion(world, internet, quickRecovery),
    buildSite(world, internet, headquarters),
    buildSite(world, internet, branch),
    buildPerson(world, internet, 'bob', '192.0.2.'),
  ]);
  const inner = await buildInnerLan(world, hq);
  const administrator = await Administrator.signIn(internet.router, region);
  const networks = {
    hq: await addNetwork(administrator, 'HQ Network', [headquarters.prefix, innerLan.prefix], 'hq-1'),
    branch: await addNetwork(administrator, 'Branch Network', branch.prefix, 'branch-1'),
  };
  await setNatMode(administrator, networks.branch.id, 'routed');
  const group = await addGroup(administrator, 'Staff');
  const user = await addUser(administrator, 'bob', group.id);
  const device = await addDevice(administrator, user, 'laptop');
  const client = new BobsClient(person.computer, await fetchProfile(administrator, device));
  const [financeLog] = await region.explain(
    Promise.all([
      startWebPage(other.server, financePage),
      startWebPage(hq.server, hrPage),
      startWebPage(inner.server, 'Warehouse'),
      startInternetService(internet.router),
      installConnector(administrator, networks.hq.connector.id, hq.connector),
      installConnector(administrator, networks.branch.connector.id, other.connector),
      client.start(),
      hq.router.ip(`route add ${branch.prefix} via ${headquarters.connector}`),
      other.router.ip(
        ...[wpcRange, headquarters.prefix, innerLan.prefix].map((prefix) => `route add ${prefix} via ${branch.connector}`),
      ),
    ]),
  );
  return {
    world,
    internet,
    region,
    gateway: new GatewayView(region),
    administrator,
    hq,
    inner,
    branch: other,
    networks,
    group: group.id,
    bob: { ...person, user, device, address: device.address, client },
    financeLog,
    holds: new Holds(),
  };
}
