import type { Address } from '../../ip/address.ts';
import { containsAddress } from '../../ip/prefix.ts';
import type { Packet } from '../packet.ts';
import type { CloudState, FilterRule, NetworkCard, Peer, PortRange, Route } from './cloud-state.ts';
import { cardAt, cardNamed, hasAddress, isInside, isPrivate, prefixOn } from './lookup.ts';

/** Certainty is the answer of a comparison with what may not have been read. */
export type Certainty = 'yes' | 'no' | 'unknown';

/** Field is what of a rule a packet can miss, in words for people. */
export type Field = 'target' | 'protocol' | 'type' | 'port' | 'source port' | 'source' | 'destination' | 'own address';

export type RuleMatch = {
  readonly rule: FilterRule;
  readonly certainty: Certainty;
  /** The fields that do not match; empty for `yes`. */
  readonly missed: readonly Field[];
};

/** Bound is where a rule is looked at: on which card, for which packet. */
export type Bound = {
  readonly state: CloudState;
  readonly packet: Packet;
  readonly direction: 'in' | 'out';
  /** The card that the filter guards; undefined where it was not read. */
  readonly card: NetworkCard | undefined;
};

/** matchRule compares every field, so that a denial can say all that is missing and not only the first. */
export function matchRule(rule: FilterRule, bound: Bound): RuleMatch {
  const { packet, direction, card } = bound;
  const [peer, own] = direction === 'in' ? [packet.source, packet.destination] : [packet.destination, packet.source];
  const fields: readonly (readonly [Field, Certainty])[] = [
    ['target', targeted(rule, card)],
    ['protocol', sure(rule.protocol === 'any' || rule.protocol === packet.protocol)],
    ['type', sure(rule.icmpType === null || rule.icmpType === icmpType(packet))],
    ['port', sure(packet.protocol === 'icmp' || inRanges(rule.ports, packet.destinationPort))],
    ['source port', sure(packet.protocol === 'icmp' || inRanges(rule.sourcePorts, packet.sourcePort))],
    ['own address', rule.own === null ? 'yes' : anyOf(rule.own.map((each) => isPeer(each, own, bound)))],
    [direction === 'in' ? 'source' : 'destination', anyOf(rule.peers.map((each) => isPeer(each, peer, bound)))],
  ];
  const missed = fields.flatMap(([field, certainty]) => (certainty === 'no' ? [field] : []));
  if (missed.length > 0) return { rule, certainty: 'no', missed };
  return { rule, certainty: fields.some(([, certainty]) => certainty === 'unknown') ? 'unknown' : 'yes', missed };
}

/**
 * refersTo: the rule names cards and not addresses, and this card is one of them. A packet that the card only forwards does not match such
 * a rule, because its source is not the card's: SG-REF-LOST.
 */
export function refersTo(rule: FilterRule, card: NetworkCard): boolean {
  return rule.peers.some((peer) => isCardAmong(peer, card) === 'yes');
}

function isPeer(peer: Peer, address: Address, bound: Bound): Certainty {
  switch (peer.kind) {
    case 'prefix':
      return sure(containsAddress(prefixOn(peer, peer.prefix), address));
    case 'named':
      return isNamed(peer.name, address, bound.state);
    case 'card':
      return sure(hasAddress(cardNamed(bound.state, peer.name), address));
    case 'group':
    case 'tag': {
      const card = cardAt(bound.state, address);
      if (card !== undefined) return isCardAmong(peer, card);
      // No card can have an address outside the VPC; one inside may belong to a card that was not read.
      return isInside(bound.state, address) === 'no' ? 'no' : 'unknown';
    }
  }
}

function isCardAmong(peer: Peer, card: NetworkCard): Certainty {
  switch (peer.kind) {
    case 'prefix':
    case 'named':
      return 'no';
    case 'card':
      return sure(card.id === peer.name || card.aliases.includes(peer.name));
    case 'group':
      return card.filters === null ? 'unknown' : sure(card.filters.includes(peer.id));
    case 'tag':
      return card.tags === null ? 'unknown' : sure(card.tags.includes(peer.tag));
  }
}

/**
 * Azure's tags. `VirtualNetwork` is the VNet, and also what is connected to it: peerings, VPNs, and prefixes of user routes in a way that
 * the vendor does not lay down exactly, so outside the VNet it is `unknown` for an address that such a route leads anywhere. Other names
 * of Azure and Oracle are lists of the vendor's, of public addresses. Prefix lists of AWS and Alibaba are the customer's as well.
 */
function isNamed(name: string, address: Address, state: CloudState): Certainty {
  switch (name) {
    case 'VirtualNetwork': {
      const inside = isInside(state, address);
      if (inside !== 'no') return inside;
      if (state.tables === null) return 'unknown';
      const routed = state.tables.some(({ routes }) =>
        routes.some((route) => route.target.kind !== 'internet' && leads(route, address)),
      );
      return routed ? 'unknown' : 'no';
    }
    case 'AzureLoadBalancer':
      return 'no';
    case 'Internet':
      return isPrivate(address) ? 'no' : isInside(state, address) === 'no' ? 'yes' : 'unknown';
    default:
      return isPrivate(address) && (state.cloud === 'azure' || state.cloud === 'oci') ? 'no' : 'unknown';
  }
}

/** A default route makes nothing a part of the virtual network. */
function leads(route: Route, address: Address): boolean {
  if (route.destination === null) return true;
  const prefix = prefixOn(route, route.destination);
  return prefix.length > 0 && containsAddress(prefix, address);
}

function targeted({ tags }: FilterRule, card: NetworkCard | undefined): Certainty {
  if (tags === null) return 'yes';
  if (card === undefined || card.tags === null) return 'unknown';
  const own = card.tags;
  return sure(tags.some((tag) => own.includes(tag)));
}

function icmpType({ kind, source }: Packet): number | undefined {
  if (kind === 'echo-request') return source.family === 4 ? 8 : 128;
  if (kind === 'echo-reply') return source.family === 4 ? 0 : 129;
  return undefined;
}

function inRanges(ranges: readonly PortRange[] | null, port: number): boolean {
  return ranges === null || ranges.some(({ from, to }) => from <= port && port <= to);
}

function anyOf(answers: readonly Certainty[]): Certainty {
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}

function sure(fact: boolean): Certainty {
  return fact ? 'yes' : 'no';
}
