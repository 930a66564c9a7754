import { isIP } from 'node:net';
import { gatewayCertificateName, portalCertificateName } from '../../core/certificate-names.ts';
import type { CertificateKind } from './protocol.ts';
import { SigningRefused } from './signing-refused.ts';

const daySeconds = 86_400;

/**
 * CertificateRule is what one kind of certificate may be. None can sign (`CA:TRUE` is not among the things that can be said), all
 * have keyUsage digitalSignature, without which openvpn answers "VERIFY KU ERROR" (openvpn.md 6).
 */
export type CertificateRule = {
  readonly extendedKeyUsage: 'clientAuth' | 'serverAuth';
  readonly maximumLifetimeSeconds: number;
  /** `serial`: the common name is the serial, so that `status 3` of a lane tells it (openvpn.md 2.4); else the fixed name. */
  readonly commonName: 'serial' | typeof gatewayCertificateName | typeof portalCertificateName;
};

/**
 * Endpoints: three years at most, since a handed-out file cannot be renewed and revocation does not wait for expiry. Gateways: their
 * lanes read the certificate at start and run for long. Portal: 398 days is what browsers accept at most.
 */
export const certificateRules = {
  connector: { extendedKeyUsage: 'clientAuth', maximumLifetimeSeconds: 1096 * daySeconds, commonName: 'serial' },
  device: { extendedKeyUsage: 'clientAuth', maximumLifetimeSeconds: 1096 * daySeconds, commonName: 'serial' },
  gateway: { extendedKeyUsage: 'serverAuth', maximumLifetimeSeconds: 1096 * daySeconds, commonName: gatewayCertificateName },
  portal: { extendedKeyUsage: 'serverAuth', maximumLifetimeSeconds: 398 * daySeconds, commonName: portalCertificateName },
} as const satisfies Record<CertificateKind, CertificateRule>;

/** A revocation list must be renewed at least weekly, so that an old one cannot be shown for long. */
export const maximumRevocationListSeconds = 7 * daySeconds;

/** checkLifetime throws SigningRefused when more than the kind's maximum is asked for. */
export function checkLifetime(kind: string, lifetimeSeconds: number, maximumSeconds: number): void {
  if (lifetimeSeconds <= maximumSeconds) return;
  throw new SigningRefused(`lifetimeSeconds ${lifetimeSeconds} of a ${kind}: at most ${maximumSeconds} is allowed`);
}

/** AlternativeName is the one host name that a portal's certificate carries. */
export type AlternativeName = { readonly type: 'dns' | 'ip'; readonly value: string };

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** checkHostName reads a portal's host name: an address, or a lower-case DNS name without wildcard. Throws SigningRefused. */
export function checkHostName(hostName: string): AlternativeName {
  if (isIP(hostName) !== 0) return { type: 'ip', value: hostName };
  const labels = hostName.split('.');
  const plausible = labels.every((label) => dnsLabel.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
  if (plausible) return { type: 'dns', value: hostName };
  throw new SigningRefused(
    `hostName ${JSON.stringify(hostName)}: a lower-case DNS name or an IP address is allowed, no wildcard`,
  );
}
