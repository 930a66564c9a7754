import type { KeyObject } from 'node:crypto';
import { createPublicKey, sign } from 'node:crypto';

/**
 * certificateRequest makes a PKCS#10 request (RFC 2986) for an ECDSA P-256 key, as PEM. The agent imports no PKI library, which would
 * cost it more memory than all the rest; what is written here is only the envelope. The key's own encoding and the signature are Node's.
 */
export function certificateRequest(privateKey: KeyObject, commonName: string): string {
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const info = sequence(
    integerZero,
    sequence(set(sequence(commonNameOid, der(0x0c, Buffer.from(commonName))))),
    publicKey,
    noAttributes,
  );
  // ecdsa-with-SHA256; DER is the encoding that X.509 wants of the signature.
  const signature = sign('sha256', info, { key: privateKey, dsaEncoding: 'der' });
  const request = sequence(info, sequence(ecdsaWithSha256Oid), der(0x03, Buffer.concat([Buffer.of(0), signature])));
  const lines = request.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
}

const integerZero = Buffer.of(0x02, 1, 0);
const noAttributes = Buffer.of(0xa0, 0);
/** 2.5.4.3 */
const commonNameOid = Buffer.of(0x06, 3, 0x55, 4, 3);
/** 1.2.840.10045.4.3.2 */
const ecdsaWithSha256Oid = Buffer.of(0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2);

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function set(part: Buffer): Buffer {
  return der(0x31, part);
}

/** One DER value: tag, length (short form below 128, else the fewest bytes), content. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.of(tag, length), content]);
  const bytes = length < 256 ? [length] : [length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, 0x80 | bytes.length, ...bytes), content]);
}
