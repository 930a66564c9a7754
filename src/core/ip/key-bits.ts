/** KeyBits is a bit string of up to 128 bits as four 32-bit words, the first bit on top of `w0`; words are int32 or uint32. */
export interface KeyBits {
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
}

/** commonBits counts the leading bits in which two keys agree: 0 to 128. */
export function commonBits(a: KeyBits, b: KeyBits): number {
  const x0 = a.w0 ^ b.w0;
  if (x0 !== 0) return Math.clz32(x0);
  const x1 = a.w1 ^ b.w1;
  if (x1 !== 0) return 32 + Math.clz32(x1);
  const x2 = a.w2 ^ b.w2;
  if (x2 !== 0) return 64 + Math.clz32(x2);
  return 96 + Math.clz32(a.w3 ^ b.w3);
}

/** bitAt is the bit (0 or 1) with this index, 0 being the first; behind the last one it is some bit. */
export function bitAt(index: number, w0: number, w1: number, w2: number, w3: number): number {
  const word = index < 32 ? w0 : index < 64 ? w1 : index < 96 ? w2 : w3;
  return (word >>> (31 - (index & 31))) & 1;
}

/** keyOf6 cuts a 128-bit integer into words. */
export function keyOf6(value: bigint): KeyBits {
  return {
    w0: Number(BigInt.asIntN(32, value >> 96n)),
    w1: Number(BigInt.asIntN(32, value >> 64n)),
    w2: Number(BigInt.asIntN(32, value >> 32n)),
    w3: Number(BigInt.asIntN(32, value)),
  };
}

/** keyOf4 puts a uint32 into the first word. */
export function keyOf4(value: number): KeyBits {
  return { w0: value | 0, w1: 0, w2: 0, w3: 0 };
}

/** leadingWord is one word of a key of which only the first `length` bits are kept. */
export function leadingWord(word: number, index: number, length: number): number {
  const kept = length - 32 * index;
  if (kept <= 0) return 0;
  return kept >= 32 ? word | 0 : word & (-1 << (32 - kept));
}
