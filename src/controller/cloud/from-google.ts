import { z } from 'zod';
import type { CloudState, FilterRule, NetworkCard, Peer, PortRange, Route, Target } from '../../core/trace/cloud/cloud-state.ts';
import { anywhere, filterRule } from '../../core/trace/cloud/vendors.ts';
import { filterProtocol } from './filter-protocol.ts';
import { flag, many, maybe, number, text } from './vendor-schema.ts';
import { addressTexts, portRange, portsText, prefixText, prefixTexts } from './vendor-values.ts';

/** Links are compared from the project on: host and version of the API differ between answers. */
const link = z.string().transform((value) => /projects\/.*$/.exec(value)?.[0] ?? value);

const traffic = z.object({ IPProtocol: z.string(), ports: many(z.string()) });

/** googleAnswers are lists of the Compute Engine API for one VPC network; null where they may not be read. */
export const googleAnswers = z.object({
  network: z.object({ name: z.string(), selfLink: link }),
  instances: z.array(
    z.object({
      name: z.string(),
      selfLink: link,
      canIpForward: flag,
      tags: maybe(z.object({ items: many(z.string()) })),
      serviceAccounts: many(z.object({ email: z.string() })),
      networkInterfaces: many(z.object({ name: z.string(), network: link, subnetwork: maybe(link), networkIP: text })),
    }),
  ),
  subnetworks: z.array(
    z.object({
      name: z.string(),
      selfLink: link,
      network: link,
      ipCidrRange: text,
      secondaryIpRanges: many(z.object({ ipCidrRange: text })),
    }),
  ),
  routes: z
    .array(
      z.object({
        name: z.string(),
        network: link,
        destRange: z.string(),
        priority: number,
        tags: many(z.string()),
        nextHopInstance: maybe(link),
        nextHopIp: text,
        nextHopGateway: text,
        nextHopNetwork: text,
        nextHopPeering: text,
        nextHopVpnTunnel: text,
        nextHopIlb: text,
        nextHopHub: text,
        routeType: text,
        warnings: many(z.object({ code: z.string() })),
      }),
    )
    .nullable(),
  firewalls: z
    .array(
      z.object({
        name: z.string(),
        network: link,
        direction: z.enum(['INGRESS', 'EGRESS']),
        priority: number,
        disabled: flag,
        sourceRanges: many(z.string()),
        sourceTags: many(z.string()),
        sourceServiceAccounts: many(z.string()),
        destinationRanges: many(z.string()),
        targetTags: many(z.string()),
        targetServiceAccounts: many(z.string()),
        allowed: many(traffic),
        denied: many(traffic),
      }),
    )
    .nullable(),
});
type GoogleAnswers = z.infer<typeof googleAnswers>;

/** Warnings of a route whose next hop cannot take packets. That it may not forward is another fault, and seen at its card. */
const gone = new Set([
  'NEXT_HOP_ADDRESS_NOT_ASSIGNED',
  'NEXT_HOP_INSTANCE_NOT_FOUND',
  'NEXT_HOP_INSTANCE_NOT_ON_NETWORK',
  'NEXT_HOP_NOT_RUNNING',
]);

/** fromGoogle makes a state of them. Implied rules are left to the model, which knows them; hierarchical firewall policies are not read. */
export function fromGoogle(answers: GoogleAnswers, at: string): CloudState {
  const { network, instances, subnetworks, routes, firewalls } = answers;
  const ours = <T extends { readonly network: string }>(list: readonly T[]) =>
    list.filter((each) => each.network === network.selfLink);
  const subnets = ours(subnetworks).map(({ name, selfLink, ipCidrRange, secondaryIpRanges }) => ({
    id: selfLink,
    label: name,
    prefixes: prefixTexts([ipCidrRange, ...secondaryIpRanges.map((range) => range.ipCidrRange)]),
    table: { kind: 'default' } as const,
    filters: [],
  }));
  return {
    cloud: 'gcp',
    id: network.selfLink,
    label: network.name,
    reading: { from: 'api', at },
    ranges: subnets.flatMap(({ prefixes }) => prefixes),
    cards: instances.flatMap((instance) => cardsOf(instance, network.selfLink)),
    subnets,
    tables:
      routes === null ? null : [{ id: network.selfLink, label: network.name, main: true, routes: ours(routes).map(routeOf) }],
    filters:
      firewalls === null
        ? null
        : [{ id: network.selfLink, label: `of ${network.name}`, rules: ours(firewalls).flatMap(rulesOf) }],
  };
}

function cardsOf(instance: GoogleAnswers['instances'][number], network: string): readonly NetworkCard[] {
  const { name, selfLink, canIpForward, tags, serviceAccounts, networkInterfaces } = instance;
  return networkInterfaces
    .filter((each) => each.network === network)
    .map((each) => ({
      id: `${selfLink}/${each.name}`,
      label: `${name} ${each.name}`,
      aliases: [selfLink],
      addresses: addressTexts([each.networkIP]),
      subnet: each.subnetwork,
      // Left out where it is false.
      forwards: canIpForward ?? false,
      refusal: null,
      filters: [network],
      tags: [...(tags?.items ?? []), ...serviceAccounts.map(({ email }) => email)],
    }));
}

function routeOf(route: NonNullable<GoogleAnswers['routes']>[number]): Route {
  return {
    destination: prefixText(route.destRange) ?? null,
    target: targetOf(route),
    state: route.warnings.some(({ code }) => gone.has(code)) ? 'dead' : 'active',
    origin: route.nextHopNetwork !== null ? 'system' : route.routeType === 'BGP' ? 'propagated' : 'user',
    priority: route.priority ?? 1000,
    tags: route.tags.length === 0 ? null : route.tags,
  };
}

function targetOf(route: NonNullable<GoogleAnswers['routes']>[number]): Target {
  if (route.nextHopNetwork !== null) return { kind: 'local' };
  if (route.nextHopInstance !== null) return { kind: 'card', name: route.nextHopInstance };
  const [address] = addressTexts([route.nextHopIp]);
  if (address !== undefined) return { kind: 'address', address };
  if (route.nextHopGateway !== null) return { kind: 'internet', name: 'default-internet-gateway' };
  const elsewhere = route.nextHopPeering ?? route.nextHopVpnTunnel ?? route.nextHopIlb ?? route.nextHopHub;
  return { kind: 'elsewhere', name: elsewhere ?? route.name };
}

/** One rule of Google's is one of ours per protocol. */
function rulesOf(firewall: NonNullable<GoogleAnswers['firewalls']>[number]): readonly FilterRule[] {
  if (firewall.disabled === true) return [];
  const { name, direction, sourceRanges, sourceTags, sourceServiceAccounts, destinationRanges } = firewall;
  const isIn = direction === 'INGRESS';
  const order = firewall.priority ?? 1000;
  const targets = [...firewall.targetTags, ...firewall.targetServiceAccounts];
  const named = isIn ? [...sourceTags, ...sourceServiceAccounts] : [];
  const peers: readonly Peer[] = [
    ...prefixTexts(isIn ? sourceRanges : destinationRanges).map((prefix): Peer => ({ kind: 'prefix', prefix })),
    ...named.map((tag): Peer => ({ kind: 'tag', tag })),
  ];
  const other = prefixTexts(isIn ? destinationRanges : sourceRanges);
  const ruleFor = (action: FilterRule['action'], { IPProtocol, ports }: z.infer<typeof traffic>): FilterRule => {
    const list: readonly PortRange[] | null = ports.length === 0 ? null : ports.flatMap((each) => portRange(each) ?? []);
    return filterRule({
      text: `${String(order)} ${name}: ${action} ${IPProtocol}${portsText(list)}`,
      direction: isIn ? 'in' : 'out',
      action,
      order,
      protocol: filterProtocol(IPProtocol),
      peers: peers.length === 0 ? anywhere : peers,
      own: other.length === 0 ? null : other.map((prefix) => ({ kind: 'prefix', prefix })),
      ports: list,
      tags: targets.length === 0 ? null : targets,
    });
  };
  return [...firewall.allowed.map((each) => ruleFor('allow', each)), ...firewall.denied.map((each) => ruleFor('deny', each))];
}
