import { apiFix } from './api-fix.ts';
import { uuidWord } from './command-words.ts';
import type { Entry, Theme } from './entry.ts';
import { byHand, fix, onConnector } from './fix.ts';
import { masquerade } from './nat-fix.ts';
import { behindConnector, noWayBack } from './relations.ts';
import { network, object, quoted, subject } from './sentences.ts';

const session: Pick<Entry, 'origin' | 'node' | 'directions' | 'severity'> = {
  severity: 'error',
  origin: 'local',
  node: 'connector',
  directions: [],
};

/** Why a connector has no tunnel, or not the one that is meant. */
export const connectorSession = {
  'CON-OFFLINE': {
    ...session,
    symptom: 'A whole network cannot be reached: "host unreachable" from the gateway, at once.',
    title: (cause) =>
      cause.object.kind === 'network' ? `No connector serves ${object(cause)}` : `${subject(cause)} is not connected`,
    explanation: (cause) =>
      `No gateway has a session of ${cause.object.kind === 'network' ? 'any of its connectors' : object(cause)}, so nothing can pass to or from ${network(cause.facts)}. What is known of its machine is as old as its last report; look at it again when it is back.`,
    tutorial: ['RA-3'],
    hides: behindConnector,
    reads: ['networkName', 'connectorName', 'connectorId'],
    fixes: (cause) => [
      fix({
        platform: 'linux',
        title: 'See what it says, and start it again',
        where: onConnector(cause),
        commands: ['causeway-connector status', 'systemctl restart causeway-connector'],
        console: [
          'With OpenRC: rc-service causeway-connector restart.',
          'journalctl -u causeway-connector and /run/causeway-connector/causeway0.log name the reason: certificate, clock, blocked port.',
        ],
        verify: ['causeway-connector status'],
        evidence: 'tested',
      }),
      apiFix(
        'Activate it, where it is suspended',
        [{ method: 'PUT', path: `/api/v1/networks/connectors/${connectorWord(cause)}/activate` }],
        { betterWhen: 'its status says that it is suspended' },
      ),
      apiFix(
        'Install it again with a new token, where its credential is refused or its machine is gone',
        [{ method: 'POST', path: `/api/causeway/v1/connectors/${connectorWord(cause)}/install-token` }],
        {
          betterWhen: 'its status says credential-refused',
          risk: 'The machine that was the connector before is refused from then on.',
        },
      ),
    ],
    injectable: true,
  },
  'CON-UDP-BLOCKED': {
    ...session,
    severity: 'warning',
    symptom: 'The connector tries and tries; or it is there, by TCP, and slow.',
    title: (cause) => `UDP from ${object(cause)} to the gateway does not get through`,
    explanation: (cause) =>
      `Handshakes by UDP time out and by TCP they work, so a firewall between ${object(cause)} and the gateway drops UDP. By TCP everything works, but loss on the line slows all flows at once.`,
    tutorial: ['RA-3'],
    hides: ['CON-OFFLINE'],
    reads: ['observation', 'connectorName'],
    fixes: (cause) => [
      byHand(
        'Let UDP out',
        `at the firewall before ${object(cause)}`,
        ["Allow UDP from the connector to the gateway's address: the ports that causeway status lists for its lane, and 1194."],
        { verify: ['causeway-connector status', 'causeway status'] },
      ),
      byHand('Leave it on TCP', 'nowhere', ['Nothing is to be done: it stays on TCP 1194 and tries UDP again now and then.'], {
        betterWhen: 'nobody may change the firewall',
      }),
    ],
    injectable: true,
  },
  'CON-STALE-HA': {
    ...session,
    directions: ['reverse'],
    origin: 'outbound',
    symptom: 'About half of the flows fail, or all of them after another connector took over.',
    title: (cause) => `The LAN of ${network(cause.facts)} sends answers to another connector than the one that has its routes`,
    explanation: (cause) =>
      `The network has several connectors, and its router knows one address. Requests come by ${object(cause)}, answers go to the other one, which does not know the flow. Which connector has the routes, the gateway says; where the LAN sends to, its static route.`,
    tutorial: [],
    hides: noWayBack,
    reads: ['networkName', 'networkId', 'lanAddress', 'destination', 'source'],
    fixes: (cause, context) => [
      masquerade(
        cause,
        context,
        "people's devices are all that comes in: then each connector gets its own answers, and several can work at once",
      ),
      byHand(
        'Let the route follow',
        `at the router of ${network(cause.facts)}`,
        [
          'Let the connectors share an address by VRRP (keepalived) and point the static route to it; or let the cloud move the route.',
          `At once: point the route to ${quoted(cause.facts.lanAddress, 'the address of the connector that has the routes')}.`,
        ],
        { betterWhen: 'real addresses have to be seen' },
      ),
    ],
    injectable: true,
  },
  'TUN-MISSING': {
    ...session,
    symptom: 'The container or machine does not start the tunnel: Cannot open TUN/TAP dev /dev/net/tun.',
    title: (cause) => `The machine of ${object(cause)} has no /dev/net/tun`,
    explanation: () =>
      'openvpn makes the tunnel by this device of the kernel. In a container it is there only if it was given to it; on a machine the module tun may not be loaded. The log of the connector says so.',
    tutorial: ['RA-5'],
    hides: ['CON-OFFLINE'],
    reads: ['connectorName'],
    fixes: (cause) => [
      fix({
        platform: 'linux',
        title: 'Load the module and make the device, now and at each start',
        where: onConnector(cause),
        commands: [
          'modprobe tun || true',
          '[ -c /dev/net/tun ] || { mkdir -p /dev/net && mknod -m 0666 /dev/net/tun c 10 200; }',
          'mkdir -p /etc/modules-load.d && echo tun >/etc/modules-load.d/causeway-tun.conf',
        ],
        undo: ['rm -f /etc/modules-load.d/causeway-tun.conf'],
        risk: 'A kernel built without tun has no module to load: then the connector cannot run on this machine.',
        betterWhen: 'it is a machine',
        verify: ['ls -l /dev/net/tun'],
        evidence: 'unverified',
      }),
      byHand(
        'Give the device to the container',
        "on the container's host",
        ['Start it with --network host --cap-add NET_ADMIN --device /dev/net/tun.'],
        { betterWhen: 'it is a container' },
      ),
    ],
    injectable: true,
  },
  'SELINUX-DENY': {
    ...session,
    symptom: 'The unit fails on a machine of the RHEL family.',
    title: (cause) => `SELinux keeps openvpn of ${object(cause)} from what it needs`,
    explanation: () =>
      'openvpn may use its own ports and read its own files only. A port other than 1194, or files in a place of their own, are refused; the audit log has a line for each refusal.',
    tutorial: ['RA-3'],
    hides: ['CON-OFFLINE'],
    reads: ['port', 'connectorName'],
    fixes: (cause) => [
      fix({
        platform: 'linux',
        title: 'Allow the port, and label the files anew',
        where: onConnector(cause),
        commands: [
          `semanage port -a -t openvpn_port_t -p udp ${cause.facts.port === undefined ? 'PORT' : String(Math.trunc(cause.facts.port))}`,
          'restorecon -R /etc/openvpn /var/lib/causeway-connector',
        ],
        undo: [
          `semanage port -d -t openvpn_port_t -p udp ${cause.facts.port === undefined ? 'PORT' : String(Math.trunc(cause.facts.port))}`,
        ],
        verify: ['ausearch -m avc -c openvpn'],
        evidence: 'unverified',
      }),
    ],
    injectable: 'SELinux is one for the whole kernel; namespaces have none of their own.',
  },
  'CLOCK-SKEW': {
    ...session,
    symptom: 'TLS fails: certificate is not yet valid, or has expired.',
    title: (cause) => `The clock of ${object(cause)} is wrong`,
    explanation: (cause) =>
      `A certificate holds for a time, and the clock of ${object(cause)} is outside of it, so the TLS handshake is refused. Its log says "not yet valid" or "expired" although the certificate is good.`,
    tutorial: ['RA-3'],
    hides: ['CON-OFFLINE'],
    reads: ['connectorName'],
    fixes: (cause) => [
      fix({
        platform: 'linux',
        title: 'Let the clock follow a time server',
        where: onConnector(cause),
        commands: ['timedatectl set-ntp true'],
        console: ['Without systemd: install and start chrony.'],
        undo: ['timedatectl set-ntp false'],
        verify: ['timedatectl', 'causeway-connector status'],
        evidence: 'unverified',
      }),
    ],
    injectable: 'The clock is one for the whole kernel; time namespaces do not cover the time of day.',
  },
} as const satisfies Theme<'CON-OFFLINE' | 'CON-UDP-BLOCKED' | 'CON-STALE-HA' | 'TUN-MISSING' | 'SELINUX-DENY' | 'CLOCK-SKEW'>;

function connectorWord({ facts, object: { kind, id } }: Parameters<Entry['title']>[0]): string {
  return uuidWord(facts.connectorId ?? (kind === 'connector' ? id : undefined), 'CONNECTOR_ID');
}
