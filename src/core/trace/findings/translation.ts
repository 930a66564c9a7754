import type { PrefixText } from '../../ip/prefix.ts';
import type { Entry, Theme } from './entry.ts';
import { both } from './entry.ts';
import { addressWord, interfaceWord, nftChain, numberWord } from './command-words.ts';
import { byHand, fix, onConnector, onRouter } from './fix.ts';
import { masquerade } from './nat-fix.ts';
import { rangeOf } from './ranges.ts';
import { bothOptions } from './return-way.ts';
import { network, object, quoted, shown, subject } from './sentences.ts';
import { sysctlFix } from './sysctl-fix.ts';

/** What the texts of static routes are written from, beside what the context knows. */
export const routeFacts = [
  'networkId',
  'networkName',
  'platform',
  'parameters',
  'prefix',
  'prefixes',
  'lanAddress',
  'routerAddress',
  'destination',
  'source',
] as const satisfies Entry['reads'];

/** Translation of addresses, and the table of connections that remembers it. */
export const translation = {
  'NAT-OFF-NO-ROUTE': {
    severity: 'error',
    symptom: 'The request arrives at the server, and no answer comes: the classic.',
    title: (cause) =>
      `Answers to ${cause.facts.destination === undefined ? 'devices' : shown(cause.facts.destination)} find no way back: NAT is off, and ${object(cause)} has no route to the connector`,
    explanation: (cause) =>
      `The server sees the tunnel address of the device and gives its answer to its router, since that address is not on its LAN. The router has no route for it in ${network(cause.facts)} and drops it, or hands it to the internet. On the connector the flow stays UNREPLIED with the tunnel address as reply destination.`,
    origin: 'outbound',
    node: 'router',
    directions: ['reverse'],
    tutorial: ['RA-14', 'RA-15', 'RA-16', 'RA-17', 'RA-18', 'IG-11', 'IG-12', 'IG-13', 'IG-14', 'IG-15'],
    hides: [],
    reads: routeFacts,
    fixes: bothOptions,
    injectable: true,
  },
  'NAT-STALE-CT': {
    severity: 'error',
    symptom: 'NAT was turned on, new connections work, and old ones stay dead.',
    title: (cause) => `${subject(cause)} still has flows that began before NAT was on`,
    explanation: () =>
      'NAT is chosen with the first packet of a flow and kept in its entry of conntrack; a flow that began without it goes on without it, and no answer finds back. The entry is UNREPLIED and expects the answer at the tunnel address itself.',
    origin: 'local',
    node: 'connector',
    directions: both,
    tutorial: ['RA-18'],
    hides: ['NAT-OFF-NO-ROUTE'],
    reads: ['source', 'connectorName'],
    fixes: (cause, context) => {
      const { source } = cause.facts;
      const known = source !== undefined && rangeOf(source, context) !== undefined ? addressWord(source, '') : undefined;
      return [
        fix({
          platform: 'linux',
          title: 'Forget these flows',
          where: onConnector(cause),
          commands:
            known === undefined ? context.tunnelRanges.map(forgetUnanswered) : [`conntrack -D -s ${known} --reply-dst ${known}`],
          risk: 'A connection that waits for its answer begins anew with its next packet. Flows with NAT are not touched.',
          action: { kind: 'forget-flows' },
          verify: [`conntrack -L -s ${known ?? context.tunnelRanges[0] ?? 'WPC_RANGE'}`],
          evidence: 'tested',
        }),
      ];
    },
    injectable: true,
  },
  'NAT-TOO-WIDE': {
    severity: 'warning',
    symptom:
      'Servers see the connector instead of the computer of the other site; nobody at the LAN can begin a connection to devices.',
    title: (cause) => `A rule on ${object(cause)} hides more sources than it should`,
    explanation: (cause) =>
      `A rule for NAT that is not ours (${quoted(cause.facts.rule, 'masquerade without a condition')}) also changes packets into the tunnel, or packets of other sites. Between sites sources are meant to stay real, so filters and logs at the other side are wrong, and connections from there cannot be begun.`,
    origin: 'outbound',
    node: 'connector',
    directions: ['reverse'],
    tutorial: ['RA-18', 'SS-21'],
    hides: [],
    reads: ['rule', 'family', 'table', 'chain', 'handle', 'connectorName'],
    fixes: (cause) => {
      const place = nftChain(cause.facts);
      if (place === undefined) {
        return [
          byHand('Narrow the rule', onConnector(cause), [
            'Delete the rule, or give it a condition on the interface by which packets leave: oifname != "causeway*". Our own table masquerades what has to be.',
          ]),
        ];
      }
      const chain = `${place.family} ${place.table} ${place.chain}`;
      return [
        fix({
          platform: 'linux',
          title: 'Leave out what goes into the tunnel',
          where: onConnector(cause),
          commands: [`nft insert rule ${chain} oifname '"causeway*"' counter accept comment '"causeway-no-nat"'`],
          undo: [
            `nft -a list chain ${chain} | sed -n 's/.*causeway-no-nat.*# handle //p' | while read -r handle; do nft delete rule ${chain} handle "$handle"; done`,
          ],
          risk: 'An accept ends this chain for such packets. Gone when the owner of the table loads it again. Connections under way keep their NAT.',
          verify: [`nft list chain ${chain}`],
          evidence: 'tested',
        }),
        fix({
          platform: 'linux',
          title: 'Delete the rule: our own table masquerades what has to be',
          where: onConnector(cause),
          commands: [`nft delete rule ${chain} handle ${numberWord(cause.facts.handle, 'HANDLE')}`],
          undo: ['# nft add rule, with the text that "nft -a list ruleset" shows before'],
          risk: 'Look first whom else it serves.',
          betterWhen: 'it was made for the tunnel alone',
          verify: [`nft -a list chain ${chain}`],
          evidence: 'tested',
        }),
      ];
    },
    injectable: true,
  },
  'NAT-SOURCE-IP': {
    severity: 'warning',
    symptom: 'Servers that filter by address refuse the connector now and then.',
    title: (cause) => `${subject(cause)} masquerades with one of several addresses`,
    explanation: (cause) =>
      `Masquerade takes the first address of the interface by which a packet leaves, or the one that the route prefers, and ${object(cause)} has several. A server or filter that knows only one of them drops the rest. The reply destinations in conntrack differ.`,
    origin: 'outbound',
    node: 'connector',
    directions: both,
    tutorial: ['RA-19'],
    hides: [],
    reads: ['interface', 'lanAddress', 'routerAddress', 'connectorName'],
    fixes: (cause) => {
      const change = (verb: string) =>
        `ip route ${verb} default via ${addressWord(cause.facts.routerAddress, 'ROUTER_ADDRESS')} dev ${interfaceWord(cause.facts.interface)} src ${addressWord(cause.facts.lanAddress, 'CONNECTOR_LAN_ADDRESS')}`;
      return [
        byHand('Let filters know all of them', 'at the servers and filters that name the connector', [
          `Allow every address of the connector's LAN interface, which "ip -br address show ${interfaceWord(cause.facts.interface)}" lists there.`,
        ]),
        fix({
          platform: 'linux',
          title: 'Prefer one address as source',
          where: onConnector(cause),
          commands: [change('replace')],
          undo: [change('replace').replace(/ src .*$/, '')],
          risk: 'For what leaves by the default route only; neighbours on the LAN see the first address of the interface. Gone after a restart: set it where the network is configured.',
          betterWhen: 'the servers stand behind a router',
          verify: [`ip route get ${addressWord(cause.facts.routerAddress, 'ROUTER_ADDRESS')}`],
          evidence: 'unverified',
        }),
      ];
    },
    injectable: true,
  },
  'CT-FULL': {
    severity: 'error',
    symptom: 'Packets of new connections are lost at random under load.',
    title: (cause) => `The table of connections of ${object(cause)} is full`,
    explanation: (cause) =>
      `conntrack holds as many flows as it may (${quoted(cause.facts.value, 'nf_conntrack_max')}), so the first packet of each new one is dropped. The kernel's log says "nf_conntrack: table full, dropping packet".`,
    origin: 'local',
    node: 'connector',
    directions: both,
    tutorial: [],
    hides: ['NAT-STALE-CT'],
    reads: ['value', 'sysctl', 'wanted', 'connectorName'],
    fixes: (cause) => [
      sysctlFix({
        cause,
        title: 'Let the table hold more',
        path: 'net/netfilter/nf_conntrack_max',
        value: /^[1-9][0-9]{3,7}$/.test(cause.facts.wanted ?? '') ? Number(cause.facts.wanted) : 262_144,
        file: 'ct-full',
        byAgent: false,
        evidence: 'unverified',
        risk: 'Each entry takes about 320 bytes of memory that is never swapped.',
        verify: ['sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max'],
      }),
    ],
    injectable: 'The limit is one for the whole kernel and may not be written in a namespace.',
  },
  'NAT-EDGE-SCOPE': {
    severity: 'error',
    symptom: 'Internet traffic leaves by the internet gateway, and nothing comes back.',
    title: (cause) =>
      `${subject(cause)} does not translate ${cause.facts.source === undefined ? 'tunnel addresses' : shown(cause.facts.source)} for the internet`,
    explanation: (cause) =>
      `In routed mode packets reach the edge router of ${network(cause.facts)} with the tunnel address of the device as source, and its rule for NAT covers its own LAN only. They go out with an address that the internet cannot answer.`,
    origin: 'outbound',
    node: 'router',
    directions: both,
    tutorial: ['IG-10', 'IG-11'],
    hides: [],
    reads: ['source', 'destination', 'networkId', 'networkName', 'routerAddress'],
    fixes: (cause, context) => [
      masquerade(
        cause,
        context,
        'the site only carries traffic to the internet and to servers that need not know who it is: nothing is to be done at the router',
      ),
      byHand(
        "Widen the router's rule",
        onRouter(cause),
        [
          `Let its source NAT for the internet also cover ${context.tunnelRanges.join(', ')}. On a Linux router: nft add rule ip nat postrouting oifname "WAN" ip saddr ${context.tunnelRanges[0] ?? 'WPC_RANGE'} masquerade.`,
          'It also needs the static route for that range to the connector.',
        ],
        { betterWhen: 'servers of the site have to see real addresses' },
      ),
    ],
    injectable: true,
  },
  'CTR-BRIDGE': {
    severity: 'warning',
    symptom: 'The connector runs in a container: people reach the LAN, and nobody at the LAN reaches people.',
    title: (cause) => `${subject(cause)} runs in a container with a network of its own`,
    explanation: () =>
      'The container stands behind the NAT of its host, so every packet is translated twice. The LAN cannot send to an address inside the host, so static routes are impossible and nothing can be begun from the LAN.',
    origin: 'outbound',
    node: 'connector',
    directions: ['reverse'],
    tutorial: [],
    hides: ['NAT-TOO-WIDE'],
    reads: ['networkId', 'networkName', 'destination', 'source'],
    fixes: (cause, context) => [
      byHand(
        "Use the host's network",
        "on the container's host",
        [
          "Start it with --network host --cap-add NET_ADMIN --device /dev/net/tun, and set net.ipv4.ip_forward=1 on the host: a container with the host's network takes no --sysctl.",
        ],
        { undo: ['Start it as before.'] },
      ),
      { ...masquerade(cause, context, 'only people begin connections'), title: 'Keep it, with NAT' },
    ],
    injectable: 'It needs a container runtime with a bridge of its own; NAT twice alone is not it.',
  },
} as const satisfies Theme<
  'NAT-OFF-NO-ROUTE' | 'NAT-STALE-CT' | 'NAT-TOO-WIDE' | 'NAT-SOURCE-IP' | 'CT-FULL' | 'NAT-EDGE-SCOPE' | 'CTR-BRIDGE'
>;

/** By single addresses, since conntrack takes no prefix for what answers are expected at. */
function forgetUnanswered(range: PrefixText): string {
  const sources = `conntrack -L -s ${range} 2>/dev/null | sed -n 's/.*src=\\([0-9.]*\\) dst=.*UNREPLIED.*/\\1/p' | sort -u`;
  return `${sources} | while read -r source; do conntrack -D -s "$source" --reply-dst "$source"; done`;
}
