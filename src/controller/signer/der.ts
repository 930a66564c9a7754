/**
 * The few DER encodings that a certificate revocation list needs (X.690). Written by hand because the X.509 library takes 5.7 s for
 * 10,000 entries and labels the result so that OpenSSL refuses it; this takes some 60 ms.
 */
export type Der = Uint8Array;

const tag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

/** sequence joins its parts under the SEQUENCE tag. */
export function sequence(...parts: readonly Der[]): Der {
  return encode(tag.sequence, Buffer.concat(parts));
}

/** unsignedInteger encodes big-endian bytes as a positive INTEGER in the shortest form. */
export function unsignedInteger(bytes: Uint8Array): Der {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const shortest = bytes.length === 0 ? Uint8Array.of(0) : bytes.subarray(start);
  const first = shortest[0] ?? 0;
  return encode(tag.integer, first >= 0x80 ? Buffer.concat([Uint8Array.of(0), shortest]) : shortest);
}

export function octetString(content: Der): Der {
  return encode(tag.octetString, content);
}

/** bitString encodes whole bytes: no unused bits. */
export function bitString(content: Uint8Array): Der {
  return encode(tag.bitString, Buffer.concat([Uint8Array.of(0), content]));
}

/** explicit wraps content in the context tag [number]. */
export function explicit(number: number, content: Der): Der {
  return encode(0xa0 | number, content);
}

/** contextPrimitive replaces the tag of a primitive by the context tag [number] (IMPLICIT). */
export function contextPrimitive(number: number, content: Uint8Array): Der {
  return encode(0x80 | number, content);
}

/** objectIdentifier encodes dotted text such as `1.2.840.10045.4.3.2`. */
export function objectIdentifier(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encode(tag.oid, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** time gives a Time of RFC 5280 (4.1.2.5): UTCTime through 2049, GeneralizedTime from 2050 on; whole seconds, UTC. */
export function time(instant: Date): Der {
  const digits = instant.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return instant.getUTCFullYear() < 2050
    ? encode(tag.utcTime, Buffer.from(`${digits.slice(2)}Z`, 'latin1'))
    : encode(tag.generalizedTime, Buffer.from(`${digits}Z`, 'latin1'));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

function encode(tagByte: number, content: Uint8Array): Der {
  return Buffer.concat([header(tagByte, content.length), content]);
}

function header(tagByte: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tagByte, length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest & 0xff);
  return Uint8Array.of(tagByte, 0x80 | bytes.length, ...bytes);
}
