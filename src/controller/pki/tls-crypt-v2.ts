import { createCipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Serial } from '../../core/ids.ts';
import { toPem } from '../signer/pem.ts';

/**
 * tls-crypt-v2 keys without openvpn (openvpn.md 6, doc/tls-crypt-v2.txt of OpenVPN): the server key opens what client keys wrap, so
 * that a gateway answers only those that hold a key of ours and keeps no list of them. It hides and guards the handshake; who
 * somebody is, the certificate says.
 */
export type TlsCryptV2ServerKey = Uint8Array & { readonly length: 128 };

const serverKeyBytes = 128;
const clientKeyBytes = 256;
const serverLabel = 'OpenVPN tls-crypt-v2 server key';
const clientLabel = 'OpenVPN tls-crypt-v2 client key';

/** Metadata of type 1: eight bytes of seconds since 1970, big-endian (what openvpn writes by itself, and 2.7 can limit in age). */
const timestampMetadata = 1;

/** newServerKey makes the key of a region group. Losing it means that every profile must be handed out again. */
export function newServerKey(): TlsCryptV2ServerKey {
  return asServerKey(randomBytes(serverKeyBytes));
}

/** asServerKey checks the length of a stored key; throws RangeError. */
export function asServerKey(bytes: Uint8Array): TlsCryptV2ServerKey {
  if (hasServerKeyLength(bytes)) return bytes;
  throw new RangeError(`a tls-crypt-v2 server key has ${serverKeyBytes} bytes, not ${bytes.length}`);
}

/** serverKeyPem is what `tls-crypt-v2 FILE` of a gateway's lane reads. */
export function serverKeyPem(key: TlsCryptV2ServerKey): string {
  return toPem(serverLabel, key);
}

/**
 * clientKeyPem gives the client key of a certificate. It is derived from the server key and the serial, so that a profile without
 * private key (the connector agent's) comes out the same each time it is fetched and nothing has to be kept. That gives nothing
 * away: whoever has the server key can open every client key on the wire anyway.
 */
export function clientKeyPem(serverKey: TlsCryptV2ServerKey, serial: Serial, issuedAt: Date): string {
  const clientKey = Buffer.from(hkdfSync('sha256', serverKey, '', `causeway tls-crypt-v2 ${serial}`, clientKeyBytes));
  return toPem(clientLabel, Buffer.concat([clientKey, wrapClientKey(serverKey, clientKey, timestamp(issuedAt))]));
}

/** wrapClientKey gives WKc: T || AES-256-CTR(Ke, IV = T[0..15], Kc || metadata) || length. */
function wrapClientKey(serverKey: TlsCryptV2ServerKey, clientKey: Uint8Array, metadata: Uint8Array): Buffer {
  const encryptionKey = serverKey.subarray(0, 32);
  const authenticationKey = serverKey.subarray(64, 96);
  const plain = Buffer.concat([clientKey, metadata]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(32 + plain.length + length.length);
  const tag = createHmac('sha256', authenticationKey).update(length).update(plain).digest();
  const cipher = createCipheriv('aes-256-ctr', encryptionKey, tag.subarray(0, 16));
  return Buffer.concat([tag, cipher.update(plain), cipher.final(), length]);
}

function timestamp(instant: Date): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(timestampMetadata);
  bytes.writeBigUInt64BE(BigInt(Math.floor(instant.getTime() / 1000)), 1);
  return bytes;
}

function hasServerKeyLength(bytes: Uint8Array): bytes is TlsCryptV2ServerKey {
  return bytes.length === serverKeyBytes;
}
