import { formatPrefix } from '../../ip/prefix.ts';
import type { Prefix4 } from '../../ip/prefix.ts';
import type { Words } from '../platform.ts';
import { definePlatform, documented, unverified } from '../platform.ts';
import { matching, resourceName, routeName, text } from '../safe-text.ts';
import { block, file, hcl, list, mapOf } from '../terraform.ts';

/** Azure allows brackets too, which a shell would read. */
const resourceGroup = resourceName;
const priority = matching(/^(?:[1-9][0-9]{2}|[1-3][0-9]{3}|40[0-8][0-9]|409[0-6])$/, 'a whole number from 100 to 4096');

const texts = (prefixes: readonly Prefix4[]) => prefixes.map(formatPrefix);

function cli(words: Words) {
  const group = words.value('resourceGroup');
  const table = words.value('routeTable');
  const nsg = words.value('networkSecurityGroup');
  const withFilter = words.given('networkSecurityGroup') && words.sources.length > 0;
  const rulePriority = words.value('rulePriority', '200');
  return {
    add: text(
      `# ${words.title}`,
      `az network nic update -g ${group} -n ${words.value('networkInterface')} --ip-forwarding true`,
      words.routes.map(
        (route) =>
          `az network route-table route create -g ${group} --route-table-name ${table} -n ${routeName(route)} --address-prefix ${formatPrefix(route)} --next-hop-type VirtualAppliance --next-hop-ip-address ${words.via}`,
      ),
      withFilter
        ? `az network nsg rule create -g ${group} --nsg-name ${nsg} -n causeway --priority ${rulePriority} --direction Inbound --access Allow --protocol '*' --source-address-prefixes ${texts(words.sources).join(' ')} --destination-address-prefixes '*' --destination-port-ranges '*'`
        : [],
      '# Where the subnet of the servers does not use this route table yet:',
      `# az network vnet subnet update -g ${group} --vnet-name VNET -n SUBNET --route-table ${table}`,
    ),
    remove: text(
      words.routes.map(
        (route) => `az network route-table route delete -g ${group} --route-table-name ${table} -n ${routeName(route)}`,
      ),
      withFilter ? `az network nsg rule delete -g ${group} --nsg-name ${nsg} -n causeway` : [],
      '# Only where nothing else routes through this interface:',
      `# az network nic update -g ${group} -n ${words.value('networkInterface')} --ip-forwarding false`,
    ),
    verify: text(
      `az network route-table route list -g ${group} --route-table-name ${table} -o table`,
      '# What really applies, on the interface of a server that runs:',
      `# az network nic show-effective-route-table -g ${group} -n SERVER_NIC -o table`,
    ),
  };
}

function terraform(words: Words): string {
  const group = hcl(words.value('resourceGroup'));
  const filter =
    words.given('networkSecurityGroup') && words.sources.length > 0
      ? [
          block('resource', ['azurerm_network_security_rule', 'causeway'], {
            name: hcl('causeway'),
            resource_group_name: group,
            network_security_group_name: hcl(words.value('networkSecurityGroup')),
            priority: words.value('rulePriority', '200'),
            direction: hcl('Inbound'),
            access: hcl('Allow'),
            protocol: hcl('*'),
            source_port_range: hcl('*'),
            destination_port_range: hcl('*'),
            source_address_prefixes: list(texts(words.sources)),
            destination_address_prefix: hcl('*'),
          }),
        ]
      : [];
  return file(
    [
      words.title,
      'In the azurerm_network_interface of the connector: ip_forwarding_enabled = true (provider 3: enable_ip_forwarding)',
    ],
    [
      block('resource', ['azurerm_route', 'causeway'], {
        for_each: mapOf(words.routes.map((route) => [routeName(route), formatPrefix(route)])),
        name: 'each.key',
        resource_group_name: group,
        route_table_name: hcl(words.value('routeTable')),
        address_prefix: 'each.value',
        next_hop_type: hcl('VirtualAppliance'),
        next_hop_in_ip_address: hcl(words.via),
      }),
      filter,
    ],
  );
}

const role = text(
  JSON.stringify(
    {
      Name: 'Causeway routes',
      IsCustom: true,
      Description: 'Routes to a Causeway connector',
      Actions: [
        'Microsoft.Network/networkInterfaces/read',
        'Microsoft.Network/networkInterfaces/write',
        'Microsoft.Network/virtualNetworks/subnets/join/action',
        'Microsoft.Network/networkSecurityGroups/join/action',
        'Microsoft.Network/routeTables/read',
        'Microsoft.Network/routeTables/routes/read',
        'Microsoft.Network/routeTables/routes/write',
        'Microsoft.Network/routeTables/routes/delete',
        'Microsoft.Network/networkSecurityGroups/securityRules/read',
        'Microsoft.Network/networkSecurityGroups/securityRules/write',
        'Microsoft.Network/networkSecurityGroups/securityRules/delete',
        'Microsoft.Network/networkInterfaces/effectiveRouteTable/action',
        'Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action',
      ],
      AssignableScopes: ['/subscriptions/SUBSCRIPTION_ID/resourceGroups/RESOURCE_GROUP'],
    },
    undefined,
    2,
  ),
);

export const azure = definePlatform('cloud', {
  name: 'Microsoft Azure (VNet)',
  sharedSpace: 'yes',
  takesDefault: true,
  evidence: 'documented',
  parameters: [
    resourceGroup({
      name: 'resourceGroup',
      description: 'the resource group of the route table and the interface',
      example: 'hq-rg',
    }),
    resourceName({ name: 'routeTable', description: 'the route table of the subnet with servers', example: 'hq-servers' }),
    resourceName({ name: 'networkInterface', description: "the connector's network interface", example: 'hq-connector-nic' }),
    resourceName({
      name: 'networkSecurityGroup',
      description: 'the security group of the servers, to let in what arrives with its own source address',
      example: 'hq-servers-nsg',
      optional: true,
    }),
    priority({
      name: 'rulePriority',
      description: 'a free priority in that group; 200 where it is not given',
      example: '200',
      optional: true,
    }),
  ],
  console: [
    'The network interface of the connector > IP configurations > Enable IP forwarding.',
    'Route tables > the table of the servers > Routes > Add: the destination, next hop type Virtual appliance, the address of the connector.',
    'The same table > Subnets > Associate: the subnet of the servers.',
    'Network security groups > of the servers > Inbound security rules: allow each address range that arrives unhidden.',
  ],
  notes: [
    documented('Without NAT the route is needed by all means: the system route for 100.64.0.0/10 leads nowhere.'),
    documented(
      'Put the connector into another subnet than the servers that use the route table, or its own packets come back to it.',
    ),
    documented('Forwarding must be on at the network interface and in the operating system; the agent does the second.'),
    documented(
      'The built-in policy "Network interfaces should disable IP forwarding" (88c0b9da-ce96-4b03-9635-f29a937e2900) refuses the first command where it is assigned: ask for an exemption.',
    ),
    documented('A subnet has one route table. Effective routes can be seen only while the machine runs.'),
    documented('A connector that is an internet gateway must masquerade: Azure translates only its own private address.'),
    unverified('Whether the tag VirtualNetwork covers such ranges is uncertain, so the rule names them.'),
    unverified('A static route inside a guest to a neighbour does not work: Azure ignores it.'),
    unverified('The list of permissions was not tried.'),
  ],
  links: [
    'https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview',
    'https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface#enable-or-disable-ip-forwarding',
  ],
  write: (words) => ({ ...cli(words), terraform: terraform(words), permissions: role }),
});
