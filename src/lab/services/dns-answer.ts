/**
 * dnsAnswer answers a DNS query (RFC 1035): a question for an A record gets `address`, any other an empty answer. Undefined for what is
 * no query. `name` is the name that was asked for, without the last dot.
 */
export function dnsAnswer(query: Buffer, address: string): { readonly name: string; readonly answer: Buffer } | undefined {
  const isQuery = query.length > headerBytes && (query.readUInt8(2) & 0x80) === 0 && query.readUInt16BE(4) === 1;
  if (!isQuery) return undefined;
  const labels: string[] = [];
  let at = headerBytes;
  for (;;) {
    const length = query[at] ?? 0;
    at += 1;
    if (length === 0) break;
    labels.push(query.toString('latin1', at, at + length));
    at += length;
  }
  if (at + 4 > query.length) return undefined;
  const asksForAddress = query.readUInt16BE(at) === 1;
  const header = Buffer.from(query.subarray(0, headerBytes));
  // Response, recursion desired and available, no error; one question, what follows, nothing else.
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(asksForAddress ? 1 : 0, 6);
  header.writeUInt32BE(0, 8);
  const question = query.subarray(headerBytes, at + 4);
  // A pointer to the name in the question, type A, class IN, 60 s, 4 bytes.
  const fixed = Buffer.from([0xc0, headerBytes, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
  const record = asksForAddress ? [fixed, Buffer.from(address.split('.').map(Number))] : [];
  return { name: labels.join('.'), answer: Buffer.concat([header, question, ...record]) };
}

const headerBytes = 12;
