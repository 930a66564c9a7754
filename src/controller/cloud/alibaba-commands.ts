import { documentsOf, inEnvelope, isRecord, listIn, oneIn } from './printed-answers.ts';
import type { VendorCommands } from './vendor-commands.ts';

const inVpc = '--RegionId "$region" --VpcId "$vpc"';

/** `aliyun` has no way to print one field alone. */
const idsIn = (field: string) => `tr ',{}' '\\n' | sed -n 's/.*"${field}": *"\\([^"]*\\)".*/\\1/p' | sort -u`;

export const alibabaCommands: VendorCommands = {
  tool: 'aliyun',
  signedIn: 'aliyun is signed in, as in Cloud Shell',
  permissions: [
    'vpc:DescribeVpcs',
    'vpc:DescribeVSwitches',
    'vpc:DescribeRouteEntryList',
    'ecs:DescribeNetworkInterfaces',
    'ecs:DescribeSecurityGroups',
    'ecs:DescribeSecurityGroupAttribute',
  ],
  find: (site) => [
    `region=${site.name('region', 'the region of the VPC')}`,
    `vpc=$(aliyun ecs DescribeNetworkInterfaces --RegionId "$region" --PrivateIpAddress.1 ${site.address()} | ${idsIn('VpcId')} | head -n 1)`,
    `tables=$(aliyun vpc DescribeVSwitches ${inVpc} --PageSize 50 | ${idsIn('RouteTableId')})`,
    `groups=$(aliyun ecs DescribeSecurityGroups ${inVpc} --MaxResults 100 | ${idsIn('SecurityGroupId')})`,
  ],
  checked: ['vpc'],
  parts: [
    { part: 'vpc', commands: [{ ask: 'aliyun vpc DescribeVpcs --RegionId "$region" --VpcId "$vpc"' }] },
    { part: 'vSwitches', commands: [{ ask: `aliyun vpc DescribeVSwitches ${inVpc} --PageSize 50` }] },
    { part: 'networkInterfaces', commands: [{ ask: `aliyun ecs DescribeNetworkInterfaces ${inVpc} --MaxResults 500` }] },
    {
      part: 'routeTables',
      commands: [
        {
          ask: 'aliyun vpc DescribeRouteEntryList --RegionId "$region" --RouteTableId "$id" --MaxResult 500',
          each: 'tables',
        },
      ],
    },
    {
      part: 'securityGroups',
      commands: [
        { ask: `aliyun ecs DescribeSecurityGroups ${inVpc} --MaxResults 100` },
        { ask: 'aliyun ecs DescribeSecurityGroupAttribute --RegionId "$region" --SecurityGroupId "$id"', each: 'groups' },
      ],
    },
  ],
  notes: ['Network ACLs are not read, nor more than 50 vSwitches, 500 network interfaces and 100 security groups.'],
};

/** alibabaPrinted: the kind of a security group and its rules come from two calls, and the entries of a route table without their table. */
export function alibabaPrinted(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    vpc: oneIn(raw['vpc'], 'Vpcs.Vpc'),
    vSwitches: listIn(raw['vSwitches'], 'VSwitches.VSwitch'),
    networkInterfaces: listIn(raw['networkInterfaces'], 'NetworkInterfaceSets.NetworkInterfaceSet'),
    routeTables:
      documentsOf(raw['routeTables'])
        ?.filter(({ answer }) => isLast(answer))
        .flatMap(({ of, answer }) =>
          of !== null && isRecord(answer) ? [{ RouteTableId: of, ...answer }] : inEnvelope(answer, 'RouteTables.RouteTable'),
        ) ?? null,
    securityGroups: groupsOf(raw['securityGroups']),
  };
}

/** A group whose rules were not read, or not all of them, is left out: with too few rules it would let too little in. */
function groupsOf(part: unknown): readonly unknown[] | null {
  const documents = documentsOf(part);
  if (documents === null) return null;
  const found = documents
    .filter(({ of, answer }) => of === null || isLast(answer))
    .flatMap(({ answer }) => inEnvelope(answer, 'SecurityGroups.SecurityGroup'));
  const merged = [...Map.groupBy(found, (group) => (isRecord(group) ? group['SecurityGroupId'] : undefined)).values()].map(
    (parts) => (parts.length > 1 && parts.every(isRecord) ? Object.assign({}, ...parts) : parts[0]) as unknown,
  );
  return merged.filter((group) => !isRecord(group) || 'Permissions' in group);
}

/** What is cut off has a token for the next page: a table or group of which a part is known is not known. */
function isLast(answer: unknown): boolean {
  const token = isRecord(answer) ? answer['NextToken'] : undefined;
  return token === undefined || token === null || token === '';
}
