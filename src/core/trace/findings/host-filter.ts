import type { Cause } from '../cause.ts';
import { addressWord, interfaceWord, nftChain, numberWord } from './command-words.ts';
import type { Entry, Theme } from './entry.ts';
import { both } from './entry.ts';
import type { Fix } from './finding.ts';
import type { FirewallOwner } from './firewall-fix.ts';
import { acceptForward, acceptLegacy, firewallOwner } from './firewall-fix.ts';
import { byHand, fix, onConnector } from './fix.ts';
import { noWayBack } from './relations.ts';
import { object, quoted, subject } from './sentences.ts';

const owners: Readonly<Record<FirewallOwner, string>> = {
  docker: 'Docker',
  ufw: 'ufw',
  firewalld: 'firewalld',
  libvirt: 'libvirt',
  legacy: 'iptables-legacy',
  other: 'Another firewall',
};

const rules = ['family', 'table', 'chain', 'owner', 'connectorName'] as const satisfies Entry['reads'];

/** Packet filters on the connector's machine that are not ours. */
export const hostFilter = {
  'HFW-FORWARD-DROP': {
    severity: 'error',
    symptom: 'Forwarding is on, and still nothing passes the connector.',
    title: (cause) => `${owners[firewallOwner(cause.facts)]} on ${object(cause)} drops what is forwarded${inChain(cause)}`,
    explanation: ({ facts }) =>
      `Every chain on the forward hook has to let a packet pass: an accept ends one chain only, and a drop in any other is final. Here ${quoted(facts.rule, 'the policy of the chain')} decides and drops it, so our own accept elsewhere is of no use. This is what the rules that the machine reported say.`,
    origin: 'local',
    node: 'connector',
    directions: both,
    tutorial: ['RA-13'],
    hides: noWayBack,
    reads: [...rules, 'rule'],
    fixes: (cause) => [acceptForward(cause), ...dockerAlternative(cause)],
    injectable: true,
  },
  'HFW-LEGACY': {
    severity: 'error',
    symptom: '"nft list ruleset" looks clean, and packets are dropped all the same.',
    title: (cause) => `iptables-legacy on ${object(cause)} drops what is forwarded`,
    explanation: () =>
      'The machine has rules of the old iptables beside those of nft. Both are asked, and nft does not show the old ones: only iptables-legacy-save does.',
    origin: 'local',
    node: 'connector',
    directions: both,
    tutorial: ['RA-13'],
    hides: [...noWayBack, 'HFW-FORWARD-DROP'],
    reads: ['family', 'chain', 'connectorName'],
    fixes: (cause) => [
      acceptLegacy(cause),
      byHand(
        'Do away with the old rules',
        onConnector(cause),
        [
          'Find out who loads them (iptables-legacy-save; the unit netfilter-persistent, a script), let it use iptables-nft, and start the machine again.',
        ],
        { betterWhen: 'nobody knows any more why they are there' },
      ),
    ],
    injectable: true,
  },
  'HFW-INPUT': {
    severity: 'error',
    symptom: 'The connector itself cannot be reached; what is behind it can.',
    title: (cause) => `The firewall of ${object(cause)} drops packets to the machine itself${inChain(cause)}`,
    explanation: (cause) =>
      `The destination is an address of ${object(cause)}, so the rules for input decide and not those for forwarding, and they drop it. Nothing is wrong with the way through the connector.`,
    origin: 'local',
    node: 'connector',
    directions: ['forward'],
    tutorial: [],
    hides: [],
    reads: [...rules, 'protocol', 'port', 'tunnelInterface', 'destination', 'source'],
    fixes: (cause) => {
      const place = nftChain(cause.facts);
      const device = interfaceWord(cause.facts.tunnelInterface, 'causeway0');
      if (place === undefined || firewallOwner(cause.facts) !== 'other') return [inputByHand(cause)];
      const chain = `${place.family} ${place.table} ${place.chain}`;
      return [
        fix({
          platform: 'linux',
          title: 'Accept this service from the tunnel',
          where: onConnector(cause),
          commands: [`nft insert rule ${chain} iifname '"${device}"' ${match(cause)} accept comment '"causeway-input"'`],
          undo: [
            `nft -a list chain ${chain} | sed -n 's/.*causeway-input.*# handle //p' | while read -r handle; do nft delete rule ${chain} handle "$handle"; done`,
          ],
          risk: 'People of the WPC reach this service of the machine. Gone when the owner of the table loads it again.',
          verify: [
            `nft list chain ${chain}`,
            `nc -zv ${addressWord(cause.facts.destination, 'DESTINATION')} ${numberWord(cause.facts.port, 'PORT')}`,
          ],
          evidence: 'tested',
        }),
      ];
    },
    injectable: true,
  },
} as const satisfies Theme<'HFW-FORWARD-DROP' | 'HFW-LEGACY' | 'HFW-INPUT'>;

function inChain({ facts: { table, chain } }: Cause): string {
  if (table === undefined || chain === undefined) return '';
  return ` (table ${quoted(table, '')}, chain ${quoted(chain, '')})`;
}

function match({ facts: { protocol, port } }: Cause): string {
  if (protocol === 'icmp') return 'meta l4proto icmp';
  return protocol === 'udp' ? `udp dport ${numberWord(port, 'PORT')}` : `tcp dport ${numberWord(port, 'PORT')}`;
}

function inputByHand(cause: Cause): Fix {
  return byHand(`Accept the service in ${owners[firewallOwner(cause.facts)]}`, onConnector(cause), [
    `Let ${subject(cause)} take ${cause.facts.protocol === undefined ? 'the service' : quoted(cause.facts.protocol, '')} port ${numberWord(cause.facts.port, 'PORT')} from the tunnel.`,
    'ufw: ufw allow in on causeway0 to any port PORT. firewalld: firewall-cmd --permanent --zone=causeway --add-port=PORT/tcp, then firewall-cmd --reload.',
  ]);
}

/** Docker turns the policy to drop when it turns forwarding on itself. */
function dockerAlternative(cause: Cause): readonly Fix[] {
  if (firewallOwner(cause.facts) !== 'docker') return [];
  return [
    byHand(
      'Tell Docker to leave the policy alone',
      onConnector(cause),
      ['In /etc/docker/daemon.json: "ip-forward-no-drop": true (Docker 28 and newer); then restart Docker.'],
      {
        betterWhen: 'the machine routes more than the tunnel',
        evidence: 'documented',
        risk: 'Containers stop while Docker restarts. The host forwards then whatever no other rule drops.',
      },
    ),
  ];
}
