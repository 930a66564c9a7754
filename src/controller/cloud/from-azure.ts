import { z } from 'zod';
import type { CloudState, FilterRule, NetworkCard, Peer, PortRange, Route, Target } from '../../core/trace/cloud/cloud-state.ts';
import { filterRule } from '../../core/trace/cloud/vendors.ts';
import { filterProtocol } from './filter-protocol.ts';
import { flag, many, maybe, text } from './vendor-schema.ts';
import { addressTexts, peerOf, portRange, portsText, prefixText, prefixTexts } from './vendor-values.ts';

/** Resource ids are compared without case, and the API does not always repeat that of the name. */
const id = z.string().transform((value) => value.toLowerCase());
const reference = maybe(z.object({ id }));

const securityRule = z.object({
  name: z.string(),
  properties: z.object({
    priority: z.number(),
    direction: z.enum(['Inbound', 'Outbound']),
    access: z.enum(['Allow', 'Deny']),
    protocol: z.string(),
    sourceAddressPrefix: text,
    sourceAddressPrefixes: many(z.string()),
    sourceApplicationSecurityGroups: many(z.object({ id })),
    sourcePortRange: text,
    sourcePortRanges: many(z.string()),
    destinationAddressPrefix: text,
    destinationAddressPrefixes: many(z.string()),
    destinationApplicationSecurityGroups: many(z.object({ id })),
    destinationPortRange: text,
    destinationPortRanges: many(z.string()),
  }),
});

/** azureAnswers are lists of Azure Resource Manager (Microsoft.Network) for one VNet; null where they may not be read. */
export const azureAnswers = z.object({
  virtualNetwork: z.object({
    id,
    name: z.string(),
    properties: z.object({
      addressSpace: z.object({ addressPrefixes: z.array(z.string()) }),
      subnets: many(
        z.object({
          id,
          name: z.string(),
          properties: z.object({
            addressPrefix: text,
            addressPrefixes: many(z.string()),
            routeTable: reference,
            networkSecurityGroup: reference,
          }),
        }),
      ),
    }),
  }),
  networkInterfaces: z.array(
    z.object({
      id,
      name: z.string(),
      properties: z.object({
        enableIPForwarding: flag,
        networkSecurityGroup: reference,
        virtualMachine: reference,
        ipConfigurations: many(
          z.object({
            properties: z.object({
              privateIPAddress: text,
              primary: flag,
              subnet: reference,
              applicationSecurityGroups: many(z.object({ id })),
            }),
          }),
        ),
      }),
    }),
  ),
  routeTables: z
    .array(
      z.object({
        id,
        name: z.string(),
        properties: z.object({
          routes: many(
            z.object({
              properties: z.object({ addressPrefix: text, nextHopType: z.string(), nextHopIpAddress: text }),
            }),
          ),
        }),
      }),
    )
    .nullable(),
  networkSecurityGroups: z
    .array(z.object({ id, name: z.string(), properties: z.object({ securityRules: many(securityRule) }) }))
    .nullable(),
  /** Answers to an attempt to turn forwarding on that a policy refused, by the id of the interface. */
  refusals: many(z.object({ id, message: z.string() })),
});
type AzureAnswers = z.infer<typeof azureAnswers>;

/** fromAzure makes a state of them. Default rules and system routes are left to the model, which knows them. */
export function fromAzure(answers: AzureAnswers, at: string): CloudState {
  const { virtualNetwork, networkInterfaces, routeTables, networkSecurityGroups, refusals } = answers;
  const subnets = new Set(virtualNetwork.properties.subnets.map((subnet) => subnet.id));
  // Interfaces are listed by subscription, and another VNet may have the same addresses.
  const cards = networkInterfaces
    .map((each) => cardOf(each, refusals))
    .filter(({ subnet }) => subnet === null || subnets.has(subnet));
  return {
    cloud: 'azure',
    id: virtualNetwork.id,
    label: virtualNetwork.name,
    reading: { from: 'api', at },
    ranges: prefixTexts(virtualNetwork.properties.addressSpace.addressPrefixes),
    cards,
    subnets: virtualNetwork.properties.subnets.map(({ id: subnet, name, properties }) => ({
      id: subnet,
      label: name,
      prefixes: prefixTexts([properties.addressPrefix, ...properties.addressPrefixes]),
      table: properties.routeTable === null ? { kind: 'default' } : { kind: 'own', id: properties.routeTable.id },
      filters: listOf(properties.networkSecurityGroup),
    })),
    tables:
      routeTables?.map(({ id: table, name, properties }) => ({
        id: table,
        label: name,
        main: false,
        routes: properties.routes.map((route) => routeOf(route.properties)),
      })) ?? null,
    filters:
      networkSecurityGroups?.map(({ id: group, name, properties }) => ({
        id: group,
        label: name,
        rules: properties.securityRules.map(ruleOf),
      })) ?? null,
  };
}

function cardOf(
  { id: card, name, properties }: AzureAnswers['networkInterfaces'][number],
  refusals: AzureAnswers['refusals'],
): NetworkCard {
  const own = properties.ipConfigurations
    .map((configuration) => configuration.properties)
    .toSorted((a, b) => Number(b.primary === true) - Number(a.primary === true));
  return {
    id: card,
    label: name,
    aliases: listOf(properties.virtualMachine),
    addresses: addressTexts(own.map(({ privateIPAddress }) => privateIPAddress)),
    subnet: own[0]?.subnet?.id ?? null,
    forwards: properties.enableIPForwarding,
    refusal: refusals.find((refusal) => refusal.id === card)?.message ?? null,
    filters: listOf(properties.networkSecurityGroup),
    tags: own.flatMap(({ applicationSecurityGroups }) => applicationSecurityGroups.map((group) => group.id)),
  };
}

function routeOf(route: { addressPrefix: string | null; nextHopType: string; nextHopIpAddress: string | null }): Route {
  return {
    // A service tag has no prefix of ours.
    destination: route.addressPrefix === null ? null : (prefixText(route.addressPrefix) ?? null),
    target: targetOf(route.nextHopType, route.nextHopIpAddress),
    state: 'active',
    origin: 'user',
    priority: null,
    tags: null,
  };
}

function targetOf(type: string, address: string | null): Target {
  switch (type) {
    case 'VirtualAppliance': {
      const [hop] = addressTexts([address]);
      return hop === undefined ? { kind: 'elsewhere', name: 'VirtualAppliance' } : { kind: 'address', address: hop };
    }
    case 'VnetLocal':
      return { kind: 'local' };
    case 'Internet':
      return { kind: 'internet', name: 'Internet' };
    case 'None':
      return { kind: 'nowhere' };
    default:
      return { kind: 'elsewhere', name: type };
  }
}

function ruleOf({ name, properties }: z.infer<typeof securityRule>): FilterRule {
  const direction = properties.direction === 'Inbound' ? 'in' : 'out';
  const source = peers(
    properties.sourceAddressPrefix,
    properties.sourceAddressPrefixes,
    properties.sourceApplicationSecurityGroups,
  );
  const destination = peers(
    properties.destinationAddressPrefix,
    properties.destinationAddressPrefixes,
    properties.destinationApplicationSecurityGroups,
  );
  const ports = ranges(properties.destinationPortRange, properties.destinationPortRanges);
  const action = properties.access === 'Allow' ? 'allow' : 'deny';
  const what = properties.protocol === '*' ? 'all' : properties.protocol.toLowerCase();
  const from = [properties.sourceAddressPrefix, ...properties.sourceAddressPrefixes].filter(Boolean).join(', ');
  const [theirs, ours] = direction === 'in' ? [source, destination] : [destination, source];
  return filterRule({
    text: `${String(properties.priority)} ${name}: ${action} ${what}${portsText(ports)} from ${from === '' ? 'groups' : from}`,
    direction,
    action,
    order: properties.priority,
    protocol: filterProtocol(properties.protocol),
    ...(theirs === null ? {} : { peers: theirs }),
    own: ours,
    ports,
    sourcePorts: ranges(properties.sourcePortRange, properties.sourcePortRanges),
  });
}

/** Null for `*`, which is any address. */
function peers(
  one: string | null,
  several: readonly string[],
  groups: readonly { readonly id: string }[],
): readonly Peer[] | null {
  const texts = one === null || one === '' ? several : [one, ...several];
  if (texts.includes('*') || texts.some((each) => each.toLowerCase() === 'any')) return null;
  return [...texts.map(peerOf), ...groups.map(({ id: tag }): Peer => ({ kind: 'tag', tag }))];
}

function ranges(one: string | null, several: readonly string[]): readonly PortRange[] | null {
  const texts = one === null || one === '' ? several : [one, ...several];
  return texts.length === 0 || texts.includes('*') ? null : texts.flatMap((each) => portRange(each) ?? []);
}

function listOf(found: { readonly id: string } | null): readonly string[] {
  return found === null ? [] : [found.id];
}
