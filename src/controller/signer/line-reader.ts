import type { Readable } from 'node:stream';
import { longestLineBytes } from './protocol.ts';

/**
 * readLines calls `onLine` for every complete line of a byte stream, and `onTooLong` once for a line over the protocol's limit,
 * after which the rest is ignored. Used by both ends, so that neither can be made to hold more than one line's memory.
 */
export function readLines(stream: Readable, onLine: (line: string) => void, onTooLong: () => void): void {
  let chunks: Buffer[] = [];
  let held = 0;
  let ended = false;
  stream.on('data', (chunk: Buffer) => {
    let rest = chunk;
    while (!ended) {
      const end = rest.indexOf(0x0a);
      if (end === -1) break;
      const line = Buffer.concat([...chunks, rest.subarray(0, end)]).toString('utf8');
      chunks = [];
      held = 0;
      rest = rest.subarray(end + 1);
      onLine(line);
    }
    held += rest.length;
    if (ended || rest.length === 0) return;
    if (held > longestLineBytes) {
      ended = true;
      chunks = [];
      onTooLong();
      return;
    }
    chunks.push(rest);
  });
}
