import { apiFix } from './api-fix.ts';
import { addressWord, prefixWord, uuidWord } from './command-words.ts';
import type { Theme } from './entry.ts';
import { both } from './entry.ts';
import { byHand, fix, onCauseway } from './fix.ts';
import { masquerade } from './nat-fix.ts';
import { destination, object, shown, subject } from './sentences.ts';
import { acceptInTailscale } from './tailscale-fix.ts';

/** What goes wrong on a person's device, before a gateway has seen the packet. */
export const client = {
  'CLI-OFFLINE': {
    severity: 'error',
    symptom: 'Nothing works: no site and no server of the WPC can be reached.',
    title: (cause) => `${subject(cause)} is not connected`,
    explanation: (cause) =>
      `No gateway has a session of ${object(cause)}, so there is no tunnel that a packet could take. This is what the table of sessions says now; when it was last connected, the list of sessions tells.`,
    origin: 'local',
    node: 'device',
    directions: ['forward'],
    tutorial: ['RA-7', 'RA-8', 'RA-9'],
    hides: ['CLI-NO-ROUTE', 'CLI-STALE-ROUTES', 'CLI-LOCAL-OVERLAP', 'CLI-DNS'],
    reads: [],
    fixes: ({ object: { kind, id } }) => [
      byHand('Connect', 'on the device', [
        'Start the OpenVPN client and connect. Its log says why where it does not: "suspended by the administrator", "this profile is not valid any more", or no answer at all.',
      ]),
      apiFix(
        'Give the device a new profile, where its own was revoked or lost',
        [
          {
            method: 'POST',
            path: `/api/v1/devices/${kind === 'device' ? uuidWord(id.replace(/^device:/, ''), 'DEVICE_ID') : 'DEVICE_ID'}/profile`,
          },
        ],
        {
          risk: 'What it prints holds a private key: hand it over on a way that nobody else reads.',
          betterWhen: 'the log says that the profile is not valid any more',
        },
      ),
    ],
    injectable: true,
  },
  'CLI-NO-ROUTE': {
    severity: 'error',
    symptom: 'One subnet cannot be reached; other services of the WPC work.',
    title: (cause) => `${subject(cause)} has no route into the tunnel for ${destination(cause.facts)}`,
    explanation: (cause) =>
      `With split tunnel on, the device sends into the tunnel only what networks of the WPC have, and none has ${destination(cause.facts)}. The packet leaves by the local line, past the WPC; no gateway sees it.`,
    origin: 'local',
    node: 'device',
    directions: ['forward'],
    tutorial: ['RA-8'],
    hides: [],
    reads: ['destination', 'protocol', 'port', 'prefix', 'networkId', 'userGroupId'],
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
          betterWhen: 'the destination is at one of your sites',
          verify: ['On the device: its table of routes shows the subnet by the tunnel.'],
        },
      ),
      apiFix(
        'Send everything of the user group into the tunnel',
        [
          {
            method: 'PUT',
            path: `/api/v1/user-groups/${uuidWord(facts.userGroupId, 'USER_GROUP_ID')}`,
            body: { internetAccess: 'SPLIT_TUNNEL_OFF' },
          },
        ],
        {
          undone: [
            {
              method: 'PUT',
              path: `/api/v1/user-groups/${uuidWord(facts.userGroupId, 'USER_GROUP_ID')}`,
              body: { internetAccess: 'SPLIT_TUNNEL_ON' },
            },
          ],
          risk: 'All internet traffic of the group then leaves by an internet gateway; without one it is refused.',
          betterWhen: 'the destination is on the internet and should see the address of an internet gateway',
        },
      ),
    ],
    injectable: true,
  },
  'CLI-STALE-ROUTES': {
    severity: 'error',
    symptom: 'A subnet that was added a while ago cannot be reached until the client reconnects.',
    title: (cause) => `${subject(cause)} has not learned its present routes`,
    explanation: (cause) =>
      `The networks of the WPC were changed after the session of ${object(cause)} began, and it has not taken the change: packets for ${destination(cause.facts)} go past its tunnel. The time of the session and of the change show it; connecting again brings the present routes.`,
    origin: 'local',
    node: 'device',
    directions: ['forward'],
    tutorial: ['SS-10'],
    hides: ['CLI-NO-ROUTE', 'RPF-STRICT', 'RPF-LOOSE-WRONG-WAY'],
    reads: ['destination', 'protocol', 'port'],
    fixes: (cause) =>
      cause.object.kind === 'connector'
        ? [
            fix({
              platform: 'linux',
              title: 'Start the agent again; it sets what is missing',
              where: `on the machine of ${object(cause)}, as root`,
              commands: ['systemctl restart causeway-connector'],
              console: ['With OpenRC: rc-service causeway-connector restart. Without our agent: restart the OpenVPN client.'],
              verify: ['causeway-connector status', 'ip route show proto 196'],
              evidence: 'tested',
            }),
          ]
        : [
            byHand('Connect again', 'on the device', [
              'Disconnect and connect in the OpenVPN client. OpenVPN 2.7 and newer take changes without that.',
            ]),
          ],
    injectable:
      'The gateway has every client connect again, or updates it, when its routes have changed: no session keeps old ones.',
  },
  'CLI-LOCAL-OVERLAP': {
    severity: 'error',
    symptom: 'It works from the office, and not from one home or hotel network.',
    title: (cause) => `The local network of ${object(cause)} has the same addresses as ${destination(cause.facts)}`,
    explanation: ({ facts }) =>
      `The device stands in ${facts.prefix === undefined ? 'a network' : shown(facts.prefix)} that overlaps the destination, and its own network wins over a route by the tunnel. The packet is looked for on the local segment and never comes to a gateway.`,
    origin: 'local',
    node: 'device',
    directions: ['forward'],
    tutorial: ['RA-8'],
    hides: ['CLI-NO-ROUTE'],
    reads: ['destination', 'protocol', 'port', 'prefix'],
    fixes: ({ facts }) => [
      byHand(
        'Change the local network',
        'at the router where the device is',
        ['Give the home network another range, for example one inside 172.24.0.0/14 that is not in use anywhere.'],
        { betterWhen: 'it is your own network' },
      ),
      byHand(
        'Give the site longer prefixes: the longest one wins',
        onCauseway,
        [
          `Replace the prefix of the network by longer ones for the servers that are in use, such as ${addressWord(facts.destination, 'SERVER_ADDRESS')}/32: DELETE /api/v1/networks/routes/{id}, then POST /api/v1/networks/routes. Add them one by one: overlapping prefixes are refused.`,
        ],
        {
          betterWhen: 'many people come from networks that you do not own, and few servers are meant',
          risk: 'A local machine with the same address is hidden from the device while it is connected.',
        },
      ),
    ],
    injectable: true,
  },
  'CLI-DNS': {
    severity: 'error',
    symptom: 'The address works, the name does not.',
    title: (cause) => `${subject(cause)} does not resolve the name of ${destination(cause.facts)} by the WPC`,
    explanation: () =>
      'The device asks a resolver that does not know names of your sites. Packets to the address pass, so the path is in order; only the question goes to the wrong resolver.',
    origin: 'local',
    node: 'device',
    directions: ['forward'],
    tutorial: [],
    hides: [],
    reads: ['destination', 'protocol', 'port'],
    fixes: () => [
      apiFix(
        'Tell clients to use your resolver',
        [{ method: 'PUT', path: '/api/v1/settings/dns/custom-servers', body: { primaryIpV4: 'RESOLVER_ADDRESS' } }],
        {
          undone: [{ method: 'PUT', path: '/api/v1/settings/dns/custom-servers', body: {} }],
          risk: 'All clients use it from their next connection on. The resolver has to be reached from the WPC.',
          verify: ['On the device: nslookup NAME RESOLVER_ADDRESS'],
        },
      ),
      byHand(
        'Let a Linux client take the resolver',
        'on the device',
        [
          'OpenVPN on Linux changes no resolver by itself: install openvpn-systemd-resolved and call it from the profile, or use NetworkManager.',
        ],
        { betterWhen: 'only Linux clients are affected' },
      ),
    ],
    injectable: 'A trace begins with an address: names are resolved before it.',
  },
  'CLI-RANGE-CLASH': {
    severity: 'warning',
    symptom: 'Odd failures on machines that run Tailscale or stand behind carrier-grade NAT.',
    title: (cause) =>
      `Something else on ${object(cause)} uses ${cause.facts.prefix === undefined ? '100.64.0.0/10' : shown(cause.facts.prefix)} too`,
    explanation: () =>
      "The WPC's range lies in 100.64.0.0/10, which Tailscale, some providers and some clouds use as well. Two routes for the same addresses exclude each other, and Tailscale drops packets from that range which did not come by its own interface.",
    origin: 'local',
    node: 'device',
    directions: both,
    tutorial: [],
    hides: [],
    reads: ['prefix', 'networkName', 'networkId', 'destination', 'source', 'interface'],
    fixes: (cause, context) => [
      masquerade(cause, context, 'the machine is a server: with NAT it sees no address of the range'),
      byHand(
        'Give the WPC another range',
        'on the Causeway server',
        ['Before addresses are given out: PUT /api/v1/settings/wpc/subnet with a range that nobody else uses.'],
        { betterWhen: `nothing is connected yet, or people's own devices are affected` },
      ),
      acceptInTailscale(cause, prefixWord(context.tunnelRanges[0], 'WPC_RANGE')),
    ],
    injectable: true,
  },
} as const satisfies Theme<
  'CLI-OFFLINE' | 'CLI-NO-ROUTE' | 'CLI-STALE-ROUTES' | 'CLI-LOCAL-OVERLAP' | 'CLI-DNS' | 'CLI-RANGE-CLASH'
>;
