import type { AddressText } from '../../ip/address.ts';
import type { Cause } from '../cause.ts';
import { addressWord, interfaceWord } from './command-words.ts';
import type { Entry, FixContext, Theme } from './entry.ts';
import { byHand, fix, onConnector } from './fix.ts';
import { prefixAround } from './ranges.ts';
import { noWayBack } from './relations.ts';
import { destination, object, quoted, subject } from './sentences.ts';
import { routeQuestion, sysctlFix } from './sysctl-fix.ts';

const here: Pick<Entry, 'severity' | 'node'> = { severity: 'error', node: 'connector' };

const onGatewayHost = "on the host of the gateway's container";

const flow = ['source', 'destination', 'interface', 'tunnelInterface', 'connectorName'] as const;

/** What the kernel of a connector's machine decides before filters and after: whether it is a router, and whether it believes the source. */
export const forwarding = {
  'FWD-OFF': {
    ...here,
    symptom: 'The connector itself answers pings, and nothing behind it does. No error comes back.',
    title: (cause) => `${subject(cause)} does not forward packets`,
    explanation: (cause) =>
      `${cause.facts.sysctl === 'net/ipv6/conf/all/forwarding' ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward'} is 0 on its machine, so the kernel drops every packet that is not for the machine itself, in silence. Whatever is behind ${object(cause)} cannot be reached. It counts these packets as InAddrErrors, and "ip route get" for them answers "No route to host".`,
    origin: 'local',
    directions: ['forward'],
    tutorial: ['RA-11', 'RA-12', 'IG-7', 'IG-8', 'SS-6', 'SS-15'],
    hides: [...noWayBack, 'FWD-IFACE', 'FWD-NOT-PERSISTED'],
    reads: [...flow, 'sysctl', 'value'],
    fixes: (cause) => [
      sysctlFix({
        cause,
        title: 'Turn forwarding on, now and for the next start',
        path: cause.facts.sysctl === 'net/ipv6/conf/all/forwarding' ? cause.facts.sysctl : 'net/ipv4/ip_forward',
        value: 1,
        file: 'fwd-off',
        risk: 'The machine then forwards between all its interfaces, as far as its filters allow. It no longer takes ICMP redirects.',
        // A gateway turns it on by itself, wherever it may.
        ...(cause.object.kind === 'gateway' ? { where: onGatewayHost, byAgent: false } : {}),
      }),
      byHand(
        'In a container that may not write it',
        "on the container's host",
        [
          'Set net.ipv4.ip_forward=1 on the host where the container uses its network; else start the container with --sysctl net.ipv4.ip_forward=1.',
        ],
        { betterWhen: 'the first line answers "Read-only file system"' },
      ),
    ],
    injectable: true,
  },
  'FWD-IFACE': {
    ...here,
    symptom: 'The server sees the request and answers, and the answer dies at the connector.',
    title: (cause) => `${subject(cause)} does not forward what comes in by ${quoted(cause.facts.interface, 'its LAN interface')}`,
    explanation: (cause) =>
      `Forwarding is on in general and off for the interface ${quoted(cause.facts.interface, 'of the LAN')}. What comes out of the tunnel passes, and answers that come in by this interface are dropped in silence. The flow's entry in conntrack is replied, while the client gets nothing.`,
    origin: 'inbound',
    directions: ['reverse'],
    tutorial: ['RA-20'],
    hides: noWayBack,
    reads: [...flow, 'sysctl', 'value'],
    fixes: (cause) => [
      sysctlFix({
        cause,
        title: 'Let the interface forward, now and for the next start',
        path: cause.facts.sysctl ?? `net/ipv4/conf/${interfaceWord(cause.facts.interface)}/forwarding`,
        value: 1,
        file: 'fwd-iface',
        risk: 'A file that is read later may turn it off again: grep -r forwarding /etc/sysctl.d /etc/sysctl.conf.',
      }),
    ],
    injectable: true,
  },
  'FWD-NOT-PERSISTED': {
    severity: 'warning',
    node: 'connector',
    symptom: 'It works until the machine is started again.',
    title: (cause) => `Forwarding of ${object(cause)} is on, and no file keeps it`,
    explanation: () =>
      'net.ipv4.ip_forward is 1 now, and after the next start it will be what the files say, which is 0. Somebody turned it on by hand, or Docker or another program did, which may start later or not at all.',
    origin: 'local',
    directions: [],
    tutorial: ['RA-12'],
    hides: [],
    reads: ['connectorName'],
    fixes: (cause) => [
      fix({
        platform: 'linux',
        title: 'Keep it in a file',
        where: onConnector(cause),
        commands: ["echo 'net.ipv4.ip_forward = 1' >/etc/sysctl.d/91-causeway-fwd-off.conf"],
        undo: ['rm /etc/sysctl.d/91-causeway-fwd-off.conf'],
        risk: 'Files are read in the order of their names, /etc/sysctl.conf last on many distributions; ufw sets its own (/etc/ufw/sysctl.conf) when it starts.',
        verify: ['sysctl --system', 'sysctl net.ipv4.ip_forward'],
        evidence: 'tested',
      }),
    ],
    injectable: true,
  },
  'RPF-STRICT': {
    ...here,
    symptom: 'Packets of another site vanish at the connector, also on machines with several cards.',
    title: (cause) =>
      `${subject(cause)} does not believe the source ${quoted(cause.facts.source, 'of the packet')} on ${quoted(cause.facts.interface, 'this interface')}`,
    explanation: (cause) =>
      `rp_filter is on there: strict (1) takes a packet only if the machine would send to its source by the same interface, loose (2) if it has any way to it. Its way to ${quoted(cause.facts.source, 'the source')} leaves by another one, or there is none. The kernel drops it and counts it as IPReversePathFilter. The larger value of "all" and the interface counts.`,
    origin: 'inbound',
    directions: ['forward'],
    tutorial: ['T 7'],
    hides: [...noWayBack, 'RPF-LOOSE-WRONG-WAY'],
    reads: [...flow, 'sysctl', 'value', 'prefix'],
    fixes: (cause, context) => {
      const loose = sysctlFix({
        cause,
        title: 'Make the filter loose on this interface',
        path: `net/ipv4/conf/${interfaceWord(cause.facts.interface ?? cause.facts.tunnelInterface)}/rp_filter`,
        value: 2,
        file: 'rpf-strict',
        risk: 'Loose takes any source that the machine has a route to; nothing else on the machine changes.',
      });
      const route = fix({
        platform: 'linux',
        title: 'Add the route that is missing, so that answers go the same way',
        where: onConnector(cause),
        commands: [tunnelRoute(cause, context, 'replace', cause.facts.source)],
        undo: [tunnelRoute(cause, context, 'del', cause.facts.source)],
        risk: 'Our agent sets these routes itself and deletes those of its own that nobody asked for: look at its problems first (causeway-connector status).',
        betterWhen:
          'the source is of another site and the machine has no route to it by the tunnel: loose alone lets the question in, and the answer goes the wrong way',
        verify: [routeQuestion(cause)],
        evidence: 'tested',
      });
      // Loose drops too where there is no way back at all.
      return cause.facts.value === '2' ? [route] : [loose, route];
    },
    injectable: true,
  },
  'RPF-LOOSE-WRONG-WAY': {
    ...here,
    symptom: 'The server answers, and the answer leaves the connector by its LAN instead of the tunnel.',
    title: (cause) =>
      `${subject(cause)} sends answers to ${destination(cause.facts)} by ${quoted(cause.facts.interface, 'its LAN')} and not by the tunnel`,
    explanation: (cause) =>
      `The machine has no route to ${destination(cause.facts)} by the tunnel, so its default route takes the answer to the LAN's router, which cannot do anything with it. The question came in because the source check is loose. The flow's entry in conntrack is replied, and the client gets nothing.`,
    origin: 'outbound',
    directions: ['reverse'],
    tutorial: ['SS-10'],
    hides: [],
    reads: ['destination', 'protocol', 'port', 'prefix', 'tunnelInterface', 'interface', 'connectorName'],
    fixes: (cause, context) => [
      fix({
        platform: 'linux',
        title: 'Send the other site into the tunnel',
        where: onConnector(cause),
        commands: [tunnelRoute(cause, context, 'replace', cause.facts.destination)],
        undo: [tunnelRoute(cause, context, 'del', cause.facts.destination)],
        risk: 'Gone after a restart. Our agent sets these routes itself; if it does not, causeway-connector status says why: the prefix covers the own LAN, or somebody has a route for it already.',
        verify: [`ip route get ${addressWord(cause.facts.destination, 'DESTINATION')}`],
        evidence: 'tested',
      }),
    ],
    injectable: true,
  },
  MARTIAN: {
    ...here,
    symptom: 'Packets from one address never pass the connector, and its log speaks of martian sources.',
    title: (cause) =>
      cause.facts.source === undefined
        ? `${subject(cause)} has ${quoted(cause.facts.prefix, 'a subnet')} on ${quoted(cause.facts.interface, 'an interface')}, which overlaps the WPC's range`
        : `${subject(cause)} drops packets from ${quoted(cause.facts.source, '')}: it cannot come from there`,
    explanation: (cause) =>
      `The source is an address of the machine itself, or one that never stands in a packet on the wire (127.0.0.0/8, 0.0.0.0/8, multicast, broadcast). Mostly the ranges of tunnel and LAN overlap, or an address of ${object(cause)} was given to something else too. With log_martians the kernel says so for each packet.`,
    origin: 'inbound',
    directions: ['forward'],
    tutorial: [],
    hides: noWayBack,
    reads: ['source', 'destination', 'prefix', 'interface', 'connectorName'],
    fixes: (cause) => [
      byHand(
        'Renumber',
        onConnector(cause),
        [
          `See who has the address: ip -br address | grep ${addressWord(cause.facts.source, 'SOURCE')}`,
          'Give the LAN interface, or the machine that sends, another address. A second address on the loopback interface is one too.',
        ],
        { verify: ['journalctl -k | grep martian'] },
      ),
      sysctlFix({
        cause,
        title: 'Accept packets with an own address as source',
        path: `net/ipv4/conf/${interfaceWord(cause.facts.interface)}/accept_local`,
        value: 1,
        file: 'martian',
        risk: 'Anybody on that side can then send in the name of this machine.',
        betterWhen: 'the address is meant to be on both sides (a virtual address of a load balancer)',
        byAgent: false,
      }),
    ],
    injectable: true,
  },
} as const satisfies Theme<'FWD-OFF' | 'FWD-IFACE' | 'FWD-NOT-PERSISTED' | 'RPF-STRICT' | 'RPF-LOOSE-WRONG-WAY' | 'MARTIAN'>;

/** add and not replace: a route that somebody else made stays, and is looked at. */
/** The protocol number of the agent's routes (connector/agent/paths.sh). */
const agentRoutes = '196';

/**
 * tunnelRoute has the agent's protocol number, so that the agent keeps the route as its own and takes it away in time. It may have added it again
 * meanwhile: hence replace.
 */
function tunnelRoute({ facts }: Cause, context: FixContext, verb: 'replace' | 'del', address: AddressText | undefined): string {
  const prefix = prefixAround(facts.prefix, address, context) ?? 'REMOTE_PREFIX';
  return `ip route ${verb} ${prefix} dev ${interfaceWord(facts.tunnelInterface, 'causeway0')} proto ${agentRoutes}`;
}
