import { formatPrefix } from '../../ip/prefix.ts';
import type { Words } from '../platform.ts';
import { definePlatform, documented, unverified } from '../platform.ts';
import { matching, text } from '../safe-text.ts';
import { block, file, hcl, nested } from '../terraform.ts';

const ocid = (kind: string) =>
  matching(
    new RegExp(`^ocid1\\.${kind}\\.[a-z0-9-]{1,20}\\.[a-z0-9-]{0,30}\\.[a-z0-9]{1,100}$`),
    `the OCID of a ${kind}, like ocid1.${kind}.oc1.eu-frankfurt-1.aaaa`,
  );

/** routeRules are the rules to add, as the API writes them. */
function routeRules(words: Words): string {
  return JSON.stringify(
    words.routes.map((route) => ({
      destination: formatPrefix(route),
      destinationType: 'CIDR_BLOCK',
      networkEntityId: words.value('privateIp'),
      description: 'causeway',
    })),
  );
}

function securityRules(words: Words): string {
  return JSON.stringify(
    words.sources.map((source) => ({
      direction: 'INGRESS',
      protocol: 'all',
      source: formatPrefix(source),
      sourceType: 'CIDR_BLOCK',
      isStateless: false,
      description: 'causeway',
    })),
  );
}

/** The CLI answers with hyphens and takes camel case; what it answered is kept rule for rule. */
const asSent =
  'map({destination: .destination, destinationType: ."destination-type", networkEntityId: ."network-entity-id", description: .description})';

function cli(words: Words) {
  const table = words.value('routeTable');
  const nsg = words.value('networkSecurityGroup');
  const withFilter = words.given('networkSecurityGroup') && words.sources.length > 0;
  const ours = JSON.stringify(words.routes.map(formatPrefix));
  const read = `oci network route-table get --rt-id ${table} >causeway-rt.json`;
  const write = `oci network route-table update --rt-id ${table} --route-rules file://causeway-rules.json --if-match "$(jq -r .etag causeway-rt.json)"`;
  // The last line of each text, because it asks before it writes: what is pasted behind it would be taken for the answer.
  const readFirst =
    '# Read causeway-rules.json before you say yes: it has to hold every rule of the table that you want to keep.';
  // Only rules that point to this connector are ours. Another one for the same destination stays, and Oracle refuses the second.
  const others = `[.data."route-rules"[] | select(((.destination as $d | $ours | index($d)) and ."network-entity-id" == $target) | not)] | ${asSent}`;
  const mine = `--argjson ours '${ours}' --arg target ${words.value('privateIp')}`;
  return {
    add: text(
      `# ${words.title}`,
      `oci network vnic update --vnic-id ${words.value('vnic')} --skip-source-dest-check true`,
      withFilter ? `oci network nsg rules add --nsg-id ${nsg} --security-rules '${securityRules(words)}'` : [],
      '# An update replaces all rules, so those that are there are read first, and the etag refuses a change in between.',
      read,
      `jq ${mine} --argjson new '${routeRules(words)}' '(${others}) + $new' causeway-rt.json >causeway-rules.json`,
      readFirst,
      write,
    ),
    remove: text(
      withFilter
        ? [
            `oci network nsg rules list --all --nsg-id ${nsg} | jq '[.data[] | select(.description == "causeway") | .id]' >causeway-ids.json`,
            `oci network nsg rules remove --nsg-id ${nsg} --security-rule-ids file://causeway-ids.json`,
          ]
        : [],
      '# Only where nothing else routes through this VNIC:',
      `# oci network vnic update --vnic-id ${words.value('vnic')} --skip-source-dest-check false`,
      read,
      `jq ${mine} '${others}' causeway-rt.json >causeway-rules.json`,
      readFirst,
      write,
    ),
    verify: text(
      `oci network route-table get --rt-id ${table} --query 'data."route-rules"[].[destination,"network-entity-id"]' --output table`,
      '# Has to print true.',
      `oci network vnic get --vnic-id ${words.value('vnic')} --query 'data."skip-source-dest-check"' --raw-output`,
    ),
  };
}

function terraform(words: Words): string {
  const rule = (destination: string) =>
    nested('route_rules', {
      destination: hcl(destination),
      destination_type: hcl('CIDR_BLOCK'),
      network_entity_id: hcl(words.value('privateIp')),
      description: hcl('causeway'),
    });
  const filter = words.given('networkSecurityGroup')
    ? words.sources.map((source, index) =>
        block('resource', ['oci_core_network_security_group_security_rule', `causeway_${String(index + 1)}`], {
          network_security_group_id: hcl(words.value('networkSecurityGroup')),
          direction: hcl('INGRESS'),
          protocol: hcl('all'),
          source: hcl(formatPrefix(source)),
          source_type: hcl('CIDR_BLOCK'),
          description: hcl('causeway'),
        }),
      )
    : [];
  return file(
    [
      words.title,
      'In the oci_core_instance or oci_core_vnic_attachment of the connector, in create_vnic_details: skip_source_dest_check = true',
      'Put these blocks into the oci_core_route_table of the servers, beside the rules that it has:',
    ],
    [words.routes.map((route) => rule(formatPrefix(route))), filter],
  );
}

const policy = text(
  'Allow dynamic-group CONNECTORS to use vnics in compartment COMPARTMENT',
  'Allow dynamic-group CONNECTORS to use private-ips in compartment COMPARTMENT',
  'Allow dynamic-group CONNECTORS to manage route-tables in compartment COMPARTMENT',
  'Allow dynamic-group CONNECTORS to manage network-security-groups in compartment COMPARTMENT',
  'Allow dynamic-group CONNECTORS to read vcns in compartment COMPARTMENT',
  'Allow dynamic-group CONNECTORS to read subnets in compartment COMPARTMENT',
);

export const oci = definePlatform('cloud', {
  name: 'Oracle Cloud Infrastructure (VCN)',
  sharedSpace: 'yes',
  takesDefault: true,
  evidence: 'documented',
  parameters: [
    ocid('routetable')({
      name: 'routeTable',
      description: 'the route table of the subnet with servers',
      example: 'ocid1.routetable.oc1.eu-frankfurt-1.aaaaexampleroutetable',
    }),
    ocid('privateip')({
      name: 'privateIp',
      description: "the private IP of the connector's VNIC, which is the target of the routes",
      example: 'ocid1.privateip.oc1.eu-frankfurt-1.aaaaexampleprivateip',
    }),
    ocid('vnic')({ name: 'vnic', description: "the connector's VNIC", example: 'ocid1.vnic.oc1.eu-frankfurt-1.aaaaexamplevnic' }),
    ocid('networksecuritygroup')({
      name: 'networkSecurityGroup',
      description: 'the security group of the servers, to let in what arrives with its own source address',
      example: 'ocid1.networksecuritygroup.oc1.eu-frankfurt-1.aaaaexamplegroup',
      optional: true,
    }),
  ],
  console: [
    'The instance of the connector > Attached VNICs > Edit VNIC > Skip source/destination check.',
    'The VCN > Route tables > the table of the servers > Add route rules: target type Private IP, the destination, the address of the connector.',
    'The VCN > Security lists and network security groups of the servers: ingress, all protocols, each address range that arrives unhidden.',
  ],
  notes: [
    documented(
      'An update of a route table replaces all its rules. The commands read, add and write with the etag; two at once cannot overwrite each other.',
    ),
    documented('What no rule matches is dropped.'),
    documented('The source check of a VNIC on a VLAN is always off and cannot be changed.'),
    unverified(
      'Images of Oracle come with iptables rules that reject what is forwarded ("reject-with icmp-host-prohibited"), although forwarding is on: causeway-connector status names them.',
    ),
    unverified('Security lists and security groups both apply; either lets a packet in.'),
    unverified('A secondary VNIC has to be set up inside the machine too.'),
    unverified('The commands need jq. The policy was not tried.'),
  ],
  links: ['https://docs.oracle.com/iaas/Content/Network/Tasks/managingroutetables.htm#privateip'],
  write: (words) => ({ ...cli(words), terraform: terraform(words), permissions: policy }),
});
