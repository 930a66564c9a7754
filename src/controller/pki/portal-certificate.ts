import { X509Certificate, createPrivateKey } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { writeDurably } from '../durable-file.ts';
import { readIfThere } from '../private-file.ts';
import { certificateRequest } from './certificate-request.ts';
import { newPrivateKey, privateKeyPem } from './key-pair.ts';
import { publicKeyPin } from './public-key.ts';
import { SignerError } from './signer-error.ts';
import type { Signer } from './signer-client.ts';

/** PortalCertificate is what the `https` listener serves, and the pin of its key (the same after each renewal). */
export type PortalCertificate = { readonly certificate: string; readonly key: string; readonly pin: string };

export type PortalCertificateOptions = {
  readonly signer: Signer;
  /** DIR/controller: `tls.key` (0600) and `tls.crt` lie in it. */
  readonly directory: string;
  readonly hostname: string;
  readonly now: Date;
};

const lifetimeSeconds = 90 * 86_400;

/** Two thirds of the life are used before a renewal, the last third is for a signer or a controller that is away. */
const renewBeforeSeconds = 30 * 86_400;

/**
 * currentPortalCertificate gives the portal's certificate for the configured host name: the one on disk while it is good, else a new
 * one for the same key. Calling it again changes nothing until the host name or the CA is another or less than 30 days are left; the key
 * is made once and stays, since install commands pin it. Throws SignerError while the signer is away and a new one is needed.
 */
export async function currentPortalCertificate(options: PortalCertificateOptions): Promise<PortalCertificate> {
  const [keyPath, certificatePath] = [join(options.directory, 'tls.key'), join(options.directory, 'tls.crt')];
  const key = (await readIfThere(keyPath)) ?? (await makeKey(keyPath));
  const existing = await readIfThere(certificatePath);
  const ca = await options.signer.authority();
  if (existing !== undefined && isGood(existing, key, ca, options)) {
    return { certificate: existing, key, pin: publicKeyPin(existing) };
  }
  const order = {
    kind: 'portal',
    certificateRequest: certificateRequest(createPrivateKey(key)),
    lifetimeSeconds,
    hostName: options.hostname.toLowerCase(),
  } as const;
  const signed = await options.signer.sign(order).catch((cause: unknown) => {
    // The CA has ended, or a clock that is wrong says so. With what there is the controller starts, and can say it and be told to mend it.
    if (cause instanceof SignerError && cause.reason === 'refused' && existing !== undefined && isOf(existing, key))
      return undefined;
    throw cause;
  });
  if (signed === undefined) return { certificate: existing ?? '', key, pin: publicKeyPin(existing ?? '') };
  const { certificate } = signed;
  await writeDurably(certificatePath, certificate, 0o644);
  return { certificate, key, pin: publicKeyPin(certificate) };
}

function isGood(certificatePem: string, keyPem: string, caPem: string, options: PortalCertificateOptions): boolean {
  try {
    const certificate = new X509Certificate(certificatePem);
    const { hostname, now } = options;
    const named = isIP(hostname) === 0 ? certificate.checkHost(hostname) : certificate.checkIP(hostname);
    return (
      named !== undefined &&
      certificate.checkPrivateKey(createPrivateKey(keyPem)) &&
      certificate.verify(new X509Certificate(caPem).publicKey) &&
      Date.parse(certificate.validFrom) <= now.getTime() &&
      Date.parse(certificate.validTo) - now.getTime() > renewBeforeSeconds * 1000
    );
  } catch {
    // A file that was damaged is as good as none: a new certificate takes its place.
    return false;
  }
}

function isOf(certificatePem: string, keyPem: string): boolean {
  try {
    return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

async function makeKey(path: string): Promise<string> {
  const key = privateKeyPem(await newPrivateKey());
  await writeDurably(path, key, 0o600);
  return key;
}
