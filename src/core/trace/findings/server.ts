import type { Cause } from '../cause.ts';
import { allowedSource } from './cloud-filter-fix.ts';
import { addressWord, interfaceWord, numberWord, prefixWord } from './command-words.ts';
import type { Entry, FixContext, Theme } from './entry.ts';
import { both } from './entry.ts';
import type { Fix } from './finding.ts';
import { byHand, fix, onServer } from './fix.ts';
import { masquerade } from './nat-fix.ts';
import { noWayBack } from './relations.ts';
import { isInTunnelRange } from './ranges.ts';
import { destination, named, object, quoted, shown, subject } from './sentences.ts';
import { acceptInTailscale } from './tailscale-fix.ts';

const there: Pick<Entry, 'severity' | 'node'> = { severity: 'error', node: 'host' };

const service = [
  'source',
  'destination',
  'protocol',
  'port',
  'prefix',
  'networkId',
  'networkName',
] as const satisfies Entry['reads'];

/** The machine that the packet is for, and who else has its address. */
export const server = {
  'SRV-FIREWALL': {
    ...there,
    symptom: 'The server is up, and the port is filtered for the WPC; machines of its LAN reach it.',
    title: (cause) => `The firewall of ${object(cause)} does not admit ${quoted(cause.facts.source, 'the source')}`,
    explanation: (cause) =>
      `Many servers admit their own subnet only (Windows calls it LocalSubnet), and a tunnel address is not in it. The packet arrives at ${destination(cause.facts)} and is dropped there, in silence. Where the connector is answered from its LAN address and not from a tunnel address, this is what is left.`,
    origin: 'inbound',
    directions: ['forward'],
    tutorial: ['RA-19'],
    hides: [],
    reads: service,
    fixes: (cause, context) => [
      ...admit(cause, context),
      ...natInstead(cause, context, 'you may not change the server, and it admits its LAN'),
    ],
    injectable: true,
  },
  'SRV-NO-LISTENER': {
    ...there,
    symptom: '"Connection refused", at once.',
    title: (cause) => `Nobody listens at ${destination(cause.facts)}`,
    explanation: (cause) =>
      `The way there and back is in order: ${object(cause)} itself refuses, because no program has the port open on this address. It may be stopped, or listen at 127.0.0.1 only.`,
    origin: 'local',
    directions: ['reverse'],
    tutorial: [],
    hides: ['SRV-FIREWALL'],
    reads: ['destination', 'protocol', 'port'],
    fixes: (cause) => [
      byHand(
        'Start the service, and let it listen',
        onServer(cause),
        ['Start it, and look at which address it listens: 0.0.0.0 or the LAN address, not 127.0.0.1.'],
        {
          verify: [`ss -Hln${cause.facts.protocol === 'udp' ? 'u' : 't'}p 'sport = :${numberWord(cause.facts.port, 'PORT')}'`],
        },
      ),
    ],
    injectable: true,
  },
  'SRV-WRONG-GW': {
    ...there,
    symptom: 'One server does not answer the WPC, and its neighbours do; with NAT it would.',
    title: (cause) =>
      `${subject(cause)} sends answers to ${quoted(cause.facts.nextHop, 'another router')} and not to the router that has the route`,
    explanation: (cause) =>
      `The static route stands at the LAN's router, and this server has another default gateway, so its answers never come by it. With NAT they would go to the connector on the LAN and no gateway would be asked; machines of its LAN are not affected. "ip route" on ${object(cause)} shows its gateway.`,
    origin: 'outbound',
    directions: ['reverse'],
    tutorial: ['RA-14'],
    hides: noWayBack,
    reads: [...service, 'nextHop', 'routerAddress', 'lanAddress', 'interface'],
    fixes: (cause, { tunnelRanges }) => {
      const range = prefixWord(cause.facts.prefix ?? tunnelRanges[0], 'WPC_RANGE');
      const route = (verb: string) =>
        `ip route ${verb} ${range} via ${addressWord(cause.facts.lanAddress, 'CONNECTOR_LAN_ADDRESS')}`;
      return [
        fix({
          platform: 'linux',
          title: 'Give the server a route of its own',
          where: `${onServerOf(cause)}, as root (shown for Linux)`,
          commands: [route('replace')],
          console: ['Windows: route -p add, with the same range and gateway.'],
          undo: [route('del')],
          risk: 'Gone after a restart: set it where the network is configured too.',
          verify: [`ip route get ${addressWord(cause.facts.destination, 'DEVICE_ADDRESS')}`],
          evidence: 'tested',
        }),
        byHand(
          'Give it the right default gateway',
          onServerOf(cause),
          [`Set its default gateway to ${quoted(cause.facts.routerAddress, "the LAN's router")}, if the other one is a mistake.`],
          { betterWhen: 'nobody knows what the other gateway is for' },
        ),
      ];
    },
    injectable: true,
  },
  'SRV-TAILSCALE': {
    ...there,
    symptom: 'One server does not answer people of the WPC without NAT, and it runs Tailscale.',
    title: (cause) =>
      `Tailscale on ${object(cause)} drops ${cause.facts.source === undefined ? 'the WPC' : shown(cause.facts.source)}`,
    explanation: () =>
      'Tailscale takes 100.64.0.0/10 for its own and drops packets from there that did not come by its interface. Tunnel addresses of the WPC lie in it. The counter of its chain ts-input rises with each try.',
    origin: 'inbound',
    directions: ['forward'],
    tutorial: [],
    hides: ['SRV-FIREWALL', 'CLI-RANGE-CLASH'],
    reads: [...service, 'interface'],
    fixes: (cause, context) => [
      masquerade(cause, context, 'servers need not see who it is'),
      acceptInTailscale(cause, allowedSource(cause, context)),
    ],
    injectable: true,
  },
  'DUP-IP': {
    ...there,
    node: 'lan',
    severity: 'warning',
    symptom: 'It works, then not, then again; and sometimes somebody else answers.',
    title: (cause) => `Two machines on the LAN have ${quoted(cause.facts.destination, 'the same address')}`,
    explanation: () =>
      `Both answer when the connector asks who has it, and the last answer wins, so packets go to one and then to the other, and the MAC address changes. Each drops what belongs to connections of the other.`,
    origin: 'outbound',
    directions: both,
    tutorial: [],
    hides: [],
    reads: ['destination', 'interface'],
    fixes: (cause) => {
      const address = addressWord(cause.facts.destination, 'ADDRESS');
      return [
        byHand(
          'Find the second one and give it another address',
          'on the LAN',
          [
            `On the connector, arping -I ${interfaceWord(cause.facts.interface)} -c 4 ${address} shows the MAC addresses of both; the switch says at which port each is.`,
            'Where addresses are given by DHCP, take the fixed one out of its range.',
          ],
          { verify: [`arping -D -I ${interfaceWord(cause.facts.interface)} -c 2 ${address}`] },
        ),
      ];
    },
    injectable: true,
  },
} as const satisfies Theme<'SRV-FIREWALL' | 'SRV-NO-LISTENER' | 'SRV-WRONG-GW' | 'SRV-TAILSCALE' | 'DUP-IP'>;

/** The blamed server: in a flow's answer the destination is somebody else. */
function onServerOf({ object: { kind, label } }: Cause): string {
  return kind === 'server' ? `on the server ${named(label)}` : 'on the server';
}

/** Only the service that was asked for. */
function admit(cause: Cause, context: FixContext): readonly Fix[] {
  const source = allowedSource(cause, context);
  const { protocol } = cause.facts;
  const port = numberWord(cause.facts.port, 'PORT');
  const proto = protocol === 'udp' ? 'udp' : 'tcp';
  const linux = protocol === 'icmp' ? `ip saddr ${source} icmp type echo-request` : `ip saddr ${source} ${proto} dport ${port}`;
  const ufw = protocol === 'icmp' ? [] : [`With ufw: ufw allow from ${source} to any port ${port} proto ${proto}`];
  return [
    fix({
      platform: 'linux',
      title: 'Admit the range at the server (Linux)',
      where: `${onServer(cause)}, as root`,
      commands: [`nft insert rule inet filter input ${linux} accept comment '"causeway-admit"'`],
      console: [
        ...ufw,
        'The rule goes into the chain that drops: "nft list ruleset" names it where it is not table inet filter, chain input. Write it into /etc/nftables.conf too.',
      ],
      undo: [
        `nft -a list chain inet filter input | sed -n 's/.*causeway-admit.*# handle //p' | while read -r handle; do nft delete rule inet filter input handle "$handle"; done`,
      ],
      risk: 'Everybody in the WPC who may reach the server may use the service.',
      verify: ['nft list chain inet filter input'],
      evidence: 'tested',
    }),
    fix({
      platform: 'windows-powershell',
      title: 'Admit the range at the server (Windows)',
      where: `${onServer(cause)}, in a PowerShell of an administrator`,
      commands: [
        protocol === 'icmp'
          ? `New-NetFirewallRule -DisplayName causeway -Direction Inbound -Action Allow -Protocol ICMPv4 -RemoteAddress ${source}`
          : `New-NetFirewallRule -DisplayName causeway -Direction Inbound -Action Allow -Protocol ${proto.toUpperCase()} -LocalPort ${port} -RemoteAddress ${source}`,
      ],
      undo: ['Remove-NetFirewallRule -DisplayName causeway'],
      betterWhen: 'the server runs Windows',
      verify: ['Get-NetFirewallRule -DisplayName causeway | Get-NetFirewallAddressFilter'],
      evidence: 'unverified',
    }),
  ];
}

/** Only what comes from devices is masqueraded. */
function natInstead(cause: Cause, context: FixContext, when: string): readonly Fix[] {
  return isInTunnelRange(cause.facts.source, context) ? [masquerade(cause, context, when)] : [];
}
