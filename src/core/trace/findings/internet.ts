import { apiFix } from './api-fix.ts';
import { addressWord, interfaceWord, uuidWord } from './command-words.ts';
import type { Theme } from './entry.ts';
import { byHand, fix, onConnector } from './fix.ts';
import { destination, object, quoted, subject } from './sentences.ts';

/** Internet traffic through the WPC. */
export const internet = {
  'EGRESS-LOOP': {
    severity: 'error',
    symptom: 'Internet traffic by the connector goes round and round, and ends with "TTL exceeded".',
    title: (cause) => `${subject(cause)} sends internet traffic back into the tunnel`,
    explanation: (cause) =>
      `Packets for the internet come out of the tunnel, and the machine's own way to the internet is ${quoted(cause.facts.tunnelInterface, 'the tunnel')} too, so they go back to the gateway, which sends them again. A stock OpenVPN client as connector does this when it takes the pushed redirect-gateway; our agent never does.`,
    origin: 'outbound',
    node: 'connector',
    directions: ['forward'],
    tutorial: ['IG-2', 'IG-3', 'IG-4', 'IG-5', 'IG-6'],
    hides: ['CON-OFFLINE'],
    reads: ['tunnelInterface', 'routerAddress', 'interface', 'connectorName'],
    fixes: (cause) => [
      fix({
        platform: 'linux',
        title: 'Take the default route out of the tunnel',
        where: onConnector(cause),
        // Which of the three it has depends on who set it; the others are not there, and that is no failure.
        commands: [
          `for route in default 0.0.0.0/1 128.0.0.0/1; do ip route del "$route" dev ${interfaceWord(cause.facts.tunnelInterface, 'causeway0')} 2>/dev/null || true; done`,
        ],
        console: [
          'So that it stays: the line  pull-filter ignore "redirect-gateway"  in the OpenVPN configuration of the connector; then restart OpenVPN.',
        ],
        undo: ['# restart OpenVPN without that line'],
        risk: 'Without a default route by its own line the machine has none afterwards: set that first.',
        verify: [`ip route get 192.0.2.1   # by the own line, via ${addressWord(cause.facts.routerAddress, 'ROUTER_ADDRESS')}`],
        evidence: 'tested',
      }),
    ],
    injectable: true,
  },
  'IG-NOT-SET': {
    severity: 'error',
    symptom: 'Everything goes through the tunnel, and the internet does not work.',
    title: (cause) => `No internet gateway carries ${destination(cause.facts)} for ${object(cause)}`,
    explanation: (cause) =>
      `Internet traffic of ${object(cause)} goes into the tunnel, and no network that it may leave by is marked as an internet gateway. The gateway refuses it at once, so that nothing leaks by another way.`,
    origin: 'local',
    node: 'gateway',
    directions: ['forward'],
    tutorial: ['IG-1', 'IG-2'],
    hides: [],
    reads: ['destination', 'protocol', 'port', 'networkId', 'userGroupId'],
    fixes: ({ facts }) => {
      const network = `/api/v1/networks/${uuidWord(facts.networkId, 'NETWORK_ID')}`;
      const group = `/api/v1/user-groups/${uuidWord(facts.userGroupId, 'USER_GROUP_ID')}`;
      return [
        apiFix('Make a network an internet gateway', [{ method: 'PUT', path: network, body: { egress: true } }], {
          undone: [{ method: 'PUT', path: network, body: { egress: false } }],
          risk: 'Its connectors then carry the internet traffic of all that may use it; in routed mode the router of the site has to translate tunnel addresses.',
          betterWhen: 'people should leave by a site of yours',
          verify: [apiRead],
        }),
        apiFix(
          'Let the user group use its own line',
          [{ method: 'PUT', path: group, body: { internetAccess: 'SPLIT_TUNNEL_ON' } }],
          {
            undone: [{ method: 'PUT', path: group, body: { internetAccess: 'SPLIT_TUNNEL_OFF' } }],
            risk: 'Internet traffic of the group is then not seen by any site of yours.',
            betterWhen: 'nothing of the internet has to go through the WPC',
          },
        ),
        byHand(
          'Let it use the internet gateways that there are',
          'on the Causeway server',
          ['Where its gatewaysIds name networks that are no internet gateways any more, an empty list means all of them.'],
          { betterWhen: 'there are internet gateways, and only this one may not use them' },
        ),
      ];
    },
    injectable: true,
  },
} as const satisfies Theme<'EGRESS-LOOP' | 'IG-NOT-SET'>;

const apiRead =
  'curl -sS --unix-socket /var/lib/causeway/run/api.sock http://localhost/api/causeway/v1/internet-gateways shows who leaves by which.';
