import { z } from 'zod';
import type { CloudState, FilterRule, Peer, Route, Target } from '../../core/trace/cloud/cloud-state.ts';
import { anywhere, filterRule } from '../../core/trace/cloud/vendors.ts';
import { filterProtocol } from './filter-protocol.ts';
import { flag, many, maybe, text } from './vendor-schema.ts';
import { addressTexts, portRange, portsText, prefixText, prefixTexts } from './vendor-values.ts';

/** Lists stand one level deeper: `{RouteEntrys: {RouteEntry: []}}`. */
const hop = z.object({ NextHopType: text, NextHopId: text });
const entry = z.object({
  DestinationCidrBlock: text,
  Status: text,
  Type: text,
  NextHops: maybe(z.object({ NextHop: many(hop) })),
});

const permission = z.object({
  Direction: z.enum(['ingress', 'egress']),
  IpProtocol: z.string(),
  PortRange: text,
  SourceCidrIp: text,
  SourceGroupId: text,
  DestCidrIp: text,
  DestGroupId: text,
  Policy: z.string(),
  Priority: z.coerce.number(),
});

/** alibabaAnswers are those of the Describe calls of VPC and ECS for one VPC; null where they may not be read. */
export const alibabaAnswers = z.object({
  vpc: z.object({
    VpcId: z.string(),
    VpcName: text,
    CidrBlock: text,
    SecondaryCidrBlocks: maybe(z.object({ SecondaryCidrBlock: many(z.string()) })),
  }),
  vSwitches: z.array(
    z.object({
      VSwitchId: z.string(),
      VSwitchName: text,
      CidrBlock: text,
      RouteTable: maybe(z.object({ RouteTableId: text })),
    }),
  ),
  networkInterfaces: z.array(
    z.object({
      NetworkInterfaceId: z.string(),
      NetworkInterfaceName: text,
      InstanceId: text,
      VSwitchId: text,
      PrivateIpSets: maybe(z.object({ PrivateIpSet: many(z.object({ PrivateIpAddress: text, Primary: flag })) })),
      SecurityGroupIds: maybe(z.object({ SecurityGroupId: many(z.string()) })),
    }),
  ),
  routeTables: z
    .array(
      z.object({
        RouteTableId: z.string(),
        RouteTableType: text,
        RouteEntrys: maybe(z.object({ RouteEntry: many(entry) })),
      }),
    )
    .nullable(),
  securityGroups: z
    .array(
      z.object({
        SecurityGroupId: z.string(),
        SecurityGroupName: text,
        InnerAccessPolicy: text,
        SecurityGroupType: text,
        Permissions: maybe(z.object({ Permission: many(permission) })),
      }),
    )
    .nullable(),
});
type AlibabaAnswers = z.infer<typeof alibabaAnswers>;

/** fromAlibaba makes a state of them. Network ACLs are not among the answers, so they stay unread. */
export function fromAlibaba(answers: AlibabaAnswers, at: string): CloudState {
  const { vpc, vSwitches, networkInterfaces, routeTables, securityGroups } = answers;
  return {
    cloud: 'alibaba',
    id: vpc.VpcId,
    label: vpc.VpcName ?? vpc.VpcId,
    reading: { from: 'api', at },
    ranges: prefixTexts([vpc.CidrBlock, ...(vpc.SecondaryCidrBlocks?.SecondaryCidrBlock ?? [])]),
    cards: networkInterfaces.map((each) => {
      const own = (each.PrivateIpSets?.PrivateIpSet ?? []).toSorted(
        (a, b) => Number(b.Primary === true) - Number(a.Primary === true),
      );
      return {
        id: each.NetworkInterfaceId,
        label: each.NetworkInterfaceName ?? each.NetworkInterfaceId,
        aliases: each.InstanceId === null ? [] : [each.InstanceId],
        addresses: addressTexts(own.map(({ PrivateIpAddress }) => PrivateIpAddress)),
        subnet: each.VSwitchId,
        // There is no such setting.
        forwards: null,
        refusal: null,
        filters: each.SecurityGroupIds?.SecurityGroupId ?? null,
        tags: [],
      };
    }),
    subnets: vSwitches.map(({ VSwitchId, VSwitchName, CidrBlock, RouteTable }) => ({
      id: VSwitchId,
      label: VSwitchName ?? VSwitchId,
      prefixes: prefixTexts([CidrBlock]),
      table:
        RouteTable?.RouteTableId === undefined || RouteTable.RouteTableId === null
          ? null
          : { kind: 'own', id: RouteTable.RouteTableId },
      filters: null,
    })),
    tables:
      routeTables?.map(({ RouteTableId, RouteTableType, RouteEntrys }) => ({
        id: RouteTableId,
        label: RouteTableId,
        main: RouteTableType === 'System',
        routes: (RouteEntrys?.RouteEntry ?? []).flatMap(routesOf),
      })) ?? null,
    filters:
      securityGroups?.map((group) => ({
        id: group.SecurityGroupId,
        label: group.SecurityGroupName ?? group.SecurityGroupId,
        rules: [...(group.Permissions?.Permission ?? []).map(ruleOf), ...ownRules(group)],
      })) ?? null,
  };
}

function routesOf({ DestinationCidrBlock, Status, Type, NextHops }: z.infer<typeof entry>): readonly Route[] {
  return (NextHops?.NextHop ?? []).map((each) => ({
    destination: DestinationCidrBlock === null ? null : (prefixText(DestinationCidrBlock) ?? null),
    target: targetOf(each),
    state: Status === 'Unavailable' ? 'dead' : 'active',
    origin: Type === 'System' ? 'system' : Type === 'BGP' ? 'propagated' : 'user',
    priority: null,
    tags: null,
  }));
}

function targetOf({ NextHopType, NextHopId }: z.infer<typeof hop>): Target {
  const name = NextHopId ?? NextHopType ?? 'a next hop that was not named';
  switch (NextHopType) {
    case 'local':
    case 'Local':
      return { kind: 'local' };
    case 'service':
      return { kind: 'service', name };
    case 'Instance':
    case 'NetworkInterface':
    case 'HaVip':
      return { kind: 'card', name };
    case 'NatGateway':
    case 'Ipv6Gateway':
      return { kind: 'internet', name };
    default:
      return { kind: 'elsewhere', name };
  }
}

function ruleOf(each: z.infer<typeof permission>): FilterRule {
  const isIn = each.Direction === 'ingress';
  const [cidr, group] = isIn ? [each.SourceCidrIp, each.SourceGroupId] : [each.DestCidrIp, each.DestGroupId];
  const isEvery = each.PortRange === null || each.PortRange === '-1/-1';
  const ports = isEvery ? null : [portRange(each.PortRange ?? '')].filter((range) => range !== undefined);
  const peers: readonly Peer[] = [
    ...prefixTexts([cidr === '' ? null : cidr]).map((prefix): Peer => ({ kind: 'prefix', prefix })),
    ...(group === null || group === '' ? [] : [{ kind: 'group', id: group } as const]),
  ];
  const action = each.Policy.toLowerCase() === 'accept' ? 'allow' : 'deny';
  const protocol = each.IpProtocol.toLowerCase();
  return filterRule({
    text: `${String(each.Priority)} ${each.Policy} ${protocol}${portsText(ports)} ${isIn ? 'from' : 'to'} ${cidr ?? ''}${group ?? ''}`,
    direction: isIn ? 'in' : 'out',
    action,
    order: each.Priority,
    protocol: filterProtocol(protocol),
    peers,
    ports,
  });
}

/** What the kind of a group adds: in a basic one members reach each other unless that is turned off; an advanced one lets nothing out. */
function ownRules({
  SecurityGroupId,
  InnerAccessPolicy,
  SecurityGroupType,
}: NonNullable<AlibabaAnswers['securityGroups']>[number]) {
  const rules: FilterRule[] = [];
  if (SecurityGroupType === 'enterprise') {
    rules.push(filterRule({ text: 'default: drop', direction: 'out', action: 'deny', order: 900_000, peers: anywhere }));
  } else if (InnerAccessPolicy !== 'Drop') {
    const peers: readonly Peer[] = [{ kind: 'group', id: SecurityGroupId }];
    rules.push(filterRule({ text: 'members of the group', direction: 'in', order: 900_000, peers }));
  }
  return rules;
}
