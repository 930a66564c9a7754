/** DerElement is one value: its tag, its content, and the whole encoding of it. */
export type DerElement = { readonly tag: number; readonly content: Uint8Array; readonly whole: Uint8Array };

/**
 * readElements splits bytes into the DER values that stand in them one after the other; nothing of their content is read. Undefined
 * where they are not DER: cut off, with bytes left over, or of a length that DER writes shorter (X.690, 10.1). It sees what strangers send.
 */
export function readElements(bytes: Uint8Array): DerElement[] | undefined {
  const elements: DerElement[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const header = readHeader(bytes.subarray(offset));
    if (header === undefined || offset + header.size + header.length > bytes.length) return undefined;
    const end = offset + header.size + header.length;
    elements.push({
      tag: header.tag,
      content: bytes.subarray(offset + header.size, end),
      whole: bytes.subarray(offset, end),
    });
    offset = end;
  }
  return elements;
}

/** Four bytes of length are more than any protocol of ours lets through. */
const mostLengthBytes = 4;

function readHeader(bytes: Uint8Array): { readonly tag: number; readonly size: number; readonly length: number } | undefined {
  const [tag, first] = bytes;
  // Tags above 30 take several bytes; nothing that is read here has one.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  if (first < 0x80) return { tag, size: 2, length: first };
  const count = first & 0x7f;
  const digits = bytes.subarray(2, 2 + count);
  if (count === 0 || count > mostLengthBytes || digits.length < count) return undefined;
  const length = digits.reduce((value, digit) => value * 256 + digit, 0);
  const isShortest = length >= 0x80 && digits[0] !== 0;
  return isShortest ? { tag, size: 2 + count, length } : undefined;
}
