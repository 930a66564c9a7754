/**
 * What the vendors' programs print, for tests: the recorded answers of recorded/, in the form in which the command line gives them, by the
 * exact arguments. Every other call is refused, so that what a script asks is what stands here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudId } from '../../core/trace/cloud/cloud-state.ts';

type Printed = Readonly<Record<string, string>>;
type Recorded = Readonly<Record<string, Item[]>>;
type Item = Readonly<Record<string, unknown>>;

const files: Readonly<Record<CloudId, string>> = {
  aws: 'aws',
  azure: 'azure',
  gcp: 'google',
  oci: 'oracle',
  digitalocean: 'digitalocean',
  hetzner: 'hetzner',
  alibaba: 'alibaba',
};

/** recordedAnswers are those of the API, as the translators take them. */
export function recordedAnswers(cloud: CloudId): Record<string, unknown> {
  const path = join(import.meta.dirname, 'recorded', `${files[cloud]}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

/** Programs by name: what each prints, by its arguments. */
export function vendorPrograms(cloud: CloudId): Readonly<Record<string, Printed>> {
  return programs[cloud](recordedAnswers(cloud) as Recorded);
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 4)}\n`;

const programs: Readonly<Record<CloudId, (recorded: Recorded) => Readonly<Record<string, Printed>>>> = {
  aws: (recorded) => {
    const vpc = idOf(recorded['vpc'], 'VpcId');
    const inVpc = `--filters Name=vpc-id,Values=${vpc} --output json`;
    return {
      aws: {
        'ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values=10.0.0.10 --query NetworkInterfaces[0].VpcId --output text': `${vpc}\n`,
        [`ec2 describe-vpcs --vpc-ids ${vpc} --output json`]: json({ Vpcs: [recorded['vpc']] }),
        [`ec2 describe-network-interfaces ${inVpc}`]: json({ NetworkInterfaces: recorded['networkInterfaces'] }),
        [`ec2 describe-subnets ${inVpc}`]: json({ Subnets: recorded['subnets'] }),
        [`ec2 describe-route-tables ${inVpc}`]: json({ RouteTables: recorded['routeTables'] }),
        [`ec2 describe-security-groups ${inVpc}`]: json({ SecurityGroups: recorded['securityGroups'] }),
        [`ec2 describe-network-acls ${inVpc}`]: json({ NetworkAcls: recorded['networkAcls'] }),
      },
    };
  },
  azure: (recorded) => {
    const vnet = idOf(recorded['virtualNetwork'], 'id');
    const query = "[].ipConfigurations[] | [?privateIPAddress=='10.0.0.10' || privateIpAddress=='10.0.0.10'].subnet.id | [0]";
    return {
      az: {
        [`network nic list --query ${query} --output tsv`]: `${vnet}/subnets/connectors\n`,
        [`network vnet show --ids ${vnet} --output json`]: json(flat(recorded['virtualNetwork'])),
        'network nic list --output json': json(flat(recorded['networkInterfaces'])),
        'network route-table list --output json': json(flat(recorded['routeTables'])),
        'network nsg list --output json': json(flat(recorded['networkSecurityGroups'])),
        'monitor activity-log list --resource-provider Microsoft.Network --status Failed --offset 30d --max-events 500 --output json':
          json([{ resourceId: '/other', properties: { statusMessage: '{"error":{"code":"AnotherOperationInProgress"}}' } }]),
      },
    };
  },
  gcp: (recorded) => ({
    gcloud: {
      'compute instances list --filter=networkInterfaces.networkIP=10.0.0.10 --format=value(networkInterfaces[0].network.basename())':
        'hq\n',
      'compute networks describe hq --format=json': json(recorded['network']),
      'compute instances list --format=json(name,selfLink,canIpForward,tags,serviceAccounts,networkInterfaces)': json(
        recorded['instances'],
      ),
      'compute networks subnets list --format=json': json(recorded['subnetworks']),
      'compute routes list --format=json': json(recorded['routes']),
      'compute firewall-rules list --format=json': json(recorded['firewalls']),
    },
  }),
  oci: (recorded) => {
    const vcn = idOf(recorded['vcn'], 'id');
    const [subnets, vnics] = [idsOf(recorded['subnets'], 'id'), idsOf(recorded['vnics'], 'id')];
    const inVcn = `--compartment-id ocid1.compartment.oc1..aaaa --vcn-id ${vcn} --all`;
    const data = (value: unknown) => json({ data: hyphenated(value) });
    const groups = recorded['networkSecurityGroups'] ?? [];
    return {
      oci: {
        'network vnic get --vnic-id VNIC --query data."subnet-id" --raw-output': `${subnets[0] ?? ''}\n`,
        [`network subnet get --subnet-id ${subnets[0] ?? ''} --query data."vcn-id" --raw-output`]: `${vcn}\n`,
        [`network vcn get --vcn-id ${vcn} --query data."compartment-id" --raw-output`]: 'ocid1.compartment.oc1..aaaa\n',
        [`network subnet list ${inVcn} --query join(\`" "\`, data[].id) --raw-output`]: `${subnets.join(' ')}\n`,
        [`network nsg list ${inVcn} --query join(\`" "\`, data[].id) --raw-output`]: `${idsOf(groups, 'id').join(' ')}\n`,
        [`network vcn get --vcn-id ${vcn}`]: data(recorded['vcn']),
        [`network subnet list ${inVcn}`]: data(recorded['subnets']),
        [`network route-table list ${inVcn}`]: data(recorded['routeTables']),
        [`network security-list list ${inVcn}`]: data(recorded['securityLists']),
        [`network nsg list ${inVcn}`]: data(groups.map(({ id, displayName }) => ({ id, displayName }))),
        ...Object.fromEntries(
          groups.map(({ id, rules }) => [`network nsg rules list --nsg-id ${String(id)} --all`, data(rules)]),
        ),
        ...Object.fromEntries(
          (recorded['vnics'] ?? []).map((vnic) => [`network vnic get --vnic-id ${String(vnic['id'])}`, data(vnic)]),
        ),
        ...Object.fromEntries(
          subnets.flatMap((subnet, index) => {
            const list = `network private-ip list --subnet-id ${subnet} --all`;
            const own = (recorded['privateIps'] ?? []).filter(({ vnicId }) => vnicId === vnics[index]);
            const query = '--query join(`" "`, data[?"vnic-id"]."vnic-id") --raw-output';
            return [
              [list, data(own)],
              [`${list} ${query}`, `${idsOf(own, 'vnicId').join(' ')}\n`],
            ];
          }),
        ),
      },
    };
  },
  digitalocean: (recorded) => {
    const vpc = idOf(recorded['vpc'], 'id');
    const [subnet = ''] = idsOf(recorded['subnets'], 'id');
    const api = '--silent --show-error --fail --config - https://api.digitalocean.com/v2/vpcs';
    return {
      doctl: {
        'compute droplet list --format PrivateIPv4,VPCUUID --no-header': `10.0.0.10    ${vpc}\n10.0.1.20    ${vpc}\n`,
        [`vpcs get ${vpc} --output json`]: json([recorded['vpc']]),
        'compute droplet list --output json': json(recorded['droplets']),
        'compute firewall list --output json': json(recorded['firewalls']),
      },
      curl: {
        [`${api}/${vpc}/subnets?per_page=200`]: JSON.stringify({ subnets: recorded['subnets'], links: {}, meta: { total: 1 } }),
        [`${api}/${vpc}/subnets/${subnet}/routes?per_page=200`]: JSON.stringify({
          routes: (recorded['routes'] ?? []).map((route) => without(route, 'subnet')),
        }),
      },
    };
  },
  hetzner: (recorded) => ({
    hcloud: {
      'network describe NETWORK -o json': json(recorded['network']),
      'server list -o json': json(recorded['servers']),
    },
  }),
  alibaba: (recorded) => {
    const vpc = idOf(recorded['vpc'], 'VpcId');
    const inVpc = `--RegionId REGION --VpcId ${vpc}`;
    const sets = (list: unknown) => ({ NetworkInterfaceSets: { NetworkInterfaceSet: list }, RequestId: '1' });
    const groups = recorded['securityGroups'] ?? [];
    return {
      aliyun: {
        'ecs DescribeNetworkInterfaces --RegionId REGION --PrivateIpAddress.1 10.0.0.10': json(sets([{ VpcId: vpc }])),
        [`ecs DescribeNetworkInterfaces ${inVpc} --MaxResults 500`]: json(sets(recorded['networkInterfaces'])),
        [`vpc DescribeVpcs ${inVpc}`]: json({ Vpcs: { Vpc: [recorded['vpc']] }, TotalCount: 1 }),
        [`vpc DescribeVSwitches ${inVpc} --PageSize 50`]: json({ VSwitches: { VSwitch: recorded['vSwitches'] } }),
        [`ecs DescribeSecurityGroups ${inVpc} --MaxResults 100`]: json({
          SecurityGroups: {
            SecurityGroup: groups.map(({ SecurityGroupId, SecurityGroupType }) => ({ SecurityGroupId, SecurityGroupType })),
          },
        }),
        ...Object.fromEntries(
          (recorded['routeTables'] ?? []).map(({ RouteTableId, RouteEntrys }) => [
            `vpc DescribeRouteEntryList --RegionId REGION --RouteTableId ${String(RouteTableId)} --MaxResult 500`,
            json({ RouteEntrys }),
          ]),
        ),
        ...Object.fromEntries(
          groups.map((group) => [
            `ecs DescribeSecurityGroupAttribute --RegionId REGION --SecurityGroupId ${String(group['SecurityGroupId'])}`,
            json(without(group, 'SecurityGroupType')),
          ]),
        ),
      },
    };
  },
};

function without(record: Item, key: string): Item {
  return Object.fromEntries(Object.entries(record).filter(([each]) => each !== key));
}

function idOf(record: unknown, key: string): string {
  return String((record as Item)[key]);
}

function idsOf(list: readonly Item[] | undefined, key: string): string[] {
  return (list ?? []).map((each) => String(each[key]));
}

/** As `az` prints what the Resource Manager answers: without the level `properties`, and in its older versions with two other names. */
function flat(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(flat);
  if (typeof value !== 'object' || value === null) return value;
  const { properties, ...rest } = value as Item;
  const entries = Object.entries({ ...rest, ...(properties as Item | undefined) });
  return Object.fromEntries(
    entries.map(([key, each]) => [key.replace('IPForw', 'IpForw').replace('eIPAddress', 'eIpAddress'), flat(each)]),
  );
}

/** As `oci` prints what the API answers. */
function hyphenated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hyphenated);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), hyphenated(each)]),
  );
}
