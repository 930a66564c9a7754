import type { Serial } from '../../core/ids.ts';
import type { Authority } from './authority.ts';
import { clockToleranceMs, newSerial } from './authority.ts';
import { readCertificateRequest } from './certificate-request.ts';
import type { CertificateKind } from './protocol.ts';
import type { AlternativeName, CertificateRule } from './rules.ts';
import { certificateRules, checkLifetime } from './rules.ts';
import { SigningRefused } from './signing-refused.ts';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  signatureAlgorithm,
} from './x509.ts';

/** IssueRequest: `alternativeName` for the portal only. `now` comes from the signer's clock, never from who asks. */
export type IssueRequest = {
  readonly kind: CertificateKind;
  readonly certificateRequest: string;
  readonly lifetimeSeconds: number;
  readonly alternativeName?: AlternativeName;
};

export type IssuedCertificate = {
  readonly certificate: string;
  readonly serial: Serial;
  readonly notBefore: Date;
  readonly notAfter: Date;
};

/** issueCertificate signs a certificate by the rule of its kind; throws SigningRefused. Every call makes a new serial. */
export async function issueCertificate(authority: Authority, request: IssueRequest, now: Date): Promise<IssuedCertificate> {
  const rule: CertificateRule = certificateRules[request.kind];
  checkLifetime(`${request.kind} certificate`, request.lifetimeSeconds, rule.maximumLifetimeSeconds);
  const publicKey = await readCertificateRequest(request.certificateRequest);
  const serial = newSerial();
  // Whole seconds: X.509 has no finer ones, and what is stored must equal what the certificate says.
  const second = Math.floor(now.getTime() / 1000) * 1000;
  const notBefore = new Date(second - clockToleranceMs);
  // What outlives its CA is believed by nobody, and would hide that its end comes with the CA's.
  const notAfter = new Date(Math.min(second + request.lifetimeSeconds * 1000, authority.certificate.notAfter.getTime()));
  if (notAfter.getTime() <= second) {
    throw new SigningRefused(
      `a ${request.kind} certificate: the CA ended on ${authority.certificate.notAfter.toISOString()}, or the clock is wrong; renew it: causeway ca renew --now`,
    );
  }
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${rule.commonName === 'serial' ? serial : rule.commonName}`,
    issuer: authority.certificate.subjectName,
    serialNumber: serial,
    notBefore,
    notAfter,
    publicKey,
    signingKey: authority.signingKey,
    signingAlgorithm: signatureAlgorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage[rule.extendedKeyUsage]]),
      await SubjectKeyIdentifierExtension.create(publicKey),
      new AuthorityKeyIdentifierExtension(Buffer.from(authority.keyIdentifier).toString('hex')),
      ...(request.alternativeName === undefined ? [] : [new SubjectAlternativeNameExtension([request.alternativeName])]),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, serial, notBefore, notAfter };
}
