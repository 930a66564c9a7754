import type { AddressText } from './ip/address.ts';
import { strictAddress } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
import { netmask, strictPrefix } from './ip/prefix.ts';
import type { LaneId } from './lanes.ts';

/** LaneDaemon is everything that the openvpn daemon of one lane is started with: typed fields, no free text but paths and users. */
export type LaneDaemon = {
  readonly lane: LaneId;
  readonly device: string;
  readonly protocol: 'udp' | 'tcp';
  readonly port: number;
  /** The gateway's address on every lane, and the tunnel range that it lies in (its mask is what the daemon answers with). */
  readonly address: AddressText;
  readonly range: PrefixText;
  /** Absolute path of the gateway's directory: `identity/` and `lanes/LANE/` lie in it. */
  readonly directory: string;
  /** The only user whose processes the management socket answers to (checked by openvpn from the peer's uid). */
  readonly managementUser: string;
  readonly timings: LaneTimings;
};

/** LaneTimings are in seconds. A peer that is silent for `restartSeconds` is given up; it is pinged every `pingSeconds`. */
export type LaneTimings = {
  readonly pingSeconds: number;
  readonly restartSeconds: number;
  readonly renegotiationSeconds: number;
};

/** Hours between renegotiations: a REAUTH that is answered late costs the client 16 s (openvpn.md 12.1), so there are few. */
export const defaultLaneTimings: LaneTimings = { pingSeconds: 5, restartSeconds: 20, renegotiationSeconds: 21_600 };

/** laneDirectory, laneSocket and laneLog are where a lane's files lie below the gateway's directory. */
export function laneDirectory(directory: string, lane: LaneId): string {
  return `${directory}/lanes/${lane}`;
}

/** The short name leaves 80 bytes for the data directory: a unix socket's path has at most 107, and `/gateway/lanes/c255/m.sock` takes 26. */
export function laneSocket(directory: string, lane: LaneId): string {
  return `${laneDirectory(directory, lane)}/m.sock`;
}

export function laneLog(directory: string, lane: LaneId): string {
  return `${laneDirectory(directory, lane)}/log`;
}

/**
 * renderLaneConfig gives the text of an openvpn 2.6 server configuration (options: openvpn.md 5). The daemon only carries packets: the
 * tun is there before it starts and is not configured by it, it sets no routes, runs no scripts, and asks the agent about every client.
 * Throws RangeError for a field that is not what its type promises.
 */
export function renderLaneConfig(daemon: LaneDaemon): string {
  const range = strictPrefix(daemon.range);
  if (range.family !== 4) throw new RangeError(`tunnel range ${daemon.range} of lane ${daemon.lane} is not IPv4`);
  strictAddress(daemon.address);
  const identity = (file: string) => quoted(`${daemon.directory}/identity/${file}`);
  const { pingSeconds, restartSeconds, renegotiationSeconds } = daemon.timings;
  const lines = [
    'mode server',
    'tls-server',
    `dev ${word(daemon.device, /^cw\d{1,3}-[utch]\d{1,3}$/, 'device')}`,
    'dev-type tun',
    'topology subnet',
    `ifconfig ${daemon.address} ${netmask(range)}`,
    'ifconfig-noexec',
    'route-noexec',
    // The families are named: with plain `udp` openvpn 2.6 chooses by what the machine's resolver says.
    `proto ${daemon.protocol === 'udp' ? 'udp4' : 'tcp4-server'}`,
    `port ${wholeNumber(daemon.port, 1, 65_535, 'port')}`,
    `ca ${identity('ca.pem')}`,
    `cert ${identity('cert.pem')}`,
    `key ${identity('key.pem')}`,
    'dh none',
    // Without persist-key this file is read again at each new client, and a failure then ends the daemon (seen with 2.6.14).
    `tls-crypt-v2 ${identity('tls-crypt-v2.key')}`,
    'persist-key',
    'persist-tun',
    // 1.3 alone would shut out routers whose openvpn is built with mbedTLS; the only 1.2 suites left are forward secret and AEAD.
    'tls-version-min 1.2',
    'tls-cipher TLS-ECDHE-ECDSA-WITH-AES-256-GCM-SHA384:TLS-ECDHE-ECDSA-WITH-CHACHA20-POLY1305-SHA256:TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256',
    'verify-client-cert require',
    'remote-cert-tls client',
    'data-ciphers AES-256-GCM:CHACHA20-POLY1305:AES-128-GCM',
    `keepalive ${wholeNumber(pingSeconds, 1, 600, 'pingSeconds')} ${wholeNumber(restartSeconds, pingSeconds * 2, 3600, 'restartSeconds')}`,
    `reneg-sec ${wholeNumber(renegotiationSeconds, 0, 604_800, 'renegotiationSeconds')}`,
    'push "topology subnet"',
    `management ${quoted(laneSocket(daemon.directory, daemon.lane))} unix`,
    `management-client-user ${word(daemon.managementUser, /^[a-z_][a-z0-9_-]{0,31}$/, 'managementUser')}`,
    // No client is taken before the agent is attached.
    'management-hold',
    'management-client-auth',
    // Otherwise management-client-auth refuses clients that send no user name, which is all of ours: the certificate is the proof.
    'auth-user-pass-optional',
    'script-security 0',
    'max-clients 8192',
    // An owner of 0/0 learns one host route per destination that is used through it; above the limit each new one is logged.
    'max-routes-per-client 100000',
    'disable-dco',
    ...(daemon.protocol === 'udp'
      ? // A stopping daemon tells its clients: back in 4 s instead of after `restartSeconds`. All clients come at once after an outage.
        ['explicit-exit-notify 1', 'connect-freq-initial 2000 10']
      : ['tcp-nodelay']),
    'verb 3',
    // Appending, so that whoever keeps the file small may truncate it while the daemon writes.
    `log-append ${quoted(laneLog(daemon.directory, daemon.lane))}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The configuration file's lexer knows double quotes with \\ and \" inside; a line ends the option whatever is quoted. */
function quoted(path: string): string {
  if (!path.startsWith('/'))
    throw new RangeError(`path ${JSON.stringify(path)} of a lane is not absolute; openvpn changes its directory`);
  // 255 characters is openvpn's OPTION_PARM_SIZE; a socket path must be shorter still, which bind() says.
  if (path.length > 255 || /[\x00-\x1f\x7f]/.test(path)) {
    throw new RangeError(
      `path ${JSON.stringify(path)} of a lane has control characters or more than 255 characters; choose another directory`,
    );
  }
  return `"${path.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}

function word(value: string, allowed: RegExp, field: string): string {
  if (!allowed.test(value)) throw new RangeError(`${field} ${JSON.stringify(value)} of a lane does not match ${String(allowed)}`);
  return value;
}

function wholeNumber(value: number, least: number, most: number, field: string): string {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${field} ${String(value)} of a lane is not a whole number from ${String(least)} to ${String(most)}`);
  }
  return String(value);
}
