import { createPrivateKey, generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { isSerial } from '../../core/certificate-names.ts';
import type { Serial } from '../../core/ids.ts';
import { writeDurably } from '../durable-file.ts';
import { readIfThere, requirePrivate } from '../private-file.ts';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  keyAlgorithm,
  signatureAlgorithm,
} from './x509.ts';

/** Authority is the root: its certificate, and its key in the two forms that the library and node:crypto want. */
export type Authority = {
  readonly certificate: X509Certificate;
  readonly certificatePem: string;
  readonly signingKey: webcrypto.CryptoKey;
  readonly key: KeyObject;
  readonly keyIdentifier: Uint8Array;
};

/** Twenty years; the next root is made four years before (keeping/authority-renewal.ts), one more than a profile lasts. */
const rootLifetimeMs = 20 * 365.25 * 86_400_000;

/** Machines whose clock is a little behind must believe a certificate that was made just now. */
export const clockToleranceMs = 3_600_000;

/**
 * openAuthority reads the CA (or the next one) from its directory, or makes it there when it is first asked for. A key without certificate (a first start that
 * was cut off) is completed; a certificate without key, or of another key, is refused, since profiles out there name that CA.
 */
export async function openAuthority(directory: string, now: Date, name: 'ca' | 'next' = 'ca'): Promise<Authority> {
  const keyPath = join(directory, `${name}.key`);
  const certificatePath = join(directory, `${name}.crt`);
  const [keyPem, certificatePem] = await Promise.all([readIfThere(keyPath), readIfThere(certificatePath)]);
  if (keyPem === undefined && certificatePem !== undefined) {
    throw new Error(
      `${certificatePath} is there but ${keyPath} is missing; restore it from a backup: profiles in use name this CA`,
    );
  }
  if (keyPem !== undefined) await requirePrivate(keyPath);
  const key = keyPem ?? newKeyPem();
  if (keyPem === undefined) await writeDurably(keyPath, key, 0o600);
  const certificate = certificatePem ?? (await selfSign(key, now));
  const authority = await assemble(key, certificate, certificatePath);
  if (certificatePem === undefined) await writeDurably(certificatePath, certificate, 0o644);
  return authority;
}

/** newSerial makes 126 random bits behind the bits 01: positive and without leading zeros in DER, see core's isSerial. */
export function newSerial(): Serial {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  const serial = bytes.toString('hex');
  if (!isSerial(serial)) throw new Error(`made the serial ${serial}, which core does not accept as one`);
  return serial;
}

function newKeyPem(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function selfSign(keyPem: string, now: Date): Promise<string> {
  const signingKey = await importSigningKey(createPrivateKey(keyPem));
  const publicKey = await importPublicKey(createPrivateKey(keyPem));
  const name = `CN=Causeway CA ${randomBytes(4).toString('hex')}`;
  const certificate = await X509CertificateGenerator.create({
    subject: name,
    issuer: name,
    serialNumber: newSerial(),
    notBefore: new Date(now.getTime() - clockToleranceMs),
    notAfter: new Date(now.getTime() + rootLifetimeMs),
    publicKey,
    signingKey,
    signingAlgorithm: signatureAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

async function assemble(keyPem: string, certificatePem: string, certificatePath: string): Promise<Authority> {
  const key = createPrivateKey(keyPem);
  const certificate = new X509Certificate(certificatePem);
  const signingKey = await importSigningKey(key);
  if (!(await certificate.verify({ publicKey: await importPublicKey(key), signatureOnly: true }))) {
    throw new Error(`${certificatePath} does not belong to the key beside it; restore both from the same backup`);
  }
  const identifier = certificate.getExtension(SubjectKeyIdentifierExtension);
  if (identifier === null) throw new Error(`${certificatePath} has no subject key identifier; it was not made by Causeway`);
  return { certificate, certificatePem, signingKey, key, keyIdentifier: Buffer.from(identifier.keyId, 'hex') };
}

function importSigningKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const der = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, keyAlgorithm, false, ['sign']);
}

function importPublicKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const jwk = key.export({ format: 'jwk' });
  const { d: _private, ...publicPart } = jwk;
  return webcrypto.subtle.importKey('jwk', publicPart, keyAlgorithm, true, ['verify']);
}
