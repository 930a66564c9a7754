import { z } from 'zod';
import type {
  CloudState,
  FilterRule,
  NetworkCard,
  Peer,
  Route,
  RouteTable,
  Subnet,
  Target,
} from '../../core/trace/cloud/cloud-state.ts';
import { filterRule } from '../../core/trace/cloud/vendors.ts';
import { filterProtocol } from './filter-protocol.ts';
import { flag, many, maybe, number, text } from './vendor-schema.ts';
import { addressTexts, portsText, prefixText, prefixTexts } from './vendor-values.ts';

const tags = many(z.object({ Key: text, Value: text }));

const permission = z.object({
  IpProtocol: text,
  FromPort: number,
  ToPort: number,
  IpRanges: many(z.object({ CidrIp: text })),
  Ipv6Ranges: many(z.object({ CidrIpv6: text })),
  UserIdGroupPairs: many(z.object({ GroupId: text })),
  PrefixListIds: many(z.object({ PrefixListId: text })),
});

const entry = z.object({
  RuleNumber: z.number(),
  RuleAction: z.enum(['allow', 'deny']),
  Egress: z.boolean(),
  Protocol: z.string(),
  CidrBlock: text,
  Ipv6CidrBlock: text,
  PortRange: maybe(z.object({ From: z.number(), To: z.number() })),
  IcmpTypeCode: maybe(z.object({ Type: number })),
});

const route = z.object({
  DestinationCidrBlock: text,
  DestinationIpv6CidrBlock: text,
  DestinationPrefixListId: text,
  GatewayId: text,
  NatGatewayId: text,
  EgressOnlyInternetGatewayId: text,
  NetworkInterfaceId: text,
  InstanceId: text,
  TransitGatewayId: text,
  VpcPeeringConnectionId: text,
  LocalGatewayId: text,
  CarrierGatewayId: text,
  CoreNetworkArn: text,
  State: text,
  Origin: text,
});

/** awsAnswers are the answers of EC2's Describe calls for one VPC, as its SDK gives them; null where a call was not allowed. */
export const awsAnswers = z.object({
  vpc: z.object({
    VpcId: z.string(),
    CidrBlock: text,
    CidrBlockAssociationSet: many(z.object({ CidrBlock: text })),
    Ipv6CidrBlockAssociationSet: many(z.object({ Ipv6CidrBlock: text })),
    Tags: tags,
  }),
  networkInterfaces: z.array(
    z.object({
      NetworkInterfaceId: z.string(),
      SubnetId: text,
      PrivateIpAddresses: many(z.object({ PrivateIpAddress: text, Primary: flag })),
      Ipv6Addresses: many(z.object({ Ipv6Address: text })),
      SourceDestCheck: flag,
      Groups: many(z.object({ GroupId: z.string() })),
      Attachment: maybe(z.object({ InstanceId: text })),
      TagSet: tags,
    }),
  ),
  subnets: z.array(
    z.object({
      SubnetId: z.string(),
      CidrBlock: text,
      Ipv6CidrBlockAssociationSet: many(z.object({ Ipv6CidrBlock: text })),
      Tags: tags,
    }),
  ),
  routeTables: z
    .array(
      z.object({
        RouteTableId: z.string(),
        Associations: many(z.object({ Main: flag, SubnetId: text })),
        Routes: many(route),
        Tags: tags,
      }),
    )
    .nullable(),
  securityGroups: z
    .array(
      z.object({
        GroupId: z.string(),
        GroupName: text,
        IpPermissions: many(permission),
        IpPermissionsEgress: many(permission),
      }),
    )
    .nullable(),
  networkAcls: z
    .array(z.object({ NetworkAclId: z.string(), Associations: many(z.object({ SubnetId: text })), Entries: many(entry) }))
    .nullable(),
});
type AwsAnswers = z.infer<typeof awsAnswers>;

/** fromAws makes a state of them. `at` is when they were asked for, ISO 8601. */
export function fromAws(answers: AwsAnswers, at: string): CloudState {
  const { vpc, networkInterfaces, subnets, routeTables, securityGroups, networkAcls } = answers;
  const groups = securityGroups?.map(({ GroupId, GroupName, IpPermissions, IpPermissionsEgress }) => ({
    id: GroupId,
    label: labelOf(GroupId, GroupName),
    rules: [...IpPermissions.map((each) => groupRule(each, 'in')), ...IpPermissionsEgress.map((each) => groupRule(each, 'out'))],
  }));
  const acls = networkAcls?.map(({ NetworkAclId, Entries }) => ({
    id: NetworkAclId,
    label: NetworkAclId,
    rules: Entries.map(aclRule),
  }));
  return {
    cloud: 'aws',
    id: vpc.VpcId,
    label: labelOf(vpc.VpcId, nameIn(vpc.Tags)),
    reading: { from: 'api', at },
    ranges: rangesOf(answers),
    cards: networkInterfaces.map(cardOf),
    subnets: subnets.map((subnet) => subnetOf(subnet, routeTables, networkAcls)),
    tables: routeTables?.map(tableOf) ?? null,
    // What was not read has no entry, and a filter without entry counts as not read.
    filters: groups === undefined && acls === undefined ? null : [...(groups ?? []), ...(acls ?? [])],
  };
}

/** Where the VPC itself may not be read, its route tables name its ranges: each has a local route to every one. */
function rangesOf({ vpc, routeTables }: AwsAnswers): CloudState['ranges'] {
  const blocks = [vpc.CidrBlock, ...vpc.CidrBlockAssociationSet.map(({ CidrBlock }) => CidrBlock)];
  const blocks6 = vpc.Ipv6CidrBlockAssociationSet.map(({ Ipv6CidrBlock }) => Ipv6CidrBlock);
  const said = prefixTexts([...blocks, ...blocks6]);
  const local = (routeTables ?? []).flatMap(({ Routes }) => Routes.filter(({ GatewayId }) => GatewayId === 'local'));
  const ranges =
    said.length > 0 ? said : prefixTexts(local.flatMap((each) => [each.DestinationCidrBlock, each.DestinationIpv6CidrBlock]));
  return ranges.length === 0 ? null : [...new Set(ranges)];
}

function cardOf(each: AwsAnswers['networkInterfaces'][number]): NetworkCard {
  const addresses = each.PrivateIpAddresses.toSorted((a, b) => Number(b.Primary === true) - Number(a.Primary === true));
  const instance = each.Attachment?.InstanceId ?? null;
  return {
    id: each.NetworkInterfaceId,
    label: labelOf(each.NetworkInterfaceId, nameIn(each.TagSet)),
    aliases: instance === null ? [] : [instance],
    addresses: addressTexts([
      ...addresses.map(({ PrivateIpAddress }) => PrivateIpAddress),
      ...each.Ipv6Addresses.map(({ Ipv6Address }) => Ipv6Address),
    ]),
    subnet: each.SubnetId ?? null,
    forwards: each.SourceDestCheck === null ? null : !each.SourceDestCheck,
    refusal: null,
    filters: each.Groups.map(({ GroupId }) => GroupId),
    tags: [],
  };
}

function subnetOf(
  { SubnetId, CidrBlock, Ipv6CidrBlockAssociationSet, Tags }: AwsAnswers['subnets'][number],
  tables: AwsAnswers['routeTables'],
  acls: AwsAnswers['networkAcls'],
): Subnet {
  const own = tables?.find(({ Associations }) => Associations.some((association) => association.SubnetId === SubnetId));
  const acl = acls?.find(({ Associations }) => Associations.some((association) => association.SubnetId === SubnetId));
  return {
    id: SubnetId,
    label: labelOf(SubnetId, nameIn(Tags)),
    prefixes: prefixTexts([CidrBlock, ...Ipv6CidrBlockAssociationSet.map(({ Ipv6CidrBlock }) => Ipv6CidrBlock)]),
    table: tables === null ? null : own === undefined ? { kind: 'default' } : { kind: 'own', id: own.RouteTableId },
    // Every subnet has one; where none names it, the answer was not whole.
    filters: acl === undefined ? null : [acl.NetworkAclId],
  };
}

function tableOf({ RouteTableId, Associations, Routes, Tags }: NonNullable<AwsAnswers['routeTables']>[number]): RouteTable {
  return {
    id: RouteTableId,
    label: labelOf(RouteTableId, nameIn(Tags)),
    main: Associations.some(({ Main }) => Main === true),
    routes: Routes.map(routeOf),
  };
}

function routeOf(each: z.infer<typeof route>): Route {
  const destination = each.DestinationCidrBlock ?? each.DestinationIpv6CidrBlock;
  return {
    destination: destination === null ? null : (prefixText(destination) ?? null),
    target: targetOf(each),
    state: each.State === 'blackhole' ? 'dead' : 'active',
    origin: each.GatewayId === 'local' ? 'system' : each.Origin === 'EnableVgwRoutePropagation' ? 'propagated' : 'user',
    priority: null,
    tags: null,
  };
}

/** A route to an instance names its interface too, which is what counts. */
function targetOf(each: z.infer<typeof route>): Target {
  const card = each.NetworkInterfaceId ?? each.InstanceId;
  if (card !== null) return { kind: 'card', name: card };
  const gateway = each.GatewayId;
  if (gateway === 'local') return { kind: 'local' };
  if (gateway?.startsWith('vpce-') === true) return { kind: 'service', name: gateway };
  const internet = gateway?.startsWith('igw-') === true ? gateway : (each.NatGatewayId ?? each.EgressOnlyInternetGatewayId);
  if (internet !== null) return { kind: 'internet', name: internet };
  const elsewhere =
    each.TransitGatewayId ?? each.VpcPeeringConnectionId ?? each.LocalGatewayId ?? each.CarrierGatewayId ?? each.CoreNetworkArn;
  return { kind: 'elsewhere', name: elsewhere ?? gateway ?? 'a gateway that was not named' };
}

function groupRule(each: z.infer<typeof permission>, direction: FilterRule['direction']): FilterRule {
  const peers: readonly Peer[] = [
    ...prefixTexts([...each.IpRanges.map(({ CidrIp }) => CidrIp), ...each.Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6)]).map(
      (prefix): Peer => ({ kind: 'prefix', prefix }),
    ),
    ...each.UserIdGroupPairs.flatMap(({ GroupId }): Peer[] => (GroupId === null ? [] : [{ kind: 'group', id: GroupId }])),
    ...each.PrefixListIds.flatMap(({ PrefixListId }): Peer[] =>
      PrefixListId === null ? [] : [{ kind: 'named', name: PrefixListId }],
    ),
  ];
  const protocol = filterProtocol(each.IpProtocol ?? '-1');
  const isIcmp = protocol === 'icmp';
  const from = each.FromPort ?? -1;
  const ports = isIcmp || from === -1 ? null : [{ from, to: each.ToPort ?? from }];
  const names = peers.map(peerText).join(', ');
  const what = protocol === 'any' ? 'all' : (each.IpProtocol ?? '');
  return filterRule({
    text: `${what}${portsText(ports)} ${direction === 'in' ? 'from' : 'to'} ${names === '' ? 'nobody' : names}`,
    direction,
    protocol,
    peers,
    ports,
    icmpType: isIcmp && from !== -1 ? from : null,
  });
}

function aclRule(each: z.infer<typeof entry>): FilterRule {
  const protocol = filterProtocol(each.Protocol);
  const ports = each.PortRange === null ? null : [{ from: each.PortRange.From, to: each.PortRange.To }];
  const prefixes = prefixTexts([each.CidrBlock, each.Ipv6CidrBlock]);
  const type = each.IcmpTypeCode?.Type ?? -1;
  const [way, direction] = each.Egress ? (['to', 'out'] as const) : (['from', 'in'] as const);
  const what = `${protocol === 'any' ? 'all' : protocol}${portsText(ports)} ${way} ${prefixes.join(', ')}`;
  return filterRule({
    text: `${each.RuleNumber === 32_767 ? '*' : String(each.RuleNumber)} ${each.RuleAction} ${what}`,
    direction,
    action: each.RuleAction,
    order: each.RuleNumber,
    protocol,
    peers: prefixes.map((prefix) => ({ kind: 'prefix', prefix })),
    ports,
    icmpType: type === -1 ? null : type,
  });
}

/** By name in groups, by number in ACLs. */
function peerText(peer: Peer): string {
  switch (peer.kind) {
    case 'prefix':
      return peer.prefix;
    case 'group':
      return peer.id;
    case 'tag':
      return peer.tag;
    case 'card':
    case 'named':
      return peer.name;
  }
}

function nameIn(list: readonly { readonly Key: string | null; readonly Value: string | null }[]): string | null {
  return list.find(({ Key }) => Key === 'Name')?.Value ?? null;
}

function labelOf(id: string, name: string | null): string {
  return name === null || name === '' ? id : `${id} (${name})`;
}
