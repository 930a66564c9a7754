import { listIn, isRecord, oneIn } from './printed-answers.ts';
import type { VendorCommands } from './vendor-commands.ts';
import { asked } from './vendor-commands.ts';

const inVpc = '--filters "Name=vpc-id,Values=$vpc" --output json';

export const awsCommands: VendorCommands = {
  tool: 'aws',
  signedIn: 'the AWS CLI is signed in, as in AWS CloudShell',
  permissions: [
    'ec2:DescribeVpcs',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DescribeRouteTables',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeNetworkAcls',
  ],
  find: (site) => {
    const region = site.known('region');
    const card = site.known('networkInterface');
    const which =
      card === undefined
        ? `--filters Name=addresses.private-ip-address,Values=${site.address()}`
        : `--network-interface-ids ${card}`;
    return [
      ...(region === undefined ? [] : [`export AWS_REGION=${region}`]),
      `vpc=$(aws ec2 describe-network-interfaces ${which} --query 'NetworkInterfaces[0].VpcId' --output text)`,
      '[ "$vpc" != None ] || vpc=',
    ];
  },
  checked: ['vpc'],
  parts: asked({
    vpc: 'aws ec2 describe-vpcs --vpc-ids "$vpc" --output json',
    networkInterfaces: `aws ec2 describe-network-interfaces ${inVpc}`,
    subnets: `aws ec2 describe-subnets ${inVpc}`,
    routeTables: `aws ec2 describe-route-tables ${inVpc}`,
    securityGroups: `aws ec2 describe-security-groups ${inVpc}`,
    networkAcls: `aws ec2 describe-network-acls ${inVpc}`,
  }),
  notes: ['Prefix lists, gateways, peerings and firewalls behind them are not read.'],
};

/** awsPrinted: the VPC itself may be refused; its interfaces name it. */
export function awsPrinted(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const networkInterfaces = listIn(raw['networkInterfaces'], 'NetworkInterfaces');
  const [first] = networkInterfaces ?? [];
  const named = isRecord(first) && typeof first['VpcId'] === 'string' ? { VpcId: first['VpcId'] } : null;
  return {
    vpc: oneIn(raw['vpc'], 'Vpcs') ?? named,
    networkInterfaces,
    subnets: listIn(raw['subnets'], 'Subnets'),
    routeTables: listIn(raw['routeTables'], 'RouteTables'),
    securityGroups: listIn(raw['securityGroups'], 'SecurityGroups'),
    networkAcls: listIn(raw['networkAcls'], 'NetworkAcls'),
  };
}
