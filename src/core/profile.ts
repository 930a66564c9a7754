import { gatewayCertificateName } from './certificate-names.ts';
import { tryParseAddress } from './ip/address.ts';
import { quoteInput } from './ip/quote-input.ts';
import { friendlyName } from './profile-name.ts';

/** Remote is one place where a lane listens. */
export type Remote = { readonly host: string; readonly port: number; readonly protocol: 'udp' | 'tcp' };

/**
 * ProfileInput is all that differs between profiles. `label` is made of the operator's words and is reduced to an allow-list;
 * the blocks are PEM and are checked to be nothing else. Without `key` it is the profile of an agent that holds the key itself.
 */
export type ProfileInput = {
  readonly label: string;
  readonly remotes: readonly [Remote, ...Remote[]];
  readonly ca: string;
  readonly certificate: string;
  readonly key?: string;
  readonly tlsCryptV2: string;
  /** The client asks its person for user name and password at connect (docs/connect-authentication.md). */
  readonly asksForPassword?: boolean;
};

/**
 * fixedDirectives are the same in every profile. Reasons, as far as a name does not say them:
 * - server-poll-timeout: openvpn's own 120 s per dead remote is no failover (openvpn.md 3.3);
 * - connect-retry 1 1: with auth-retry nointeract openvpn pauses 10 s before it connects again, whatever the first number says, but never
 *   longer than the second (socket_restart_pause in its init.c). With 5 a client that had to learn a route was away for 6.5 s;
 * - reneg-sec 86400: the gateway alone decides when keys are renewed, since it must be there to answer, and does so every 6 hours. 0 would
 *   say the same, but a client waits for its person no longer than half of this, or 60 s (receive_auth_pending in openvpn's push.c);
 * - explicit-exit-notify: the gateway knows at once that a UDP client left (openvpn ignores it on TCP remotes);
 * - verify-x509-name: no other certificate of the same CA can pose as a gateway;
 * - tls-version-min 1.2: routers whose openvpn is built with mbedTLS know no 1.3; two ends that do take it anyway.
 */
const fixedDirectives = [
  'client',
  'dev tun',
  'nobind',
  'persist-tun',
  'persist-key',
  'resolv-retry infinite',
  'connect-retry 1 1',
  'server-poll-timeout 4',
  'remote-cert-tls server',
  `verify-x509-name ${gatewayCertificateName} name`,
  'tls-version-min 1.2',
  'data-ciphers AES-256-GCM:CHACHA20-POLY1305',
  'reneg-sec 86400',
  'explicit-exit-notify 1',
  'push-peer-info',
  'verb 3',
] as const;

/**
 * A client whose REAUTH went unanswered comes back instead of ending (openvpn.md 12.1). One with a password asks for it again before it does: it
 * would send a wrong one every second, and a code that was used.
 */
function retrying(asksForPassword: boolean): readonly string[] {
  return asksForPassword ? ['auth-user-pass', 'auth-retry interact'] : ['auth-retry nointeract'];
}

/**
 * renderProfile gives a complete .ovpn text for any OpenVPN >= 2.6. The first remote is tried first, so the caller's order is the
 * order of the lanes. Throws RangeError when a host, a port or a block is not what its type means, so that nothing but the
 * directives above can come out, whatever stands in the database.
 */
export function renderProfile(input: ProfileInput): string {
  return [
    `setenv FRIENDLY_NAME "${friendlyName(input.label)}"`,
    ...fixedDirectives,
    ...retrying(input.asksForPassword === true),
    ...input.remotes.map(renderRemote),
    caBlock(input.ca),
    block('cert', input.certificate, 'CERTIFICATE'),
    ...(input.key === undefined ? [] : [block('key', input.key, 'PRIVATE KEY')]),
    block('tls-crypt-v2', input.tlsCryptV2, 'OpenVPN tls-crypt-v2 client key'),
    '',
  ].join('\n');
}

function renderRemote({ host, port, protocol }: Remote): string {
  if (tryParseAddress(host) === undefined && !isDnsName(host)) {
    throw new RangeError(`remote host ${quoteInput(host)} is neither an address nor a DNS name`);
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`remote port ${port} is not from 1 to 65535`);
  return `remote ${host} ${port} ${protocol}`;
}

function isDnsName(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label));
}

/** Both, while the CA is being renewed: openvpn believes what any certificate in the block has signed. */
function caBlock(pem: string): string {
  const certificates = pem.trim().split(/(?<=-----END CERTIFICATE-----)\n/);
  if (certificates.length > 2) throw new RangeError('the block <ca> has more than two certificates');
  return `<ca>\n${certificates.map((each) => onePem('ca', each, 'CERTIFICATE')).join('\n')}\n</ca>`;
}

/** block inlines exactly one PEM object. */
function block(name: string, pem: string, label: string): string {
  return `<${name}>\n${onePem(name, pem, label)}\n</${name}>`;
}

/** onePem gives a PEM object without blanks around it: the label that is expected, base64 lines, nothing before, between or after. */
function onePem(name: string, pem: string, label: string): string {
  const text = pem.trim();
  const [first, ...rest] = text.split('\n');
  const last = rest.pop();
  const body = rest.every((line) => /^[A-Za-z0-9+/=]{1,76}$/.test(line));
  if (first !== `-----BEGIN ${label}-----` || last !== `-----END ${label}-----` || rest.length === 0 || !body) {
    throw new RangeError(`the block <${name}> is not exactly one PEM "${label}"`);
  }
  return text;
}
