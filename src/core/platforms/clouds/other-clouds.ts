import { contains, formatPrefix, overlaps, strictPrefix } from '../../ip/prefix.ts';
import { definePlatform, documented, unverified } from '../platform.ts';
import { matching, number, resourceName, text } from '../safe-text.ts';

const sharedSpace = strictPrefix('100.64.0.0/10');
const privateSpace = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((range) => strictPrefix(range));
const uuid = matching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'a UUID');

export const digitalocean = definePlatform('cloud', {
  name: 'DigitalOcean (VPC)',
  sharedSpace: 'unknown',
  otherwise: 'NAT (masquerade), or routes on each Droplet',
  takesDefault: false,
  evidence: 'documented',
  parameters: [
    uuid({ name: 'vpc', description: 'the VPC', example: '5a4981aa-9653-4bd1-bef5-d6bff52042e4' }),
    uuid({ name: 'subnet', description: 'the subnet of the servers', example: '9f8d7c6b-1a2b-4c3d-8e5f-001122334455' }),
    number({ name: 'droplet', description: "the connector's numeric id; a UUID is refused", example: '3164494' }),
  ],
  console: ['Routes of a subnet are a public preview and can only be set by the API.'],
  notes: [
    documented('Routes of subnets are a public preview.'),
    unverified('Whether 100.64.0.0/10 is accepted is not said; where it is refused, use NAT for devices.'),
    unverified('The token is read from the variable DIGITALOCEAN_TOKEN and never written into the command.'),
  ],
  write: (words) => {
    const url = `https://api.digitalocean.com/v2/vpcs/${words.value('vpc')}/subnets/${words.value('subnet')}/routes`;
    // Given on standard input, since what stands in a command line can be read by everybody on the machine.
    const curl = `printf 'header = "Authorization: Bearer %s"\\n' "$DIGITALOCEAN_TOKEN" | curl --config - --fail-with-body`;
    const body = (destination: string) =>
      JSON.stringify({ destination_cidr: destination, target_urns: [`do:droplet:${words.value('droplet')}`] });
    return {
      add: text(
        `# ${words.title}`,
        words.routes.map(
          (route) => `${curl} -X POST ${url} -H 'Content-Type: application/json' --data '${body(formatPrefix(route))}'`,
        ),
      ),
      remove: text(
        '# ROUTE_ID is what the list says of each of these:',
        words.routes.map((route) => `# ${formatPrefix(route)}`),
        `${curl} -X DELETE ${url}/ROUTE_ID`,
      ),
      verify: text(`${curl} ${url}`),
    };
  },
});

export const hetzner = definePlatform('cloud', {
  name: 'Hetzner Cloud (network)',
  sharedSpace: 'no',
  otherwise: 'NAT (masquerade) for devices, or a tunnel range in private space (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16)',
  takesDefault: true,
  refuses: (destination) =>
    destination.length === 0 || privateSpace.some((range) => contains(range, destination))
      ? undefined
      : 'Hetzner takes only destinations inside 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16, and 0.0.0.0/0',
  evidence: 'documented',
  parameters: [resourceName({ name: 'network', description: 'the network, by name or id', example: 'hq' })],
  console: [
    'Networks > the network > Routes > Add route: the destination, the gateway is the address of the connector in this network.',
  ],
  notes: [
    documented('The gateway may not be the first address of the range, nor 172.31.1.1, nor stand behind a vSwitch.'),
    unverified(
      'Guests have /32 addresses and reach each other by way of the gateway of the network: routes inside guests to a neighbour do not work.',
    ),
  ],
  write: (words) => {
    const route = (verb: string) =>
      words.routes.map(
        (destination) =>
          `hcloud network ${verb}-route ${words.value('network')} --destination ${formatPrefix(destination)} --gateway ${words.via}`,
      );
    return {
      add: text(`# ${words.title}`, route('add')),
      remove: text(route('remove')),
      verify: text(`hcloud network describe ${words.value('network')}`),
    };
  },
});

const routeTable = matching(/^vtb-[0-9a-z]{4,40}$/, 'the id of a route table, like vtb-bp145q7glnuzdvzu2');
const instance = matching(/^i-[0-9a-z]{4,40}$/, 'the id of an instance, like i-bp1dwsqm3f2aexample');
const region = matching(/^[a-z]{2}-[a-z0-9]+(?:-[0-9])?$/, 'a region of Alibaba Cloud, like eu-central-1');

export const alibaba = definePlatform('cloud', {
  name: 'Alibaba Cloud (VPC)',
  sharedSpace: 'no',
  otherwise: 'NAT (masquerade) for devices, or a tunnel range outside 100.64.0.0/10',
  takesDefault: true,
  refuses: (destination) =>
    destination.length > 0 && overlaps(destination, sharedSpace)
      ? 'Alibaba refuses destinations that share addresses with 100.64.0.0/10, which it uses itself'
      : undefined,
  evidence: 'documented',
  parameters: [
    region({ name: 'region', description: 'the region', example: 'eu-central-1' }),
    routeTable({ name: 'routeTable', description: 'the route table of the servers', example: 'vtb-bp145q7glnuzdvzu2' }),
    instance({ name: 'instance', description: "the connector's instance", example: 'i-bp1dwsqm3f2a0example' }),
  ],
  console: [
    'VPC > Route tables > the table of the servers > Route entries > Add: the destination, next hop type ECS instance, the connector.',
  ],
  notes: [
    documented('Entries are made one after another; a second one too early is refused with TaskConflict: run the line again.'),
    unverified(
      'A connector on Alibaba must not send 100.100.0.0/16 into its tunnel: metadata and DNS of the cloud are there. With a WPC range inside 100.64.0.0/10 it would.',
    ),
  ],
  write: (words) => {
    const call = (verb: string) =>
      words.routes.map(
        (route) =>
          `aliyun vpc ${verb} --RegionId ${words.value('region')} --RouteTableId ${words.value('routeTable')} --DestinationCidrBlock ${formatPrefix(route)} --NextHopType Instance --NextHopId ${words.value('instance')}`,
      );
    return {
      add: text(`# ${words.title}`, call('CreateRouteEntry')),
      remove: text(call('DeleteRouteEntry')),
      verify: text(
        `aliyun vpc DescribeRouteEntryList --RegionId ${words.value('region')} --RouteTableId ${words.value('routeTable')} --NextHopId ${words.value('instance')}`,
      ),
    };
  },
});
