/**
 * src/core/platforms/clouds: providers whose route table, source check and packet filters stand where a LAN has its router. Facts are those
 * of the makers' documentation unless a note says otherwise; none was run.
 */
import { formatPrefix } from '../../ip/prefix.ts';
import type { Words } from '../platform.ts';
import { definePlatform, documented, unverified } from '../platform.ts';
import { matching, text } from '../safe-text.ts';
import { block, file, hcl, list } from '../terraform.ts';

const routeTable = matching(/^rtb-[0-9a-f]{8,17}$/, 'the id of a route table, like rtb-0123456789abcdef0');
const networkInterface = matching(/^eni-[0-9a-f]{8,17}$/, 'the id of a network interface, like eni-0123456789abcdef0');
const securityGroup = matching(/^sg-[0-9a-f]{8,17}$/, 'the id of a security group, like sg-0123456789abcdef0');
const region = matching(/^[a-z]{2}(?:-[a-z]+){1,2}-[0-9]$/, 'a region of AWS, like eu-central-1');

/** What goes into which group: sources to the servers, the LAN to the connector. */
function rules(words: Words): readonly { readonly group: string; readonly name: string; readonly cidr: string }[] {
  const toServers = words
    .values('serverSecurityGroups')
    .flatMap((group, index) =>
      words.sources.map((source) => ({ group, name: `servers_${String(index + 1)}`, cidr: formatPrefix(source) })),
    );
  const toConnector = words.given('connectorSecurityGroup')
    ? words.lan.map((prefix) => ({ group: words.value('connectorSecurityGroup'), name: 'connector', cidr: formatPrefix(prefix) }))
    : [];
  return [...toServers, ...toConnector];
}

function cli(words: Words) {
  const eni = words.value('networkInterface');
  const aws = words.given('region') ? `aws --region ${words.value('region')} ec2` : 'aws ec2';
  const perTable = (line: (table: string, destination: string) => string) =>
    words.values('routeTables').flatMap((table) => words.routes.map((route) => line(table, formatPrefix(route))));
  const permission = (cidr: string) => `'IpProtocol=-1,IpRanges=[{CidrIp=${cidr},Description=causeway}]'`;
  return {
    add: text(
      `# ${words.title}`,
      `${aws} modify-network-interface-attribute --network-interface-id ${eni} --no-source-dest-check`,
      perTable(
        (table, destination) =>
          `${aws} create-route --route-table-id ${table} --destination-cidr-block ${destination} --network-interface-id ${eni}`,
      ),
      rules(words).map(
        ({ group, cidr }) => `${aws} authorize-security-group-ingress --group-id ${group} --ip-permissions ${permission(cidr)}`,
      ),
    ),
    remove: text(
      `# Verify first that each of these points to ${eni}: a route to somewhere else is deleted just as well.`,
      perTable((table, destination) => `${aws} delete-route --route-table-id ${table} --destination-cidr-block ${destination}`),
      rules(words).map(
        ({ group, cidr }) => `${aws} revoke-security-group-ingress --group-id ${group} --ip-permissions ${permission(cidr)}`,
      ),
      '# Only where nothing else routes through this interface:',
      `# ${aws} modify-network-interface-attribute --network-interface-id ${eni} --source-dest-check`,
    ),
    verify: text(
      '# Every line has to end in "active"; "blackhole" means that the connector was stopped or replaced.',
      words
        .values('routeTables')
        .map(
          (table) =>
            `${aws} describe-route-tables --route-table-ids ${table} --output text --query "RouteTables[].Routes[?NetworkInterfaceId=='${eni}'].[DestinationCidrBlock,State]"`,
        ),
      '# Has to print False.',
      `${aws} describe-network-interface-attribute --network-interface-id ${eni} --attribute sourceDestCheck --output text --query SourceDestCheck.Value`,
    ),
  };
}

function terraform(words: Words): string {
  const eni = hcl(words.value('networkInterface'));
  const groups = Map.groupBy(rules(words), ({ name }) => name);
  return file(
    [words.title, 'In the resource that makes the connector (aws_instance or aws_network_interface): source_dest_check = false'],
    [
      words.values('routeTables').map((table, index) =>
        block('resource', ['aws_route', `causeway_${String(index + 1)}`], {
          for_each: `toset(${list(words.routes.map(formatPrefix))})`,
          route_table_id: hcl(table),
          destination_cidr_block: 'each.value',
          network_interface_id: eni,
        }),
      ),
      [...groups].map(([name, entries]) =>
        block('resource', ['aws_vpc_security_group_ingress_rule', `causeway_${name}`], {
          for_each: `toset(${list(entries.map(({ cidr }) => cidr))})`,
          security_group_id: hcl(entries[0]?.group ?? ''),
          cidr_ipv4: 'each.value',
          ip_protocol: hcl('-1'),
          description: hcl('causeway'),
        }),
      ),
    ],
  );
}

function permissions(words: Words): string {
  const groups = [...new Set(rules(words).map(({ group }) => group))];
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: [
          'ec2:DescribeRouteTables',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeNetworkInterfaceAttribute',
          'ec2:DescribeSecurityGroups',
          'ec2:DescribeNetworkAcls',
          'ec2:DescribeSubnets',
        ],
        Resource: '*',
      },
      {
        Effect: 'Allow',
        Action: ['ec2:CreateRoute', 'ec2:ReplaceRoute', 'ec2:DeleteRoute'],
        Resource: words.values('routeTables').map((table) => `arn:aws:ec2:*:*:route-table/${table}`),
      },
      {
        Effect: 'Allow',
        Action: ['ec2:ModifyNetworkInterfaceAttribute'],
        Resource: `arn:aws:ec2:*:*:network-interface/${words.value('networkInterface')}`,
      },
      ...(groups.length === 0
        ? []
        : [
            {
              Effect: 'Allow',
              Action: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'],
              Resource: groups.map((group) => `arn:aws:ec2:*:*:security-group/${group}`),
            },
          ]),
    ],
  };
  return text(JSON.stringify(policy, undefined, 2));
}

export const aws = definePlatform('cloud', {
  name: 'Amazon Web Services (VPC)',
  sharedSpace: 'yes',
  takesDefault: true,
  evidence: 'documented',
  parameters: [
    routeTable({
      name: 'routeTables',
      description: 'the route tables of the subnets with servers; a subnet without one of its own uses the main table',
      example: 'rtb-0a1b2c3d4e5f60718',
      many: true,
    }),
    networkInterface({
      name: 'networkInterface',
      description: "the connector's network interface",
      example: 'eni-06e725657ba3a8f63',
    }),
    securityGroup({
      name: 'serverSecurityGroups',
      description: 'security groups of the servers, to let in what arrives with its own source address',
      example: 'sg-0a1b2c3d4e5f60718',
      many: true,
      optional: true,
    }),
    securityGroup({
      name: 'connectorSecurityGroup',
      description: "the connector's security group, to let in what the LAN sends to other sites and devices",
      example: 'sg-0f1e2d3c4b5a69788',
      optional: true,
    }),
    region({
      name: 'region',
      description: 'the region, where it is not the one of your profile',
      example: 'eu-central-1',
      optional: true,
    }),
  ],
  console: [
    'EC2 > Network interfaces > the interface of the connector > Actions > Change source/dest. check: off.',
    'VPC > Route tables > each table of a subnet with servers > Edit routes > Add route: the destination, target Network Interface, the interface of the connector.',
    'EC2 > Security groups > the group of the servers > Inbound rules: all traffic from each address range that arrives unhidden.',
  ],
  notes: [
    documented(
      'With NAT the rule of a server may name the security group of the connector. Without NAT, and between sites, it does not match: the rule must name address ranges.',
    ),
    documented(
      'A subnet that is associated with no route table uses the main one: a route in the wrong table is the usual mistake.',
    ),
    documented(
      'After the connector was replaced the route says "blackhole": point it to the new network interface, and turn its source/dest. check off.',
    ),
    documented('The internet gateway refuses 100.64.0.0/10 in both directions.'),
    unverified(
      'create-route fails with RouteAlreadyExists where the route exists: look whose it is before you use replace-route.',
    ),
    unverified('Network ACLs know no connections: allow both directions and ports 1024-65535 for answers.'),
    unverified(
      'A peered VPC cannot use the connector: peering is not transitive. With a transit gateway it needs appliance mode.',
    ),
    unverified('A default route belongs only into tables of other subnets than that of the connector.'),
    unverified('The list of permissions was not tried.'),
  ],
  links: ['https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html'],
  write: (words) => ({ ...cli(words), terraform: terraform(words), permissions: permissions(words) }),
});
