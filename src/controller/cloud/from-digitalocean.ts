import { z } from 'zod';
import type { CloudState, FilterRule, Peer } from '../../core/trace/cloud/cloud-state.ts';
import { filterRule } from '../../core/trace/cloud/vendors.ts';
import { many, maybe, text } from './vendor-schema.ts';
import { addressTexts, portRange, portsText, prefixText, prefixTexts } from './vendor-values.ts';

const ends = maybe(z.object({ addresses: many(z.string()), droplet_ids: many(z.number()), tags: many(z.string()) }));
const inbound = z.object({ protocol: z.string(), ports: text, sources: ends });
const outbound = z.object({ protocol: z.string(), ports: text, destinations: ends });

/** digitaloceanAnswers are those of /v2/vpcs, /v2/droplets, /v2/firewalls and of the routes of a VPC's subnets (preview); null: not allowed. */
export const digitaloceanAnswers = z.object({
  vpc: z.object({ id: z.string(), name: z.string(), ip_range: z.string() }),
  subnets: z.array(z.object({ id: z.string(), name: text, ip_range: z.string() })),
  droplets: z.array(
    z.object({
      id: z.number(),
      name: z.string(),
      vpc_uuid: text,
      tags: many(z.string()),
      networks: z.object({ v4: many(z.object({ ip_address: z.string(), type: z.string() })) }),
    }),
  ),
  firewalls: z
    .array(
      z.object({
        id: z.string(),
        name: z.string(),
        droplet_ids: many(z.number()),
        tags: many(z.string()),
        inbound_rules: many(inbound),
        outbound_rules: many(outbound),
      }),
    )
    .nullable(),
  routes: z.array(z.object({ subnet: z.string(), destination_cidr: z.string(), target_urns: many(z.string()) })).nullable(),
});

/** fromDigitalOcean makes a state of them. */
export function fromDigitalOcean(answers: z.infer<typeof digitaloceanAnswers>, at: string): CloudState {
  const { vpc, subnets, droplets, firewalls, routes } = answers;
  const guards = (droplet: (typeof droplets)[number]) =>
    (firewalls ?? [])
      .filter(({ droplet_ids, tags }) => droplet_ids.includes(droplet.id) || tags.some((tag) => droplet.tags.includes(tag)))
      .map(({ id }) => id);
  return {
    cloud: 'digitalocean',
    id: vpc.id,
    label: vpc.name,
    reading: { from: 'api', at },
    ranges: prefixTexts([vpc.ip_range]),
    cards: droplets
      .filter(({ vpc_uuid }) => vpc_uuid === vpc.id)
      .map((droplet) => ({
        id: `${String(droplet.id)}/private`,
        label: droplet.name,
        aliases: [String(droplet.id)],
        addresses: addressTexts(droplet.networks.v4.filter(({ type }) => type === 'private').map(({ ip_address }) => ip_address)),
        subnet: null,
        // It is not documented that there is such a check.
        forwards: null,
        refusal: null,
        filters: firewalls === null ? null : guards(droplet),
        tags: droplet.tags,
      })),
    subnets: subnets.map(({ id, name, ip_range }) => ({
      id,
      label: name ?? id,
      prefixes: prefixTexts([ip_range]),
      table: { kind: 'own', id },
      filters: [],
    })),
    tables:
      routes === null
        ? null
        : subnets.map(({ id, name }) => ({
            id,
            label: name ?? id,
            main: false,
            routes: routes
              .filter(({ subnet }) => subnet === id)
              .flatMap(({ destination_cidr, target_urns }) =>
                target_urns.map((urn) => ({
                  destination: prefixText(destination_cidr) ?? null,
                  target: { kind: 'card' as const, name: urn.replace(/^do:droplet:/, '') },
                  state: 'active' as const,
                  origin: 'user' as const,
                  priority: null,
                  tags: null,
                })),
              ),
          })),
    filters:
      firewalls?.map(({ id, name, inbound_rules, outbound_rules }) => ({
        id,
        label: name,
        rules: [
          ...inbound_rules.map((each) => ruleOf('in', each.protocol, each.ports, each.sources)),
          ...outbound_rules.map((each) => ruleOf('out', each.protocol, each.ports, each.destinations)),
        ],
      })) ?? null,
  };
}

function ruleOf(
  direction: FilterRule['direction'],
  protocol: string,
  range: string | null,
  others: z.infer<typeof ends>,
): FilterRule {
  const peers: readonly Peer[] = [
    ...prefixTexts(others?.addresses ?? []).map((prefix): Peer => ({ kind: 'prefix', prefix })),
    ...(others?.droplet_ids ?? []).map((id): Peer => ({ kind: 'card', name: String(id) })),
    ...(others?.tags ?? []).map((tag): Peer => ({ kind: 'tag', tag })),
  ];
  const isAll = range === null || range === '' || range === '0' || range === 'all';
  const ports = isAll ? null : [portRange(range)].filter((each) => each !== undefined);
  const names = peers.map((peer) => ('prefix' in peer ? peer.prefix : 'name' in peer ? `Droplet ${peer.name}` : 'tag'));
  return filterRule({
    text: `${protocol}${portsText(ports)} ${direction === 'in' ? 'from' : 'to'} ${names.join(', ')}`,
    direction,
    protocol: protocol === 'tcp' || protocol === 'udp' || protocol === 'icmp' ? protocol : 'other',
    peers,
    ports,
  });
}
