/** Clouds for the tests of this directory: a VPC 10.0.0.0/16, a connector in one subnet, a server in another, all as it should be for routed mode. */
import type { AddressText } from '../../ip/address.ts';
import { strictAddress } from '../../ip/address.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import type { Packet } from '../packet.ts';
import type { Step } from '../result.ts';
import type { CloudId, CloudState, Filter, FilterRule, NetworkCard, Peer, Route, RouteTable, Subnet } from './cloud-state.ts';
import type { Crossing, Delivery } from './crossing.ts';
import { cloudDelivers } from './deliver.ts';
import { filterRule } from './vendors.ts';

export const client = '100.96.0.13';
export const connector = '10.0.0.10';
export const server = '10.0.1.20';
export const wpc = '100.96.0.0/11';

export const prefix = (text: string): Peer => ({ kind: 'prefix', prefix: text as PrefixText });

export function rule(text: string, rest: Partial<FilterRule> = {}): FilterRule {
  return filterRule({ text, direction: 'in', ...rest });
}

export function route(destination: string, target: Route['target'], rest: Partial<Route> = {}): Route {
  const usual = { state: 'active', origin: 'user', priority: null, tags: null } as const;
  return { destination: destination as PrefixText, target, ...usual, ...rest };
}

export function filter(id: string, rules: readonly FilterRule[] | null): Filter {
  return { id, label: id, rules };
}

const toConnector = {
  aws: { kind: 'card', name: 'eni-0c0c0c0c0c0c0c0c0' },
  azure: { kind: 'address', address: connector as AddressText },
  gcp: { kind: 'card', name: 'hq-connector' },
  oci: { kind: 'card', name: 'ocid1.privateip.oc1.eu-frankfurt-1.aaaac' },
  digitalocean: { kind: 'card', name: '3164494' },
  hetzner: { kind: 'address', address: connector as AddressText },
  alibaba: { kind: 'card', name: 'i-bp1connector' },
} as const satisfies Record<CloudId, Route['target']>;

/** Where the route of a site leads in each cloud. */
export function viaConnector(cloud: CloudId): Route['target'] {
  return toConnector[cloud];
}

const cardId = {
  aws: 'eni-0c0c0c0c0c0c0c0c0',
  azure: '/subscriptions/s/resourceGroups/hq-rg/providers/Microsoft.Network/networkInterfaces/hq-connector-nic',
  gcp: 'hq-connector/nic0',
  oci: 'ocid1.vnic.oc1.eu-frankfurt-1.aaaac',
  digitalocean: 'droplet-3164494',
  hetzner: 'server-7',
  alibaba: 'eni-bp1c',
} as const satisfies Record<CloudId, string>;

export function cloud(id: CloudId, change: (state: CloudState) => Partial<CloudState> = () => ({})): CloudState {
  const card = (name: string, address: string, subnet: string, rest: Partial<NetworkCard>): NetworkCard => ({
    id: name,
    label: name,
    aliases: [],
    addresses: [address as AddressText],
    subnet,
    forwards: false,
    refusal: null,
    filters: [],
    tags: [],
    ...rest,
  });
  const subnet = (name: string, text: string): Subnet => ({
    id: name,
    label: name,
    prefixes: [text as PrefixText],
    table: { kind: 'default' },
    filters: [],
  });
  const state: CloudState = {
    cloud: id,
    id: 'vpc-1',
    label: 'hq',
    reading: { from: 'api', at: '2026-11-27T08:00:00.000Z' },
    ranges: ['10.0.0.0/16' as PrefixText],
    cards: [
      card(cardId[id], connector, 'subnet-c', {
        label: 'connector-nic',
        aliases: ['hq-connector', 'ocid1.privateip.oc1.eu-frankfurt-1.aaaac', '3164494', 'i-bp1connector'],
        forwards: true,
        filters: ['sg-c'],
      }),
      card('nic-s', server, 'subnet-s', { filters: ['sg-s'] }),
    ],
    subnets: [subnet('subnet-c', '10.0.0.0/24'), subnet('subnet-s', '10.0.1.0/24')],
    tables: [table('rtb-0main', [route(wpc, toConnector[id]), route('0.0.0.0/0', { kind: 'internet', name: 'igw-1' })], true)],
    filters: [
      filter('sg-c', [rule('all from the LAN', { peers: [prefix('10.0.0.0/16')] }), rule('all out', { direction: 'out' })]),
      filter('sg-s', [rule('all from the WPC', { peers: [prefix(wpc)] }), rule('all out', { direction: 'out' })]),
    ],
  };
  return { ...state, ...change(state) };
}

export function table(id: string, routes: readonly Route[], main = false): RouteTable {
  return { id, label: id, main, routes };
}

/** changed replaces the one of a list that has this id. */
export function changed<T extends { readonly id: string }>(
  list: readonly T[] | null,
  id: string,
  change: Partial<T>,
): readonly T[] {
  return (list ?? []).map((each) => (each.id === id ? { ...each, ...change } : each));
}

export function packet(from: string, to: string, rest: Partial<Packet> = {}): Packet {
  return {
    source: strictAddress(from),
    destination: strictAddress(to),
    protocol: 'tcp',
    sourcePort: 40_000,
    destinationPort: 443,
    kind: 'syn',
    bytes: 60,
    dontFragment: true,
    ttl: 62,
    ...rest,
  };
}

export function crossing(sender: string, packetOnWire: Packet, memory: Crossing['memory'] = new Map()): Crossing {
  return {
    packet: packetOnWire,
    sender: strictAddress(sender),
    connectors: [strictAddress(connector)],
    wanted: [wpc as PrefixText],
    memory,
  };
}

/** there sends a client's packet from the connector to the server: with its own source, or behind the connector's address. */
export function there(state: CloudState, source = client, rest: Partial<Packet> = {}): Delivery {
  return cloudDelivers(state, crossing(connector, packet(source, server, rest)));
}

/** back is the server's answer to it. Its filters remember what `there` went through, where it arrived. */
export function back(state: CloudState, source = client, way: Delivery = there(state, source)): Delivery {
  const memory = way.outcome.kind === 'delivered' ? way.outcome.remembered : undefined;
  const answer = packet(server, source, { sourcePort: 443, destinationPort: 40_000, kind: 'syn-ack' });
  return cloudDelivers(state, crossing(server, answer, memory));
}

/** ends is a delivery in one line: how it ends, and where and why. */
export function ends(delivery: Delivery): string {
  const { outcome } = delivery;
  if (outcome.kind === 'delivered') return `delivered to ${outcome.to}`;
  if (outcome.kind === 'internet' || outcome.kind === 'elsewhere') return outcome.kind;
  for (const part of ['receiver', 'router', 'sender'] as const) {
    const last = delivery[part].at(-1);
    if (last !== undefined) return `${outcome.kind} at ${part}: ${last.stage}${last.cause === null ? '' : ` ${last.cause.code}`}`;
  }
  return outcome.kind;
}

export function stepsOfDelivery({ sender, router, receiver }: Delivery): readonly Step[] {
  return [...sender, ...router, ...receiver];
}
