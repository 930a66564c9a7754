import {
  AssociateRouteTableCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteRouteCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
} from '@aws-sdk/client-ec2';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AddressText } from '../../core/ip/address.ts';
import { strictAddress } from '../../core/ip/address.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import type { CloudState } from '../../core/trace/cloud/cloud-state.ts';
import { cloudDelivers } from '../../core/trace/cloud/deliver.ts';
import { awsReader } from './aws-reader.ts';
import type { Moto } from './test-moto.ts';
import { startMoto } from './test-moto.ts';

const client = '100.96.0.13';
const connector = '10.0.0.10';
const server = '10.0.1.20';
const wpc = '100.96.0.0/11';

/** The route and the check of the card are set up and broken in the vendor's own words, against moto; what is read has to say what is wrong. */
describe('awsReader, against moto', () => {
  let moto: Moto;
  let ec2: EC2Client;
  let site: Awaited<ReturnType<typeof makeSite>>;

  before(async () => {
    moto = await startMoto();
    // moto asks for no credentials and the SDK does.
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
    ec2 = new EC2Client({ endpoint: moto.endpoint, region: 'eu-central-1' });
    site = await makeSite(ec2);
  });
  after(() => {
    ec2.destroy();
    moto.stop();
  });

  const read = async (): Promise<CloudState> =>
    awsReader({ endpoint: moto.endpoint, now: () => '2026-11-27T08:00:00.000Z' }).read({
      connector: connector as AddressText,
      card: site.card,
      region: 'eu-central-1',
    });

  it('names one fault after the other as each is mended: route, check of the card, group of the connector', async () => {
    assert.equal(wayBack(await read()), 'VPC-NO-ROUTE');
    await ec2.send(new CreateRouteCommand({ RouteTableId: site.main, DestinationCidrBlock: wpc, NetworkInterfaceId: site.card }));
    assert.equal(wayBack(await read()), 'SDC-ON');
    await ec2.send(
      new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: site.card, SourceDestCheck: { Value: false } }),
    );
    assert.equal(wayBack(await read()), 'SG-CONNECTOR-IN');
    const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/16' }] }];
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: site.connectorGroup, IpPermissions }));
    assert.equal(wayBack(await read()), connector);
  });

  it('says that the subnet has a table of its own, in which the route is not', async () => {
    const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: site.vpc }));
    assert.ok(RouteTable?.RouteTableId);
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId: RouteTable.RouteTableId, SubnetId: site.servers }));
    assert.equal(wayBack(await read()), 'VPC-WRONG-TABLE');
    await ec2.send(
      new CreateRouteCommand({
        RouteTableId: RouteTable.RouteTableId,
        DestinationCidrBlock: wpc,
        NetworkInterfaceId: site.card,
      }),
    );
    assert.equal(wayBack(await read()), connector);
    await ec2.send(new DeleteRouteCommand({ RouteTableId: RouteTable.RouteTableId, DestinationCidrBlock: wpc }));
  });

  it('reads security groups with their references', async () => {
    assert.equal(wayThere(await read(), client), 'SG-REF-LOST');
    assert.equal(wayThere(await read(), connector), server);
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: site.group,
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: wpc }] }],
      }),
    );
    assert.equal(wayThere(await read(), client), server);
  });

  it('reads the whole of a VPC', async () => {
    const state = await read();
    assert.deepEqual(state.ranges, ['10.0.0.0/16']);
    assert.deepEqual(state.cards.map(({ addresses }) => addresses.join()).toSorted(), [connector, server]);
    assert.ok(state.subnets.every(({ filters }) => filters?.length === 1));
  });

  it('refuses a card that is not there', async () => {
    const reader = awsReader({ endpoint: moto.endpoint, now: () => '' });
    await assert.rejects(
      reader.read({ connector: '10.9.9.9' as AddressText, card: null, region: 'eu-central-1' }),
      /No network interface with the address 10\.9\.9\.9 was found/,
    );
  });
});

async function makeSite(ec2: EC2Client) {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const vpc = Vpc?.VpcId ?? '';
  const subnet = async (CidrBlock: string) =>
    (await ec2.send(new CreateSubnetCommand({ VpcId: vpc, CidrBlock }))).Subnet?.SubnetId ?? '';
  const [connectors, servers] = [await subnet('10.0.0.0/24'), await subnet('10.0.1.0/24')];
  const group = async (GroupName: string) =>
    (await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: GroupName, VpcId: vpc }))).GroupId ?? '';
  const [ofConnector, ofServers] = [await group('connector'), await group('servers')];
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: ofServers,
      IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: ofConnector }] }],
    }),
  );
  const card = async (SubnetId: string, PrivateIpAddress: string, sg: string) =>
    (await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, PrivateIpAddress, Groups: [sg] }))).NetworkInterface
      ?.NetworkInterfaceId ?? '';
  const own = await card(connectors, connector, ofConnector);
  await card(servers, server, ofServers);
  const state = await awsReader({ endpoint: String(await endpointOf(ec2)), now: () => '' }).read({
    connector: connector as AddressText,
    card: own,
    region: 'eu-central-1',
  });
  const main = state.tables?.find((table) => table.main)?.id ?? '';
  return { vpc, servers, card: own, group: ofServers, connectorGroup: ofConnector, main };
}

async function endpointOf(ec2: EC2Client): Promise<string> {
  const endpoint = await ec2.config.endpoint?.();
  return endpoint === undefined ? '' : `${endpoint.protocol}//${endpoint.hostname}:${String(endpoint.port)}`;
}

/** wayBack is where a packet of the server's ends, or why. */
function wayBack(state: CloudState): string {
  return way(state, server, { source: server, destination: client });
}

function wayThere(state: CloudState, source: string): string {
  return way(state, connector, { source, destination: server });
}

function way(state: CloudState, sender: string, { source, destination }: { source: string; destination: string }): string {
  const delivery = cloudDelivers(state, {
    packet: {
      source: strictAddress(source),
      destination: strictAddress(destination),
      protocol: 'tcp',
      sourcePort: 40_000,
      destinationPort: 443,
      kind: 'syn',
      bytes: 60,
      dontFragment: true,
      ttl: 62,
    },
    sender: strictAddress(sender),
    connectors: [strictAddress(connector)],
    wanted: [wpc as PrefixText],
    memory: new Map(),
  });
  const codes = [...delivery.sender, ...delivery.router, ...delivery.receiver].flatMap(({ cause }) => cause?.code ?? []);
  if (delivery.outcome.kind === 'delivered') return delivery.outcome.to;
  return codes.join() || `${delivery.outcome.kind}`;
}
