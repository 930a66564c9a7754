import { X509Certificate, createHash } from 'node:crypto';
import { invalidInput } from '../../contract/errors.ts';
import { Pkcs10CertificateRequest } from '../signer/x509.ts';

/** certificateKeyHash is the SHA-256 of a certificate's public key (SubjectPublicKeyInfo): what tells one key from another. */
export function certificateKeyHash(certificatePem: string): Buffer {
  return hash(new X509Certificate(certificatePem).publicKey.export({ type: 'spki', format: 'der' }));
}

/** requestKeyHash is the same of a PKCS#10 request; the signer proves later that the sender holds the key. Throws invalid-input. */
export function requestKeyHash(certificateRequestPem: string): Buffer {
  try {
    return hash(new Uint8Array(new Pkcs10CertificateRequest(certificateRequestPem).publicKey.rawData));
  } catch {
    throw invalidInput(
      'certificateRequest',
      certificateRequestPem,
      'is not a PKCS#10 request in PEM',
      'the output of "openssl req -new"',
    );
  }
}

/** publicKeyPin is what `curl --pinnedpubkey` takes: it stays the same when a certificate is renewed for the same key. */
export function publicKeyPin(certificatePem: string): string {
  return `sha256//${certificateKeyHash(certificatePem).toString('base64')}`;
}

function hash(publicKeyInfo: Uint8Array): Buffer {
  return createHash('sha256').update(publicKeyInfo).digest();
}
