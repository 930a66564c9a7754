import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { Decrypter, Encrypter } from 'age-encryption';
import { BackupFailure, causeText } from '../backup-failure.ts';

/**
 * The base-2 logarithm of scrypt's N (r = 8, p = 1): what OWASP names as the least, 128 MiB and 0.9 s for each try. One more, as `age`
 * itself takes, is 256 MiB beside a running gateway on a machine that may have 1 GiB; a longer passphrase buys the same for nothing
 * (docs/decisions/0102).
 */
export const scryptWorkFactor = 17;

/** How a backup is closed: with a passphrase, or not at all where it lies in the data directory beside what it holds. */
export type Sealing =
  | { readonly kind: 'passphrase'; readonly passphrase: string; readonly workFactor?: number }
  | { readonly kind: 'none' };

/** The first bytes of each kind of file. */
const ageMagic = Buffer.from('age-encryption.org/v1\n');
const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Larger blocks than the driver's rows: each goes through the thread pool once. */
const blockBytes = 262_144;

/** seal writes the archive, compressed and encrypted, to an open file. Gives the bytes written; rejects with what the disk says. */
export async function seal(archive: AsyncIterable<Buffer>, file: FileHandle, sealing: Sealing): Promise<number> {
  const compress = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  let written = 0;
  const write = async (source: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
      written += chunk.length;
    }
  };
  if (sealing.kind === 'none') {
    await pipeline(inBlocks(archive), compress, write);
    return written;
  }
  const encrypter = new Encrypter();
  encrypter.setPassphrase(sealing.passphrase);
  encrypter.setScryptWorkFactor(sealing.workFactor ?? scryptWorkFactor);
  await pipeline(
    inBlocks(archive),
    compress,
    async function* (source: AsyncIterable<Buffer>) {
      yield* await encrypter.encrypt(Readable.toWeb(Readable.from(source, { objectMode: false })));
    },
    write,
  );
  return written;
}

/** unseal gives the archive's bytes. Throws BackupFailure for a foreign file, a wrong passphrase, and anywhere in a damaged one. */
export async function* unseal(file: FileHandle, sealing: Sealing): AsyncGenerator<Buffer> {
  const decompress = createZstdDecompress();
  const source = Readable.from(bytesOf(file), { objectMode: false });
  const encrypted: Readable = sealing.kind === 'none' ? source : await decrypted(source, sealing.passphrase);
  const flowing = pipeline(encrypted, decompress);
  flowing.catch(() => undefined);
  try {
    yield* decompress as AsyncIterable<Buffer>;
    await flowing;
  } catch (cause) {
    if (cause instanceof BackupFailure) throw cause;
    throw new BackupFailure(`it is damaged or was cut off (${causeText(cause)})`, { cause });
  } finally {
    decompress.destroy();
    source.destroy();
  }
}

async function decrypted(source: Readable, passphrase: string): Promise<Readable> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return Readable.fromWeb(await decrypter.decrypt(Readable.toWeb(source)));
  } catch (cause) {
    source.destroy();
    // By the format itself the two cannot be told apart: the header is proved with what only the right passphrase opens.
    if (causeText(cause).startsWith('no identity matched'))
      throw new BackupFailure('the passphrase is wrong, or the beginning of the file is damaged', { cause });
    throw new BackupFailure(`the beginning of the file is damaged (${causeText(cause)})`, { cause });
  }
}

/** sealKind looks at the first bytes: undefined for a file that is no backup of ours, or none any more. */
export async function sealKind(file: FileHandle): Promise<Sealing['kind'] | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(ageMagic.length), 0, ageMagic.length, 0);
  if (bytesRead === ageMagic.length && buffer.equals(ageMagic)) return 'passphrase';
  return buffer.subarray(0, zstdMagic.length).equals(zstdMagic) ? 'none' : undefined;
}

/** By position, so that the same open file can be read again; it stays the caller's to close. */
async function* bytesOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(blockBytes), 0, blockBytes, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

async function* inBlocks(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of source) {
    pieces.push(piece);
    length += piece.length;
    if (length < blockBytes) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    length = 0;
  }
  yield Buffer.concat(pieces);
}
