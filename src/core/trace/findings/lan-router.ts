import { routerCommands } from '../../platforms/router-commands.ts';
import type { Cause } from '../cause.ts';
import { networkArgument } from './command-words.ts';
import type { FixContext, Theme } from './entry.ts';
import { both } from './entry.ts';
import type { Fix } from './finding.ts';
import { byHand, fix, onRouter } from './fix.ts';
import { masquerade } from './nat-fix.ts';
import { noWayBack } from './relations.ts';
import { bothOptions, routesOnly } from './return-way.ts';
import { checkedOf, isAboutDevices, lines, otherRouter, requestOf, siteOf } from './route-fix.ts';
import { destination, network, object, quoted, subject } from './sentences.ts';
import { routeFacts } from './translation.ts';

/** The router of a LAN, which is not ours. */
export const lanRouter = {
  'RTR-NO-ROUTE': {
    severity: 'error',
    symptom:
      'The request arrives at the server, and no answer comes; or the LAN cannot begin anything towards devices and other sites.',
    title: (cause) =>
      `${subject(cause)} has no route to the connector for ${quoted(cause.facts.prefix ?? cause.facts.destination, "the WPC's range")}`,
    explanation: (cause) =>
      `The router of ${network(cause.facts)} is given a packet for ${destination(cause.facts)} and knows no way there but its default route, so it drops it, answers "net unreachable", or hands it to the internet. It is what was stated of the router, or what a probe with a tunnel address as source showed.`,
    origin: 'outbound',
    node: 'router',
    directions: both,
    tutorial: ['RA-15', 'RA-16', 'SS-18', 'SS-19', 'SS-30'],
    hides: ['NAT-OFF-NO-ROUTE'],
    reads: [...routeFacts, 'protocol', 'port'],
    fixes: bothOptions,
    injectable: true,
  },
  'RTR-STATEFUL': {
    severity: 'error',
    symptom: 'The route was added, a ping works perhaps, and TCP times out.',
    title: (cause) => `${subject(cause)} drops answers of connections whose beginning it has not seen`,
    explanation: (cause) =>
      `Connector and servers stand on one LAN, so the request goes to the server directly and only the answer passes the router of ${network(cause.facts)}. It keeps state of connections, sees an answer without a question, and drops it as invalid. The same question sent through the router is answered, which shows that the route itself is right.`,
    origin: 'local',
    node: 'router',
    directions: ['reverse'],
    tutorial: ['RA-16'],
    hides: [...noWayBack, 'RTR-REDIRECT'],
    reads: [...routeFacts],
    fixes: stateful,
    injectable: true,
  },
  'RTR-REDIRECT': {
    severity: 'error',
    symptom: 'TCP works for about five minutes after somebody pings, and then no more.',
    title: (cause) => `It works only while servers remember an ICMP redirect of ${object(cause)}`,
    explanation: (cause) =>
      `The router of ${network(cause.facts)} drops half connections, and tells servers of the shorter way by ICMP redirects. A server that has got one sends its answers to the connector directly for 300 seconds; when that is over, TCP fails again. On the server "ip route get" shows <redirected>.`,
    origin: 'local',
    node: 'router',
    directions: ['reverse'],
    tutorial: [],
    hides: [],
    reads: [...routeFacts],
    fixes: stateful,
    injectable: true,
  },
  'SITE-ROUTE-ONE-WAY': {
    severity: 'error',
    symptom: 'One site reaches the other, and not the other way round; or requests arrive and answers do not.',
    title: (cause) =>
      `${subject(cause)} knows the WPC's range and not ${quoted(cause.facts.prefix ?? cause.facts.destination, 'the other site')}`,
    explanation: (cause) =>
      `Between sites sources stay real, so packets for ${destination(cause.facts)} have an address of the other site as destination, and the route for the WPC's range does not cover that. The router of ${network(cause.facts)} needs a route for every other site, whoever begins, and one more each time a site is added.`,
    origin: 'outbound',
    node: 'router',
    directions: both,
    tutorial: ['SS-19', 'SS-29', 'SS-30'],
    hides: noWayBack,
    reads: [...routeFacts, 'protocol', 'port'],
    fixes: (cause, context) => routesOnly(cause, context),
    injectable: true,
  },
} as const satisfies Theme<'RTR-NO-ROUTE' | 'RTR-STATEFUL' | 'RTR-REDIRECT' | 'SITE-ROUTE-ONE-WAY'>;

/** What makes both directions pass the router, or neither. NAT does nothing between sites. */
function stateful(cause: Cause, context: FixContext): readonly Fix[] {
  const nat = masquerade(
    cause,
    context,
    'people begin everything: the answer then goes to the connector on the LAN itself, and the router sees nothing of it',
  );
  return [
    ...(isAboutDevices(cause, context) ? [nat] : []),
    hostRoute(cause, context),
    byHand(
      'Put the connector into a subnet of its own',
      `at the LAN of ${network(cause.facts)}`,
      [
        'Then both directions pass the router, which sees whole connections. Give the connector an address there, and change the next hop of the static routes to it.',
      ],
      { betterWhen: 'servers have to see real addresses and are many; it is the cleanest way' },
    ),
    byHand(
      'Let the router pass these packets unchecked',
      onRouter(cause),
      [
        'pfSense: System > Advanced > Firewall & NAT > Bypass firewall rules for traffic on the same interface. OPNsense: Firewall > Settings > Advanced > Static route filtering.',
        'MikroTik: accept LAN to the range before "drop invalid". OpenWrt: option drop_invalid 0. ASA: tcp-state-bypass. Palo Alto: asymmetric-path bypass. FortiGate: a policy without session check.',
        'Linux: accept from and to the range before "ct state invalid drop", or notrack in raw.',
        otherRouter(cause),
      ],
      { betterWhen: 'nothing else can be changed', risk: 'The router no longer checks these connections.' },
    ),
  ];
}

/** A route on the servers themselves takes the router out of the way. */
function hostRoute(cause: Cause, context: FixContext): Fix {
  const request = requestOf(cause, context, { ...siteOf(cause, context), platform: 'linux' });
  const commands = routerCommands(checkedOf('linux', {}), request);
  return fix({
    platform: 'linux',
    title: 'Give the servers the route themselves',
    where: `on each server of ${network(cause.facts)}, as root (shown for Linux)`,
    commands: lines(commands.add),
    console: [
      `For all machines at once, DHCP option 121: causeway static-routes ${networkArgument(cause.facts)} --platform dhcp writes it.`,
    ],
    undo: lines(commands.remove),
    risk: 'Gone after a restart: set it where the network is configured too.',
    betterWhen: 'servers have to see real addresses and are few, or take their address by DHCP',
    verify: lines(commands.verify),
    evidence: 'tested',
  });
}
