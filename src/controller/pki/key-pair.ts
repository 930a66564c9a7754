import { generateKeyPair, webcrypto } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { Pkcs10CertificateRequestGenerator, keyAlgorithm, signatureAlgorithm } from '../signer/x509.ts';

const generate = promisify(generateKeyPair);

/** newPrivateKey makes an ECDSA P-256 key: some clients on Android refuse Ed25519 (stack.md 5). */
export async function newPrivateKey(): Promise<KeyObject> {
  const { privateKey } = await generate('ec', { namedCurve: 'P-256' });
  return privateKey;
}

/** privateKeyPem gives PKCS#8 PEM, the form that every client reads. */
export function privateKeyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** certificateRequest signs a PKCS#10 request for the key, PEM. Its subject is empty: names are the signer's to give. */
export async function certificateRequest(key: KeyObject): Promise<string> {
  const jwk = key.export({ format: 'jwk' });
  const { d: _private, ...publicPart } = jwk;
  const keys = {
    privateKey: await webcrypto.subtle.importKey('jwk', jwk, keyAlgorithm, false, ['sign']),
    publicKey: await webcrypto.subtle.importKey('jwk', publicPart, keyAlgorithm, true, ['verify']),
  };
  const request = await Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm: signatureAlgorithm });
  return `${request.toString('pem')}\n`;
}
