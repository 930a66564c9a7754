import { BackupFailure } from '../backup-failure.ts';

const blockBytes = 512;

/** Where each field of a header lies (POSIX ustar); what is not named here stays empty: owners and times are in the manifest. */
const field = {
  name: [0, 100],
  mode: [100, 8],
  size: [124, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
} as const;

/** The largest size that eleven octal digits say; a larger one is written in base 256, as GNU tar does and every tar reads. */
const largestOctal = 8 ** 11 - 1;

/** tarHeader is the block before an entry's content. `name` has at most 100 bytes of ASCII. */
export function tarHeader(name: string, size: number): Buffer {
  if (Buffer.byteLength(name) > field.name[1]) throw new RangeError(`the name ${name} does not fit a tar header`);
  const block = Buffer.alloc(blockBytes);
  const put = ([at]: readonly [number, number], text: string) => block.write(text, at, 'latin1');
  put(field.name, name);
  put(field.mode, '0000600\0');
  put([108, 8], '0000000\0');
  put([116, 8], '0000000\0');
  if (size <= largestOctal) put(field.size, `${size.toString(8).padStart(11, '0')}\0`);
  else {
    block.writeUInt8(0x80, field.size[0]);
    block.writeBigUInt64BE(BigInt(size), field.size[0] + 4);
  }
  put([136, 12], '00000000000\0');
  put(field.type, '0');
  put(field.magic, 'ustar\u000000');
  put(field.checksum, `${checksumOf(block).toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** tarPadding is what follows `size` bytes of content, so that the next header begins at a block. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}

/** tarEnd closes the archive. */
export const tarEnd: Buffer = Buffer.alloc(2 * blockBytes);

export type TarEntry = {
  readonly name: string;
  readonly size: number;
  /** The content, to be read to its end before the next entry is asked for. */
  readonly content: () => AsyncGenerator<Buffer>;
};

/**
 * readTar gives one entry after the other, as the bytes come: nothing is kept. Throws BackupFailure for what is no tar of ours, and for
 * one that ends before its end.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const bytes = new ByteReader(source);
  for (;;) {
    const header = await bytes.exactly(blockBytes);
    if (header.every((byte) => byte === 0)) {
      await bytes.exactly(blockBytes);
      if (!(await bytes.isAtEnd())) throw damaged('something follows its end');
      return;
    }
    const { name, size } = parseHeader(header);
    let isRead = false;
    yield {
      name,
      size,
      content: async function* () {
        yield* bytes.upTo(size);
        await bytes.exactly(tarPadding(size).length);
        isRead = true;
      },
    };
    if (!isRead) throw new Error(`the entry ${name} was not read to its end`);
  }
}

function parseHeader(block: Buffer): { readonly name: string; readonly size: number } {
  const text = ([at, length]: readonly [number, number]) =>
    block
      .subarray(at, at + length)
      .toString('latin1')
      .replace(/\0[\s\S]*$/, '');
  const claimed = Number.parseInt(text(field.checksum), 8);
  block.fill(' ', field.checksum[0], field.checksum[0] + field.checksum[1]);
  if (!text(field.magic).startsWith('ustar') || claimed !== checksumOf(block)) throw damaged('a header is not one');
  if (text(field.type) !== '0') throw damaged('it holds something other than files');
  const [at] = field.size;
  const size = block.readUInt8(at) === 0x80 ? Number(block.readBigUInt64BE(at + 4)) : Number.parseInt(text(field.size).trim(), 8);
  if (!Number.isSafeInteger(size)) throw damaged('a size is not one');
  return { name: text(field.name), size };
}

/** The sum of all bytes, with the field of the sum itself taken as blanks. */
function checksumOf(block: Buffer): number {
  const [from, length] = field.checksum;
  return block.reduce((sum, byte, at) => sum + (at >= from && at < from + length ? 32 : byte), 0);
}

function damaged(how: string): BackupFailure {
  return new BackupFailure(`the archive is damaged: ${how}`);
}

/** Cuts a stream of pieces of any length into those that are asked for. */
class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async exactly(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.upTo(length)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async *upTo(length: number): AsyncGenerator<Buffer> {
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0 && !(await this.#fetch())) throw damaged('it ends too early');
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }

  async isAtEnd(): Promise<boolean> {
    return this.#rest.length === 0 && !(await this.#fetch());
  }

  async #fetch(): Promise<boolean> {
    for (;;) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      if (next.value.length === 0) continue;
      this.#rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
      return true;
    }
  }
}
