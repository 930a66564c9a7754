import { createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { bitString, explicit, objectIdentifier, sequence, unsignedInteger } from '../signer/der.ts';
import { readElements } from '../signer/der-reader.ts';
import { toPem, tryFromPem } from '../signer/pem.ts';

/**
 * PKCS#10 (RFC 2986) without the X.509 library, which only the signer loads: it costs the controller 5 MB and 20 ms of its start, and
 * what it would parse here comes from strangers. Only the envelope is ours; keys and signatures are Node's.
 */
const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const version1 = unsignedInteger(Uint8Array.of(0));
const noNames = sequence();
/** The RFC wants `attributes [0]` even when there are none. */
const noAttributes = explicit(0, new Uint8Array());

/** certificateRequest signs a request for an ECDSA P-256 key, PEM. Its subject is empty: names are the signer's to give. */
export function certificateRequest(key: KeyObject): string {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const info = sequence(version1, noNames, publicKey, noAttributes);
  const signature = sign('sha256', info, { key, dsaEncoding: 'der' });
  return toPem('CERTIFICATE REQUEST', sequence(info, ecdsaWithSha256, bitString(signature)));
}

/** requestedKey gives the public key of a request; undefined for text that is none. That the sender holds the key is for the signer to see. */
export function requestedKey(pem: string): KeyObject | undefined {
  const der = tryFromPem('CERTIFICATE REQUEST', pem) ?? tryFromPem('NEW CERTIFICATE REQUEST', pem);
  const [request] = (der === undefined ? undefined : readElements(der)) ?? [];
  const [info] = (request === undefined ? undefined : readElements(request.content)) ?? [];
  const [, , publicKey] = (info === undefined ? undefined : readElements(info.content)) ?? [];
  if (publicKey === undefined) return undefined;
  try {
    return createPublicKey({ key: Buffer.from(publicKey.whole), type: 'spki', format: 'der' });
  } catch {
    // OpenSSL knows no such key: then there is none.
    return undefined;
  }
}
