/** What the soak runs on: a region on a disk of its own, two networks with two connectors each, and four people. */
import { z } from 'zod';
import { addConnector, addNetwork } from '../../src/lab/actions/add-network.ts';
import { addDevice, addGroup, addUser, fetchProfile } from '../../src/lab/actions/add-person.ts';
import { awaitRoutes, startClient } from '../../src/lab/actions/connect-client.ts';
import { installConnector } from '../../src/lab/actions/install-connector.ts';
import { chooseInternetAccess, markAsInternetGateway } from '../../src/lab/actions/internet-access.ts';
import { Administrator } from '../../src/lab/administrator.ts';
import type { Disk } from '../../src/lab/disk.ts';
import type { Host } from '../../src/lab/host.ts';
import { startInternetService } from '../../src/lab/services/start-internet-service.ts';
import { startWebPage } from '../../src/lab/services/start-web-page.ts';
import { clientDevice } from '../../src/lab/shapes/connected-wpc.ts';
import type { Internet } from '../../src/lab/shapes/internet.ts';
import { buildInternet, connectToInternet } from '../../src/lab/shapes/internet.ts';
import { buildPerson } from '../../src/lab/shapes/person.ts';
import type { Region, StartPlan } from '../../src/lab/shapes/region.ts';
import { quickRecovery, startProduct } from '../../src/lab/shapes/region.ts';
import type { Site, SitePlan } from '../../src/lab/shapes/site.ts';
import { branch, buildSite, headquarters, joinSite } from '../../src/lab/shapes/site.ts';
import type { World } from '../../src/lab/world.ts';

/** Enough for the database, its log of writes and lanes' logs for an hour. */
const diskMegabytes = 1024;

/** Longer than any start takes that needs no help, on a machine that does other things too. */
export const soakStart: StartPlan = { times: quickRecovery, withinMs: 180_000 };

/** ConnectorMachine is a connector with the switch that its LAN is. */
export type ConnectorMachine = { readonly name: string; readonly machine: Host; readonly lan: Host };

/** SoakSite is a network: the first connector's machine belongs to the site, the second stands beside it. */
type SoakSite = Site & { readonly plan: SitePlan; readonly second: Host };

export type SoakWorld = {
  readonly internet: Internet;
  readonly disk: Disk;
  readonly administrator: Administrator;
  /** The installation as it runs now: replaced when it was started again. */
  region: Region;
  readonly networks: readonly string[];
  readonly connectors: readonly ConnectorMachine[];
  /**
   * Bob and Alice have the internet by HQ, Carol has none, and Dave is suspended. Nobody keeps a line of their own: such a client connects again
   * when the administrator adds a prefix (docs/changes.md), and what is lost then would look like a fault.
   */
  readonly people: Readonly<Record<'bob' | 'alice' | 'carol' | 'dave', Host>>;
  /** What each process has said, by its name: the product of every start, and the clients. */
  readonly logs: Map<string, () => string>;
};

/** buildSoakWorld gives it all connected. Machines come before the disk, which they must not see (src/lab/disk.ts). */
export async function buildSoakWorld(world: World): Promise<SoakWorld> {
  const internet = await buildInternet(world);
  const sites = [await buildSoakSite(world, internet, headquarters), await buildSoakSite(world, internet, branch)];
  const people = {
    bob: (await buildPerson(world, internet, 'bob', '192.0.2.')).computer,
    alice: (await buildPerson(world, internet, 'alice', '192.0.3.')).computer,
    carol: (await buildPerson(world, internet, 'carol', '192.0.4.')).computer,
    dave: (await buildPerson(world, internet, 'dave', '192.0.5.')).computer,
  };
  await startInternetService(internet.router);
  for (const { server } of sites) await startWebPage(server, 'soak');
  const host = await world.host('region');
  const address = await connectToInternet(world, internet, host, '203.0.113.');
  const disk = await world.disk('d', diskMegabytes);
  const region = await startProduct({ host, address, dataDirectory: disk.path }, soakStart);
  const administrator = await Administrator.signIn(internet.router, region);
  const joined: { network: string; connectors: ConnectorMachine[] }[] = [];
  for (const site of sites) joined.push(await region.explain(joinNetwork(administrator, site)));
  const networks = joined.map(({ network }) => network);
  await markAsInternetGateway(administrator, networks[0] ?? '', true);
  const logs = new Map([['region-1', region.log]]);
  await region.explain(connectPeople(administrator, people, logs));
  return {
    logs,
    internet,
    disk,
    administrator,
    region,
    networks,
    connectors: joined.flatMap(({ connectors }) => connectors),
    people,
  };
}

async function buildSoakSite(world: World, internet: Internet, plan: SitePlan): Promise<SoakSite> {
  const site = await buildSite(world, internet, plan);
  const second = await world.machine(`${plan.name}-second`);
  await joinSite(world, site, plan, second, plan.connector.replace(/10$/, '11'));
  return { ...site, plan, second };
}

async function joinNetwork(
  administrator: Administrator,
  { plan, lan, connector, second }: SoakSite,
): Promise<{ network: string; connectors: ConnectorMachine[] }> {
  const network = await addNetwork(administrator, plan.name, plan.prefix, `${plan.name}-1`);
  await installConnector(administrator, network.connector.id, connector);
  await installConnector(administrator, (await addConnector(administrator, network.id, `${plan.name}-2`)).id, second);
  const connectors = [
    { name: `${plan.name}-1`, machine: connector, lan },
    { name: `${plan.name}-2`, machine: second, lan },
  ];
  return { network: network.id, connectors };
}

async function connectPeople(
  administrator: Administrator,
  { bob, alice, carol, dave }: SoakWorld['people'],
  logs: SoakWorld['logs'],
): Promise<void> {
  for (const [name, machine, internetAccess] of [
    ['bob', bob, 'SPLIT_TUNNEL_OFF'],
    ['alice', alice, 'SPLIT_TUNNEL_OFF'],
    ['carol', carol, 'RESTRICTED_INTERNET'],
    ['dave', dave, 'SPLIT_TUNNEL_ON'],
  ] as const) {
    const group = await addGroup(administrator, `Group of ${name}`);
    if (internetAccess !== 'SPLIT_TUNNEL_ON') await chooseInternetAccess(administrator, group.id, { internetAccess });
    const user = await addUser(administrator, name, group.id);
    const profile = await fetchProfile(administrator, await addDevice(administrator, user, 'laptop'));
    if (name === 'dave') await administrator.must(z.unknown(), 'PUT', `/api/v1/users/${user}/suspend`);
    const client = await startClient(machine, profile, clientDevice);
    logs.set(name, client.said);
    if (name === 'dave') continue;
    await awaitRoutes(machine, client, clientDevice, ['0.0.0.0/1']);
  }
}
