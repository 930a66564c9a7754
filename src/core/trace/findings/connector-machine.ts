import { addressWord, interfaceWord, numberWord, prefixWord } from './command-words.ts';
import type { Entry, Theme } from './entry.ts';
import { both } from './entry.ts';
import { byHand, fix, onConnector } from './fix.ts';
import { prefixAround } from './ranges.ts';
import { noWayBack } from './relations.ts';
import { destination, network, object, quoted, shown, subject } from './sentences.ts';
import { sysctlFix } from './sysctl-fix.ts';

const here: Pick<Entry, 'severity' | 'node'> = { severity: 'error', node: 'connector' };

/** Routes, neighbours and interfaces of a connector's machine. */
export const connectorMachine = {
  'IF-MISSING-ROUTE': {
    ...here,
    symptom: 'The LAN of the connector works, and a subnet behind another router of the site does not.',
    title: (cause) => `${subject(cause)} has no route of its own to ${destination(cause.facts)}`,
    explanation: (cause) =>
      cause.facts.nextHop === undefined
        ? `The destination belongs to ${network(cause.facts)}, and the routes of the machine lead nowhere for it: there is none, or one that throws packets away. The packet ends on the connector.`
        : `The subnet is one of ${network(cause.facts)}, behind another router than the default one, and the machine knows only its default route. It gives the packet to ${quoted(cause.facts.nextHop, '')}, which does not have it.`,
    origin: 'outbound',
    directions: ['forward'],
    tutorial: ['RA-13'],
    hides: [...noWayBack, 'NEIGH-FAIL'],
    reads: ['destination', 'protocol', 'port', 'networkName', 'nextHop', 'prefix', 'routerAddress', 'connectorName'],
    fixes: (cause) => {
      const known = cause.facts.nextHop === undefined ? cause.facts.routerAddress : undefined;
      const route = (verb: string) =>
        `ip route ${verb} ${prefixWord(cause.facts.prefix, 'SUBNET')} via ${addressWord(known, 'INNER_ROUTER')}`;
      return [
        fix({
          platform: 'linux',
          title: "Add the route on the connector's machine",
          where: onConnector(cause),
          commands: [route('replace')],
          undo: [route('del')],
          risk: 'INNER_ROUTER is the LAN address of the router that has the subnet. Gone after a restart: set it where the network is configured too.',
          verify: [`ip route get ${addressWord(cause.facts.destination, 'DESTINATION')}`],
          evidence: 'tested',
        }),
        byHand(
          'Let the default router send it on',
          `at the router ${cause.facts.nextHop === undefined ? '' : `${shown(cause.facts.nextHop)} `}of ${network(cause.facts)}`,
          ['Add the route to the subnet there, by the same inner router.'],
          { betterWhen: 'other machines of the LAN do not reach the subnet either' },
        ),
      ];
    },
    injectable: true,
  },
  'MULTI-NIC-RULES': {
    ...here,
    symptom: 'On a machine with several cards, answers leave by the wrong one.',
    title: (cause) =>
      `Rules of ${object(cause)} send ${destination(cause.facts)} out by ${quoted(cause.facts.interface, 'the wrong card')}`,
    explanation: (cause) =>
      `Rules by source address (${quoted(cause.facts.rule, 'ip rule')}) are asked before the main table, as agents of clouds and VPN programs set them. The route into the tunnel stands in the main table, so a packet from that source never sees it.`,
    origin: 'outbound',
    directions: ['reverse'],
    tutorial: [],
    hides: ['RPF-LOOSE-WRONG-WAY', 'RPF-STRICT'],
    reads: ['destination', 'protocol', 'port', 'interface', 'rule', 'prefix', 'connectorName'],
    fixes: (cause, context) => {
      const prefix = prefixAround(cause.facts.prefix, cause.facts.destination, context) ?? 'WPC_RANGE';
      const rule = (verb: string) => `ip rule ${verb} to ${prefix} lookup main pref 100`;
      return [
        fix({
          platform: 'linux',
          title: 'Ask the main table first for what belongs into the tunnel',
          where: onConnector(cause),
          commands: [rule('add')],
          undo: [rule('del')],
          risk: 'Gone after a restart: set it where the network is configured too. Repeat it for each range that belongs into the tunnel.',
          verify: [`ip route get ${addressWord(cause.facts.destination, 'DESTINATION')}`],
          evidence: 'tested',
        }),
        byHand(
          'Keep the agent from making rules',
          onConnector(cause),
          [
            'amazon-ec2-net-utils, the guest agents of Google and Oracle, and wg-quick make such rules: let them leave this card alone.',
          ],
          { betterWhen: 'the second card is not needed for anything else' },
        ),
      ];
    },
    injectable: true,
  },
  'NEIGH-FAIL': {
    ...here,
    symptom: '"Host unreachable" from the connector, after about three seconds.',
    title: (cause) => `Nobody on the LAN answers for ${quoted(cause.facts.nextHop ?? cause.facts.destination, 'the address')}`,
    explanation: (cause) =>
      `The connector has the route and asks on ${quoted(cause.facts.interface, 'the segment')} who has the address, and no answer comes. The machine is off, stands in another VLAN, or has another address. The entry of the neighbour is FAILED.`,
    origin: 'outbound',
    directions: ['forward'],
    tutorial: ['RA-13'],
    hides: [...noWayBack, 'SRV-FIREWALL', 'SRV-NO-LISTENER', 'SRV-WRONG-GW'],
    reads: ['nextHop', 'destination', 'interface', 'connectorName'],
    fixes: (cause) => {
      const address = addressWord(cause.facts.nextHop ?? cause.facts.destination, 'ADDRESS');
      return [
        byHand(
          'Bring the machine onto the segment',
          'at the server',
          ['Is it on, is its cable or virtual port in the right VLAN, and is this its address?'],
          {
            verify: [
              `On the connector: ip neigh flush to ${address}; ping -c 1 ${address}; ip neigh show ${address} dev ${interfaceWord(cause.facts.interface)}`,
            ],
          },
        ),
      ];
    },
    injectable: true,
  },
  'MTU-BLACKHOLE': {
    ...here,
    symptom: 'It connects, small answers come, and pages and downloads hang.',
    title: (cause) =>
      `Packets of ${cause.facts.bytes === undefined ? 'full size' : `${String(cause.facts.bytes)} bytes`} do not fit ${quoted(cause.facts.interface, 'a link')} of ${object(cause)}`,
    explanation: ({ facts }) =>
      `The packet may not be fragmented and is larger than the link takes${facts.mtu === undefined ? '' : ` (${String(facts.mtu)} bytes)`}. The machine says so by ICMP; where a filter drops that, the sender never learns and sends it again and again. The tunnel itself needs 52 to 76 bytes of each packet outside.`,
    origin: 'outbound',
    directions: both,
    tutorial: [],
    hides: [],
    reads: ['bytes', 'interface', 'mtu', 'destination', 'connectorName'],
    fixes: (cause) => [
      fix({
        platform: 'linux',
        title: 'Lower the MSS of TCP on the connector',
        where: onConnector(cause),
        commands: [
          'nft add table inet causeway_mss',
          `nft add chain inet causeway_mss forward '{ type filter hook forward priority filter - 4; }'`,
          `nft add rule inet causeway_mss forward tcp flags syn tcp option maxseg size set ${segment(cause.facts.mtu)}`,
        ],
        undo: ['nft delete table inet causeway_mss'],
        risk: 'TCP only, and new connections only. Gone after a restart.',
        betterWhen: 'TCP is affected, and whoever drops the ICMP cannot be found',
        verify: [`ping -c 1 -M do -s ${payload(cause.facts.mtu)} ${addressWord(cause.facts.destination, 'DESTINATION')}`],
        evidence: 'tested',
      }),
      byHand(
        'Let the ICMP through',
        'at every filter between the two',
        ['Allow ICMP type 3 code 4 (fragmentation needed) and ICMPv6 type 2 (packet too big), in security groups too.'],
        { betterWhen: 'you know the filter; this mends all protocols' },
      ),
    ],
    injectable: true,
  },
  'V6-RA-LOST': {
    severity: 'warning',
    node: 'connector',
    symptom: 'IPv6 of the machine ends some minutes after forwarding was turned on.',
    title: (cause) => `${subject(cause)} no longer takes its IPv6 route from router advertisements`,
    explanation: (cause) =>
      `With IPv6 forwarding on, the kernel takes router advertisements only where accept_ra is 2. It is 1 on ${quoted(cause.facts.interface, 'the uplink')}, so the default route that it learned runs out and is not renewed.`,
    origin: 'inbound',
    directions: [],
    tutorial: [],
    hides: [],
    reads: ['interface', 'sysctl', 'value', 'connectorName'],
    fixes: (cause) => [
      sysctlFix({
        cause,
        title: 'Take router advertisements although it forwards',
        path: `net/ipv6/conf/${interfaceWord(cause.facts.interface)}/accept_ra`,
        value: 2,
        file: 'v6-ra',
        risk: 'Not where systemd-networkd or NetworkManager take them: they set the value to 0 on purpose.',
        verify: ['ip -6 route show default'],
      }),
    ],
    injectable: true,
  },
} as const satisfies Theme<'IF-MISSING-ROUTE' | 'MULTI-NIC-RULES' | 'NEIGH-FAIL' | 'MTU-BLACKHOLE' | 'V6-RA-LOST'>;

/** What TCP may carry in a packet of the link's size: 40 bytes are headers. */
function segment(mtu: number | undefined): string {
  return mtu !== undefined && mtu >= 576 ? numberWord(mtu - 40, 'MSS') : 'rt mtu';
}

/** What a ping may carry: 28 bytes are headers. */
function payload(mtu: number | undefined): string {
  return mtu !== undefined && mtu >= 576 ? numberWord(mtu - 28, 'BYTES') : 'BYTES';
}
