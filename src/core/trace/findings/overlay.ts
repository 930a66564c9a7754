import { apiFix } from './api-fix.ts';
import { prefixWord, uuidWord } from './command-words.ts';
import type { Theme } from './entry.ts';
import { both } from './entry.ts';
import { byHand, fix, onCauseway } from './fix.ts';
import { destination, object, quoted, shown, subject } from './sentences.ts';

/** What the WPC itself refuses or does not know: rules, prefixes, and the way between gateways. */
export const overlay = {
  'POL-DENY': {
    severity: 'error',
    symptom: 'It times out or is refused for one person, while it works for others.',
    title: (cause) => `The WPC does not allow ${object(cause)} to reach ${destination(cause.facts)}`,
    explanation: (cause) =>
      `Nothing is out of order: what is configured for ${object(cause)} does not allow this flow, so the gateway drops it. It is suspended, or its internet access is restricted. The decision follows from the configuration that the gateway has.`,
    origin: 'inbound',
    node: 'gateway',
    directions: ['forward'],
    tutorial: ['RA-10'],
    hides: ['CLI-NO-ROUTE'],
    reads: ['destination', 'protocol', 'port', 'userGroupId'],
    fixes: ({ object: { kind, id }, facts }) => {
      const activate = (path: string) =>
        apiFix('Activate it, where it is suspended', [{ method: 'PUT', path: `${path}/activate` }], {
          undone: [{ method: 'PUT', path: `${path}/suspend` }],
          risk: 'Somebody has suspended it for a reason.',
        });
      const open = apiFix(
        'Let the user group out to the internet by internet gateways, where its internet is restricted',
        [
          {
            method: 'PUT',
            path: `/api/v1/user-groups/${uuidWord(facts.userGroupId, 'USER_GROUP_ID')}`,
            body: { internetAccess: 'SPLIT_TUNNEL_OFF' },
          },
        ],
        { risk: 'For all users of the group.', betterWhen: 'the destination is on the internet' },
      );
      switch (kind) {
        case 'connector':
          return [activate(`/api/v1/networks/connectors/${uuidWord(id, 'CONNECTOR_ID')}`)];
        case 'user-group':
          return [open];
        default:
          return [activate(`/api/v1/users/${kind === 'user' ? uuidWord(id, 'USER_ID') : 'USER_ID'}`), open];
      }
    },
    injectable: true,
  },
  'POL-POSTURE': {
    severity: 'error',
    symptom: 'It worked yesterday, and the person has changed nothing on purpose.',
    title: (cause) => `${subject(cause)} does not meet a condition of its access`,
    explanation: () =>
      `Access depends on a condition about the device, its place or the time, and that is not met now. The gateway refuses the session or the flow until it is.`,
    origin: 'inbound',
    node: 'gateway',
    directions: ['forward'],
    tutorial: [],
    hides: ['CLI-OFFLINE'],
    reads: [],
    fixes: () => [
      byHand('Meet the condition, or change it', 'on the device, or on the Causeway server', [
        'The decision names the condition: bring the device up to it (updates, disk encryption, place, time), or change the condition for all.',
      ]),
    ],
    injectable: 'This version has no conditions on devices, places and times.',
  },
  'OVL-NO-NETWORK': {
    severity: 'error',
    symptom: 'An address is unknown to the WPC: the gateway answers "net unreachable", or the packet leaves by the local line.',
    title: ({ facts }) =>
      facts.destination === undefined
        ? `No network of the WPC has the source ${quoted(facts.source, 'of the packet')}`
        : `No network of the WPC has ${destination(facts)}`,
    explanation: () =>
      'No network has a prefix with this address, and no device or connector has it as a tunnel address. The gateway has nobody to give such a packet to, and believes nobody who sends one. This follows from the configuration.',
    origin: 'local',
    node: 'gateway',
    directions: ['forward'],
    tutorial: ['RA-2', 'RA-10'],
    hides: ['CLI-NO-ROUTE'],
    reads: ['source', 'destination', 'protocol', 'port', 'prefix', 'networkId'],
    fixes: ({ facts }) => [
      apiFix(
        'Add the subnet to the network that it lies behind',
        [
          {
            method: 'POST',
            path: `/api/v1/networks/routes?networkId=${uuidWord(facts.networkId, 'NETWORK_ID')}`,
            body: { value: prefixWord(facts.prefix, 'PREFIX') },
          },
        ],
        {
          risk: 'Give the whole subnet of the server where the prefix is a single address. Devices that cannot take updates connect again once.',
          verify: ['causeway status'],
        },
      ),
    ],
    injectable: true,
  },
  'OVL-OVERLAP': {
    severity: 'error',
    symptom: 'Answers come from the wrong site.',
    title: (cause) => `${subject(cause)} and another network both use ${quoted(cause.facts.prefix, 'the same addresses')}`,
    explanation: () =>
      'An address belongs to one network: packets to it go there, and packets from it are believed from there only. The machine with that address in the other network is not reached, and what it sends is dropped at the gateway. This follows from the configuration.',
    origin: 'local',
    node: 'gateway',
    directions: ['forward'],
    tutorial: ['SS-9'],
    hides: ['OVL-NO-NETWORK'],
    reads: ['prefix'],
    fixes: ({ facts }) => [
      byHand('Decide who owns the prefix', onCauseway, [
        `Take ${prefixWord(facts.prefix, 'PREFIX')} away from one of them (DELETE /api/v1/networks/routes/{id}), or give each the part that it really uses.`,
        'Where both sites really use the same addresses, renumber one or map it 1:1 by NAT at its connector.',
      ]),
    ],
    injectable: 'The database refuses overlapping prefixes of networks, so a configuration with two of them cannot be made.',
  },
  'OVL-IROUTE': {
    severity: 'error',
    symptom: "The gateway's log says: bad source address from client, packet dropped.",
    title: (cause) =>
      `openvpn at the gateway does not know that ${cause.facts.prefix === undefined ? 'the prefix' : shown(cause.facts.prefix)} is behind ${object(cause)}`,
    explanation: () =>
      'Beside the kernel, openvpn has a table of its own of which client a subnet is behind (iroute). It drops packets from and to a subnet that is not in it, although the kernel has the route. Its log says so line by line.',
    origin: 'inbound',
    node: 'gateway',
    directions: ['reverse'],
    tutorial: ['RA-2'],
    hides: [],
    reads: ['prefix', 'connectorId'],
    fixes: (cause) => [
      fix({
        platform: 'linux',
        title: 'Let the connector connect again: its prefixes are written when it does',
        where: `on the machine of ${object(cause)}, as root`,
        commands: ['systemctl restart causeway-connector-tunnel@causeway0', 'systemctl restart causeway-connector'],
        console: ['causeway-connector status says whether causeway0 or causeway1 is in use.'],
        risk: 'Its connections are interrupted for two to three seconds.',
        verify: ['On the Causeway server: the log of its lane below /var/lib/causeway/gateway/lanes has no new such line.'],
        evidence: 'unverified',
      }),
    ],
    injectable: 'The gateway writes both tables from one configuration and has no switch that leaves one out.',
  },
  'OVL-REGION-LINK': {
    severity: 'error',
    symptom: 'Only people of one region fail.',
    title: (cause) => `There is no way between the gateways for ${destination(cause.facts)}`,
    explanation: () =>
      "The person's gateway and the connector's are different ones, and the link between them is down or has not learned the prefix. People who connect to the other gateway are not affected.",
    origin: 'outbound',
    node: 'mesh',
    directions: both,
    tutorial: ['RA-22'],
    hides: [],
    reads: ['destination', 'protocol', 'port'],
    fixes: () => [
      byHand('Bring the link back', 'on the machines of both gateways', [
        'causeway status names the gateway that does not report: look at its machine and its line.',
        'Meanwhile people reach the site by a profile for the region of its connector.',
      ]),
    ],
    injectable: 'This version has one gateway, so there is no link between gateways.',
  },
} as const satisfies Theme<'POL-DENY' | 'POL-POSTURE' | 'OVL-NO-NETWORK' | 'OVL-OVERLAP' | 'OVL-IROUTE' | 'OVL-REGION-LINK'>;
