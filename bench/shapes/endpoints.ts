/**
 * One of each kind of endpoint, connected to one gateway, and a flow through each: what change-cost.ts makes its changes to. Every flow
 * but the last begins or ends at the same host with a connector of its own (the observer), so that what a flow loses is due to the
 * endpoint after which it is named.
 */
import { z } from 'zod';
import type { ConnectorId } from '../../src/core/ids.ts';
import type { AddedNetwork } from '../../src/lab/actions/add-network.ts';
import { addNetwork, labRegion } from '../../src/lab/actions/add-network.ts';
import type { AddedDevice } from '../../src/lab/actions/add-person.ts';
import { addDevice, addGroup, addUser, fetchProfile } from '../../src/lab/actions/add-person.ts';
import { awaitRoutes, startClient } from '../../src/lab/actions/connect-client.ts';
import { installConnector } from '../../src/lab/actions/install-connector.ts';
import { Administrator } from '../../src/lab/administrator.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Host } from '../../src/lab/host.ts';
import { clientDevice, wpcRange } from '../../src/lab/shapes/connected-wpc.ts';
import type { Internet } from '../../src/lab/shapes/internet.ts';
import { startInternetService } from '../../src/lab/services/start-internet-service.ts';
import { buildInternet, connectToInternet, internetServiceAddress } from '../../src/lab/shapes/internet.ts';
import { buildPerson } from '../../src/lab/shapes/person.ts';
import type { GatewayTimes, Region } from '../../src/lab/shapes/region.ts';
import { buildRegion } from '../../src/lab/shapes/region.ts';
import type { Site } from '../../src/lab/shapes/site.ts';
import { branch, buildSite, headquarters, joinSite } from '../../src/lab/shapes/site.ts';
import type { World } from '../../src/lab/world.ts';
import { connectorOn, lanesRunOut } from '../actions/connector-machine.ts';
import { blockUdp } from '../actions/block-udp.ts';
import type { FlowPlan } from '../../src/lab/flow.ts';

/** A person with a device, at home, connected by a stock openvpn. */
export type ConnectedPerson = {
  readonly computer: Host;
  readonly user: string;
  readonly group: string;
  readonly device: AddedDevice;
};

/** A machine at the internet on which a connector runs; what it serves lies on its loopback. */
export type Outpost = { readonly machine: Host; readonly network: AddedNetwork; readonly publicAddress: string };

export type Endpoints = {
  readonly world: World;
  readonly internet: Internet;
  readonly region: Region;
  readonly administrator: Administrator;
  /** A connector with our agent on a lane of its own, and a second one that is not installed yet on its machine. */
  readonly hq: Site & { readonly network: AddedNetwork; readonly second: Host; readonly secondConnector: string };
  /** Came when the lanes had run out, so its connector (our agent) is on the shared TCP lane. */
  readonly plant: Outpost;
  /** Its provider lets no UDP pass, so its connector (our agent) is on the shared TCP lane, and cannot hand over. */
  readonly branch: Site & { readonly network: AddedNetwork };
  /** A connector without our agent, as on a router. */
  readonly stock: Outpost;
  /** Internet gateways. The second one is none yet. */
  readonly exits: readonly [Outpost, Outpost];
  /** A machine for a network that does not exist yet. */
  readonly depot: Host;
  /** Split tunnel on, and off. */
  readonly bob: ConnectedPerson;
  readonly alice: ConnectedPerson;
  readonly observer: { readonly machine: Host; readonly address: string };
};

export const gatewayAddress = '100.96.0.1';
export const secondHqConnector = '10.0.0.11';
/** What outposts serve. */
export const stockPrefix = { prefix: '172.20.0.0/16', host: '172.20.0.20' };
export const plantPrefix = { prefix: '172.24.0.0/16', host: '172.24.0.20' };
export const depotPrefix = { prefix: '172.23.0.0/16', host: '172.23.0.20' };

/** The columns of the table, in its order. */
export const columns = {
  ownLane: 'connector with our agent, lane of its own',
  sharedLane: 'connector with our agent, shared TCP lane',
  withoutUdp: 'the same, UDP blocked',
  stockConnector: 'stock OpenVPN 2.6 as connector',
  splitOn: "person's OpenVPN 2.6, split tunnel on",
  splitOff: "person's OpenVPN 2.6, split tunnel off, to the WPC",
  internet: '… the same, to the internet',
  bystander: 'host that the change does not concern',
} as const;

export type Column = keyof typeof columns;

/** flowsOf says which flow stands for which column. */
export function flowsOf({ bob, alice, observer }: Endpoints): Readonly<Record<Column, FlowPlan>> {
  const from = observer.machine;
  return {
    ownLane: { from, to: headquarters.server },
    sharedLane: { from, to: plantPrefix.host },
    withoutUdp: { from, to: branch.server },
    stockConnector: { from, to: stockPrefix.host },
    splitOn: { from: bob.computer, to: observer.address },
    splitOff: { from: alice.computer, to: observer.address },
    internet: { from: alice.computer, to: internetServiceAddress },
    bystander: { from, to: gatewayAddress },
  };
}

/** buildEndpoints gives them all connected; that packets pass is for the caller to await. */
export async function buildEndpoints(world: World): Promise<Endpoints> {
  const ground = await buildGround(world);
  const [hqSite, branchSite] = await Promise.all([
    buildSite(world, ground.internet, headquarters),
    buildSite(world, ground.internet, branch),
  ]);
  await startInternetService(ground.internet.router);
  return ground.region.explain(connectAll(ground, hqSite, branchSite));
}

/** Ground is what everything else is connected to. */
export type Ground = Pick<Endpoints, 'world' | 'internet' | 'region' | 'administrator'>;

/** buildGround starts an installation; `times` as of the lab (shapes/region.ts). */
export async function buildGround(world: World, times?: GatewayTimes): Promise<Ground> {
  const internet = await buildInternet(world);
  const region = await buildRegion(world, internet, times);
  return { world, internet, region, administrator: await Administrator.signIn(internet.router, region) };
}

/** connectHq gives HQ a connector with our agent on a lane of its own, and a second one that is not installed yet on its machine. */
export async function connectHq({ world, administrator }: Ground, site: Site): Promise<Endpoints['hq']> {
  const second = await world.machine('hq-second');
  await joinSite(world, site, headquarters, second, secondHqConnector);
  const network = await addNetwork(administrator, 'HQ Network', headquarters.prefix, 'hq-1');
  await installConnector(administrator, network.connector.id, site.connector);
  const path = `/api/v1/networks/connectors?networkId=${network.id}`;
  const connector = { name: 'hq-2', vpnRegionId: labRegion };
  const { id } = await administrator.must(z.object({ id: z.string() }), 'POST', path, connector);
  return { ...site, network, second, secondConnector: id };
}

/** connectBranch gives Branch a connector with our agent on the shared TCP lane, since its provider lets no UDP pass. */
export async function connectBranch({ administrator }: Ground, site: Site): Promise<Endpoints['branch']> {
  await blockUdp(site.router);
  const network = await addNetwork(administrator, 'Branch Network', branch.prefix, 'branch-1');
  await installConnector(administrator, network.connector.id, site.connector);
  return { ...site, network };
}

async function connectAll(ground: Ground, hqSite: Site, branchSite: Site): Promise<Endpoints> {
  const { world, administrator } = ground;
  const hq = await connectHq(ground, hqSite);
  const connectedBranch = await connectBranch(ground, branchSite);
  const observer = await buildObserver(ground);
  const exits = await buildExits(ground);
  await setEgress(administrator, exits[0].network.id, true);
  const stock = await connectStock(ground);
  const plant = await connectPlant(ground, await connectorOn(hq.connector));
  const depot = await world.machine('depot');
  await connectToInternet(world, ground.internet, depot, '198.19.3.');
  await depot.ip(`addr add ${depotPrefix.host}/32 dev lo`);

  return {
    ...ground,
    hq,
    branch: connectedBranch,
    plant,
    stock,
    exits,
    depot,
    observer,
    bob: await buildConnectedPerson(ground, 'bob', '192.0.2.', 'SPLIT_TUNNEL_ON'),
    alice: await buildConnectedPerson(ground, 'alice', '192.0.3.', 'SPLIT_TUNNEL_OFF'),
  };
}

/** buildExits gives two connected networks at the internet, none of them an internet gateway yet. */
export async function buildExits(ground: Ground): Promise<Endpoints['exits']> {
  const exits = [
    await buildOutpost(ground, 'exit-a', '198.19.1.', { prefix: '172.21.1.0/24', host: '172.21.1.20' }),
    await buildOutpost(ground, 'exit-b', '198.19.2.', { prefix: '172.21.2.0/24', host: '172.21.2.20' }),
  ] as const;
  for (const { machine, network } of exits) await installConnector(ground.administrator, network.connector.id, machine);
  return exits;
}

/** setEgress makes a network an internet gateway, or takes that back. What else it is stays. */
export async function setEgress(administrator: Administrator, network: string, egress: boolean): Promise<void> {
  const { name } = await administrator.must(z.object({ name: z.string() }), 'GET', `/api/v1/networks/${network}`);
  await administrator.must(z.unknown(), 'PUT', `/api/v1/networks/${network}`, { name, egress });
}

export type InternetAccess = 'SPLIT_TUNNEL_ON' | 'SPLIT_TUNNEL_OFF' | 'RESTRICTED_INTERNET';

/** setInternetAccess changes a user group; `gatewaysIds` empty: any internet gateway. */
export async function setInternetAccess(
  administrator: Administrator,
  group: string,
  internetAccess: InternetAccess,
  gatewaysIds: readonly string[] = [],
): Promise<void> {
  await administrator.must(z.unknown(), 'PUT', `/api/v1/user-groups/${group}`, { internetAccess, gatewaysIds });
}

/** exitOf asks the service on the internet whom it sees: the internet gateway by which a person's traffic leaves. */
export async function exitOf({ alice, exits }: Pick<Endpoints, 'alice' | 'exits'>): Promise<Outpost> {
  return awaitCondition('Alice reaches the service on the internet by an internet gateway', async () => {
    const page = await alice.computer.must(['curl', '-sS', '--max-time', '2', `http://${internetServiceAddress}/`]);
    return exits.find(({ publicAddress }) => page.trim().endsWith(publicAddress));
  });
}

/** buildObserver gives a host with a connector of its own on a lane of its own: where flows begin or end. */
export async function buildObserver({ world, internet, administrator }: Ground): Promise<Endpoints['observer']> {
  const made = await administrator.must(
    z.object({ connectors: z.array(z.object({ id: z.string(), ipV4Address: z.string() })) }),
    'POST',
    '/api/v1/hosts',
    { name: 'Observer', connectors: [{ name: 'observer-1', vpnRegionId: labRegion }] },
  );
  const [connector] = made.connectors;
  if (connector === undefined) throw new Error('the answer has no connector');
  const machine = await world.machine('observer');
  await connectToInternet(world, internet, machine, '198.19.4.');
  await installConnector(administrator, connector.id, machine, '', 'hosts');
  return { machine, address: connector.ipV4Address };
}

async function buildOutpost(
  { world, internet, administrator }: Ground,
  name: string,
  publicSubnet: `${string}.`,
  served: { readonly prefix: string; readonly host: string },
): Promise<Outpost> {
  const machine = await world.machine(name);
  const publicAddress = await connectToInternet(world, internet, machine, publicSubnet);
  await machine.ip(`addr add ${served.host}/32 dev lo`);
  return { machine, publicAddress, network: await addNetwork(administrator, name, served.prefix, `${name}-1`) };
}

/** connectStock gives a network whose connector is a stock openvpn. */
export async function connectStock(ground: Ground): Promise<Outpost> {
  const { administrator } = ground;
  const stock = await buildOutpost(ground, 'stock', '198.19.0.', stockPrefix);
  const path = `/api/v1/networks/connectors/${stock.network.connector.id}/profile`;
  const client = await startClient(stock.machine, await administrator.must(z.string(), 'POST', path), clientDevice);
  await awaitRoutes(stock.machine, client, clientDevice, [wpcRange]);
  return stock;
}

/** connectPlant gives a network whose connector (our agent) found no lane free; whoever comes after it finds none either. */
export async function connectPlant(ground: Ground, anyConnector: ConnectorId): Promise<Outpost> {
  await lanesRunOut(ground.region, anyConnector);
  const plant = await buildOutpost(ground, 'plant', '198.19.6.', plantPrefix);
  await installConnector(ground.administrator, plant.network.connector.id, plant.machine);
  return plant;
}

/** buildConnectedPerson gives somebody at home with a group of their own. */
export async function buildConnectedPerson(
  { world, internet, administrator }: Ground,
  name: string,
  publicSubnet: `${string}.`,
  access: InternetAccess,
): Promise<ConnectedPerson> {
  const { computer } = await buildPerson(world, internet, name, publicSubnet);
  const group = await addGroup(administrator, `Group of ${name}`);
  if (access !== 'SPLIT_TUNNEL_ON') await setInternetAccess(administrator, group.id, access);
  const user = await addUser(administrator, name, group.id);
  const device = await addDevice(administrator, user, 'laptop');
  const client = await startClient(computer, await fetchProfile(administrator, device), clientDevice);
  await awaitRoutes(computer, client, clientDevice, access === 'SPLIT_TUNNEL_ON' ? [wpcRange] : ['0.0.0.0/1']);
  return { computer, user, group: group.id, device };
}
