import { isRecord, listIn, mapRecords, oneIn } from './printed-answers.ts';
import type { VendorCommands } from './vendor-commands.ts';
import { asked } from './vendor-commands.ts';

export const azureCommands: VendorCommands = {
  tool: 'az',
  signedIn: "the Azure CLI is signed in to the network's subscription, as in Azure Cloud Shell",
  permissions: [
    'Microsoft.Network/virtualNetworks/read',
    'Microsoft.Network/networkInterfaces/read',
    'Microsoft.Network/routeTables/read',
    'Microsoft.Network/networkSecurityGroups/read',
    'Microsoft.Insights/eventtypes/values/read',
  ],
  find: (site) => {
    const address = site.address();
    const query = `[].ipConfigurations[] | [?privateIPAddress=='${address}' || privateIpAddress=='${address}'].subnet.id | [0]`;
    return [`subnet=$(az network nic list --query "${query}" --output tsv)`, 'vnet=${subnet%/subnets/*}'];
  },
  checked: ['vnet'],
  parts: asked({
    virtualNetwork: 'az network vnet show --ids "$vnet" --output json',
    networkInterfaces: 'az network nic list --output json',
    routeTables: 'az network route-table list --output json',
    networkSecurityGroups: 'az network nsg list --output json',
    refusals:
      'az monitor activity-log list --resource-provider Microsoft.Network --status Failed --offset 30d --max-events 500 --output json',
  }),
  notes: [
    'Peerings, Azure Firewall, rules of a Virtual Network Manager and routes that a gateway propagates are not read.',
    'The activity log tells whether a policy has refused to let the connector forward.',
  ],
};

/** The Resource Manager has a level `properties`, which the command line leaves out, and two of its versions write two names differently. */
export function azurePrinted(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const managed = (part: unknown) => mapRecords(part, asManaged);
  return {
    virtualNetwork: managed(oneIn(raw['virtualNetwork'], 'value')),
    networkInterfaces: managed(listIn(raw['networkInterfaces'], 'value')),
    routeTables: managed(listIn(raw['routeTables'], 'value')),
    networkSecurityGroups: managed(listIn(raw['networkSecurityGroups'], 'value')),
    refusals: listIn(raw['refusals'], 'value')?.flatMap(refusalIn) ?? [],
  };
}

function asManaged(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { enableIpForwarding, privateIpAddress, ...rest } = record;
  const named = {
    ...rest,
    ...(enableIpForwarding === undefined ? {} : { enableIPForwarding: enableIpForwarding }),
    ...(privateIpAddress === undefined ? {} : { privateIPAddress: privateIpAddress }),
  };
  return isRecord(record['properties']) ? named : { ...named, properties: named };
}

const byPolicy = 'RequestDisallowedByPolicy';

/** Its longest part is shown. */
const longestMessage = 1_000;

/** The log has failures of every kind: only refusals of a policy are wanted. What is a refusal already stays one. */
function refusalIn(event: unknown): readonly unknown[] {
  if (!isRecord(event) || typeof event['message'] === 'string') return [event];
  const { resourceId, properties } = event;
  const status = isRecord(properties) ? properties['statusMessage'] : undefined;
  if (typeof resourceId !== 'string' || typeof status !== 'string' || !status.includes(byPolicy)) return [];
  const said = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(status)?.[1];
  return [{ id: resourceId, message: (said === undefined ? status : `${byPolicy}: ${said}`).slice(0, longestMessage) }];
}
