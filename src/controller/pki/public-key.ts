import { X509Certificate, createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { invalidInput } from '../../contract/errors.ts';
import { requestedKey } from './certificate-request.ts';

/** certificateKeyHash is the SHA-256 of a certificate's public key (SubjectPublicKeyInfo): what tells one key from another. */
export function certificateKeyHash(certificatePem: string): Buffer {
  return hash(new X509Certificate(certificatePem).publicKey);
}

/** requestKeyHash is the same of a PKCS#10 request; the signer proves later that the sender holds the key. Throws invalid-input. */
export function requestKeyHash(certificateRequestPem: string): Buffer {
  const key = requestedKey(certificateRequestPem);
  if (key !== undefined) return hash(key);
  throw invalidInput(
    'certificateRequest',
    certificateRequestPem,
    'is not a PKCS#10 request in PEM',
    'the output of "openssl req -new"',
  );
}

/** publicKeyPin is what `curl --pinnedpubkey` takes: it stays the same when a certificate is renewed for the same key. */
export function publicKeyPin(certificatePem: string): string {
  return `sha256//${certificateKeyHash(certificatePem).toString('base64')}`;
}

function hash(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}
