import { BackupFailure } from '../backup-failure.ts';
import { ContentMeasure } from './content-measure.ts';
import type { Manifest, ManifestEntry } from './manifest.ts';
import { formatVersion, manifest, manifestHead, manifestName } from './manifest.ts';
import type { TarEntry } from './tar.ts';
import { tarEnd, tarHeader, tarPadding } from './tar.ts';

/** A manifest has some 30 kB; what claims to be larger than this is none. */
const largestManifest = 16 * 1024 * 1024;

/** archiveStream writes manifest and entries. Throws where an entry's content is not what the manifest says of it. */
export async function* archiveStream(
  stated: Manifest,
  contentOf: (entry: ManifestEntry) => AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const text = Buffer.from(`${JSON.stringify(stated, null, 1)}\n`);
  yield tarHeader(manifestName, text.length);
  yield text;
  yield tarPadding(text.length);
  for (const entry of stated.entries) {
    yield tarHeader(entry.name, entry.bytes);
    yield* checked(entry, contentOf(entry));
    yield tarPadding(entry.bytes);
  }
  yield tarEnd;
}

/** readManifest takes the first entry. Throws BackupFailure for what is no backup, and for one of a newer format, naming what made it. */
export async function readManifest(entries: AsyncIterator<TarEntry>): Promise<Manifest> {
  const first = await entries.next();
  if (first.done === true || first.value.name !== manifestName || first.value.size > largestManifest)
    throw new BackupFailure('it is no backup of Causeway: it does not begin with a manifest');
  const pieces: Buffer[] = [];
  for await (const piece of first.value.content()) pieces.push(piece);
  return parseManifest(Buffer.concat(pieces).toString('utf8'));
}

export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BackupFailure('its manifest is damaged: it is no JSON', { cause });
  }
  const head = manifestHead.safeParse(value);
  if (!head.success) throw new BackupFailure('it is no backup of Causeway: its manifest names another format');
  if (head.data.formatVersion > formatVersion)
    throw new BackupFailure(
      `it was made by Causeway ${head.data.programVersion} in format ${String(head.data.formatVersion)}, and this version reads formats up to ${String(formatVersion)}: take that version, or a newer one`,
    );
  const parsed = manifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new BackupFailure(`its manifest is damaged: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** readEntries gives every entry that the manifest names, in its order; contents are proved as they are read to their end. */
export async function* readEntries(
  stated: Manifest,
  entries: AsyncIterator<TarEntry>,
): AsyncGenerator<{ readonly entry: ManifestEntry; readonly content: () => AsyncGenerator<Buffer> }> {
  for (const entry of stated.entries) {
    const next = await entries.next();
    if (next.done === true || next.value.name !== entry.name || next.value.size !== entry.bytes)
      throw new BackupFailure(`it is damaged: ${entry.name} is missing or not of the length that the manifest says`);
    const { content } = next.value;
    yield { entry, content: () => checked(entry, content()) };
  }
  if ((await entries.next()).done !== true) throw new BackupFailure('it is damaged: it holds more than the manifest says');
}

/** Whoever breaks off the reading gets no answer; whoever reads to the end gets content that was proved. */
async function* checked(entry: ManifestEntry, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const measure = new ContentMeasure();
  for await (const piece of content) {
    measure.add(piece);
    yield piece;
  }
  const { bytes, lines, sha256 } = measure.total();
  if (bytes !== entry.bytes || sha256 !== entry.sha256 || (entry.kind === 'table' && lines !== entry.rows))
    throw new BackupFailure(`it is damaged: ${entry.name} is not what the manifest says`);
}
