import { formatPrefix } from '../../ip/prefix.ts';
import type { Prefix4 } from '../../ip/prefix.ts';
import type { Words } from '../platform.ts';
import { definePlatform, documented, unverified } from '../platform.ts';
import { matching, routeName, text } from '../safe-text.ts';
import { block, file, hcl, list, mapOf } from '../terraform.ts';

const name = matching(
  /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  'a name of Google Cloud: lower-case letters, digits and hyphens, at most 63',
);
const project = matching(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'the id of a project: 6 to 30 lower-case letters, digits and hyphens');
const tag = matching(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'a network tag: lower-case letters, digits and hyphens, at most 63');

/** Names are unique in a project, so the VPC network's is in them; 63 characters at most. */
function named(what: string, words: Words): string {
  return `${what}-${words.value('vpcNetwork').toLowerCase().replaceAll('_', '-')}`.slice(0, 63).replace(/-+$/, '');
}

const nameOf = (route: Prefix4, words: Words) => named(routeName(route), words);

const filterNameOf = (words: Words) => named('causeway-in', words);

function cli(words: Words) {
  const where = words.given('project') ? ` --project=${words.value('project')}` : '';
  const network = words.value('vpcNetwork');
  const target = words.given('serverTag') ? ` --target-tags=${words.value('serverTag')}` : '';
  const ranges = words.sources.map(formatPrefix).join(',');
  const filterName = filterNameOf(words);
  const withFilter = words.sources.length > 0;
  return {
    add: text(
      `# ${words.title}`,
      '# The machine of the connector must have been created with --can-ip-forward.',
      words.routes.map(
        (route) =>
          `gcloud compute routes create ${nameOf(route, words)}${where} --network=${network} --destination-range=${formatPrefix(route)} --next-hop-address=${words.via}`,
      ),
      withFilter
        ? `gcloud compute firewall-rules create ${filterName}${where} --network=${network} --direction=INGRESS --action=ALLOW --rules=all --source-ranges=${ranges}${target}`
        : [],
    ),
    remove: text(
      words.routes.map((route) => `gcloud compute routes delete ${nameOf(route, words)}${where} --quiet`),
      withFilter ? `gcloud compute firewall-rules delete ${filterName}${where} --quiet` : [],
    ),
    verify: text(
      `gcloud compute routes list${where} --filter="name~^causeway- AND network~/${network}$" --format="table(name,destRange,nextHopIp)"`,
      words.given('instance')
        ? [
            '# Has to print True.',
            `gcloud compute instances describe ${words.value('instance')}${where} --format="value(canIpForward)"`,
          ]
        : [],
    ),
  };
}

function terraform(words: Words): string {
  const network = hcl(words.value('vpcNetwork'));
  const where = words.given('project') ? { project: hcl(words.value('project')) } : {};
  const filter =
    words.sources.length === 0
      ? []
      : [
          block(
            'resource',
            ['google_compute_firewall', 'causeway'],
            {
              name: hcl(filterNameOf(words)),
              ...where,
              network,
              direction: hcl('INGRESS'),
              source_ranges: list(words.sources.map(formatPrefix)),
              ...(words.given('serverTag') ? { target_tags: `[${hcl(words.value('serverTag'))}]` } : {}),
            },
            [`allow {\n  protocol = ${hcl('all')}\n}`],
          ),
        ];
  return file(
    [words.title, 'In the google_compute_instance of the connector: can_ip_forward = true (a change makes the machine anew)'],
    [
      block('resource', ['google_compute_route', 'causeway'], {
        for_each: mapOf(words.routes.map((route) => [nameOf(route, words), formatPrefix(route)])),
        name: 'each.key',
        ...where,
        network,
        dest_range: 'each.value',
        next_hop_ip: hcl(words.via),
      }),
      filter,
    ],
  );
}

const permissions = text(
  'compute.routes.create',
  'compute.routes.delete',
  'compute.routes.get',
  'compute.routes.list',
  'compute.networks.updatePolicy',
  'compute.instances.get',
  'compute.instances.use',
  'compute.firewalls.create',
  'compute.firewalls.delete',
  'compute.firewalls.list',
  'compute.globalOperations.get',
);

export const gcp = definePlatform('cloud', {
  name: 'Google Cloud (VPC)',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'documented',
  parameters: [
    name({ name: 'vpcNetwork', description: 'the VPC network', example: 'hq' }),
    project({
      name: 'project',
      description: 'the project, where it is not the one of your configuration',
      example: 'example-hq-1',
      optional: true,
    }),
    name({
      name: 'instance',
      description: "the connector's machine, to verify that it may forward",
      example: 'hq-connector',
      optional: true,
    }),
    tag({
      name: 'serverTag',
      description: 'a network tag of the servers; without it the firewall rule is for the whole network',
      example: 'servers',
      optional: true,
    }),
  ],
  console: [
    'Compute Engine > the machine of the connector: IP forwarding must be on. It is chosen when the machine is made.',
    'VPC network > Routes > Create route: the destination, next hop "Specify IP address of an instance", the address of the connector.',
    'VPC network > Firewall > Create rule: ingress, allow, each address range that arrives unhidden.',
  ],
  notes: [
    documented(
      'IP forwarding is chosen when a machine is made. Plan to make the connector anew; the agent installs again with a new token.',
    ),
    documented('The next hop must be the primary address of an interface in this VPC network.'),
    documented('A route applies in all regions of the network; the lower priority number wins, 1000 where none is given.'),
    documented('Packets with private addresses that reach the default internet gateway are dropped.'),
    unverified(
      'A default route to the connector would hold for the connector too, and its tunnel would run in a circle: give it a network tag that only the servers have.',
    ),
    unverified('Routes inside a guest to a neighbour do not work, and routes of subnets cannot be overridden.'),
    unverified('The access scopes of a machine limit what it may do besides these permissions.'),
    unverified('The list of permissions was not tried.'),
  ],
  links: ['https://cloud.google.com/vpc/docs/using-routes', 'https://cloud.google.com/vpc/docs/routes'],
  write: (words) => ({ ...cli(words), terraform: terraform(words), permissions }),
});
