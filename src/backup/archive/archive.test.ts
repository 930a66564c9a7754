import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { BackupFailure } from '../backup-failure.ts';
import { archiveStream, parseManifest } from './archive-stream.ts';
import { ContentMeasure } from './content-measure.ts';
import type { Sealing } from './envelope.ts';
import { seal } from './envelope.ts';
import type { Manifest, ManifestEntry } from './manifest.ts';
import { formatVersion } from './manifest.ts';
import type { EntryReader } from './open-backup.ts';
import { openBackup, prove } from './open-backup.ts';
import { readTar, tarEnd, tarHeader } from './tar.ts';

const passphrase = 'six random words would be better';
/** A thousandth of the work: what is tried here is not the strength of scrypt. */
const sealing: Sealing = { kind: 'passphrase', passphrase, workFactor: 4 };

const contents: readonly (readonly [string, Buffer])[] = [
  ['audit', Buffer.from('1\ta\n2\tb\\nc\n')],
  ['empty', Buffer.alloc(0)],
  // More than one block of everything: of the tar, of zstd and of age.
  ['large', Buffer.from(Array.from({ length: 60_000 }, (_, at) => `${String(at)}\t${String((at * 7919) % 104_729)}\n`).join(''))],
];

function entryOf(table: string, content: Buffer): ManifestEntry {
  const measure = new ContentMeasure();
  measure.add(content);
  const { bytes, lines, sha256 } = measure.total();
  return { kind: 'table', name: `tables/${table}.copy`, table, columns: ['id'], rows: lines, bytes, sha256 };
}

const manifest: Manifest = {
  format: 'causeway-backup',
  formatVersion,
  programVersion: '0.1.0',
  createdAt: '2026-11-27T15:00:00.000Z',
  migrations: [{ number: 1, name: '0001_first_schema.sql', sha256: 'a'.repeat(64) }],
  postgres: '18.4',
  installation: { id: 'b'.repeat(64), number: 0, hostname: 'vpn.example.com' },
  entries: contents.map(([table, content]) => entryOf(table, content)),
  sequences: [],
};

async function* contentOf(entry: ManifestEntry): AsyncGenerator<Buffer> {
  yield contents.find(([table]) => entry.name === `tables/${table}.copy`)?.[1] ?? Buffer.alloc(0);
}

describe('the archive', () => {
  let directory = '';
  let count = 0;
  before(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'causeway-archive-'));
  });
  after(async () => await rm(directory, { recursive: true, force: true }));

  async function written(how: Sealing, stated: Manifest = manifest): Promise<string> {
    count += 1;
    const file = path.join(directory, String(count));
    const handle = await open(file, 'wx');
    await seal(archiveStream(stated, contentOf), handle, how);
    await handle.close();
    return file;
  }

  async function readBack(file: string, given = passphrase, reader: () => EntryReader = prove): Promise<Manifest> {
    await using backup = await openBackup(file, () => Promise.resolve(given));
    return await backup.read(reader);
  }

  async function changed(file: string, change: (bytes: Buffer) => Buffer): Promise<string> {
    count += 1;
    const other = path.join(directory, String(count));
    await writeFile(other, change(await readFile(file)));
    return other;
  }

  for (const how of [sealing, { kind: 'none' } as const]) {
    test(`gives back what was put in (${how.kind})`, async () => {
      const found = new Map<string, Buffer>();
      const read = await readBack(await written(how), passphrase, () => async (entry, content) => {
        const pieces: Buffer[] = [];
        for await (const piece of content()) pieces.push(piece);
        found.set(entry.name, Buffer.concat(pieces));
      });
      assert.deepEqual(read, manifest);
      for (const [table, content] of contents) assert.deepEqual(found.get(`tables/${table}.copy`), content);
    });

    test(`refuses one that was changed or cut off anywhere (${how.kind})`, async () => {
      const file = await written(how);
      const { length } = await readFile(file);
      const flip = (at: number) => (bytes: Buffer) => {
        bytes.writeUInt8((bytes[at] ?? 0) ^ 0x10, at);
        return bytes;
      };
      const appended = (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')]);
      const cases: [string, (bytes: Buffer) => Buffer][] = [
        ...[0, 30, 60, 100, 150, 200, 250, Math.floor(length / 2), length - 20, length - 1].map(
          (at): [string, (bytes: Buffer) => Buffer] => [`byte ${String(at)}`, flip(at)],
        ),
        ...[1, 21, 120, 300, Math.floor(length / 2), length - 1].map((at): [string, (bytes: Buffer) => Buffer] => [
          `cut at ${String(at)}`,
          (bytes) => bytes.subarray(0, at),
        ]),
        ['empty', () => Buffer.alloc(0)],
        // Behind a frame of zstd anything may follow by that format, and is not read.
        ...(how.kind === 'none' ? [] : [['something behind it', appended] as [string, (bytes: Buffer) => Buffer]]),
      ];
      for (const [what, change] of cases) {
        await assert.rejects(readBack(await changed(file, change)), BackupFailure, what);
      }
    });
  }

  test('says that a passphrase is wrong', async () => {
    await assert.rejects(readBack(await written(sealing), 'another passphrase of some length'), /the passphrase is wrong, or/);
  });

  test('refuses what is no backup', async () => {
    const tar = Buffer.concat([tarHeader('other', 0), tarEnd]);
    for (const foreign of [Buffer.from('#!/bin/sh\n'.repeat(50)), zstdCompressSync(tar), zstdCompressSync('text'), tar]) {
      const file = await changed(await written(sealing), () => foreign);
      await assert.rejects(readBack(file), /no backup of Causeway|is damaged/);
    }
    await assert.rejects(readBack(directory), /no backup of Causeway/);
    await assert.rejects(readBack(path.join(directory, 'nothing')), /cannot be read/);
  });

  test('refuses a newer format by its name, even if nothing else in it is known', () => {
    const newer = JSON.stringify({ format: 'causeway-backup', formatVersion: 2, programVersion: '9.0.0', somethingElse: [] });
    assert.throws(() => parseManifest(newer), /made by Causeway 9\.0\.0 in format 2, and this version reads formats up to 1/);
  });

  test('does not write what differs from its manifest', async () => {
    const [first, ...others] = manifest.entries;
    assert.ok(first !== undefined);
    await assert.rejects(
      written(sealing, { ...manifest, entries: [{ ...first, bytes: first.bytes + 1 }, ...others] }),
      BackupFailure,
    );
  });

  test('names no path out of the data directory', () => {
    for (const bad of [
      '../x',
      'pg/data/PG_VERSION',
      'run/x',
      'signer/../x',
      '/etc/passwd',
      'a/../b',
      '.x',
      'a/.b',
      'a/b/c',
      '',
    ]) {
      const entry = { kind: 'file', name: 'files/x', path: bad, owner: 'root', mode: 0o600, bytes: 0, sha256: 'a'.repeat(64) };
      assert.throws(
        () => parseManifest(JSON.stringify({ ...manifest, entries: [entry] })),
        /manifest is damaged: entries\.0\.path/,
        bad,
      );
    }
  });

  test('is a tar that tar reads', async () => {
    const pieces: Buffer[] = [];
    for await (const piece of archiveStream(manifest, contentOf)) pieces.push(piece);
    const tar = Buffer.concat(pieces);
    const list = execFileSync('tar', ['-tf', '-'], { input: tar }).toString();
    assert.equal(list, 'manifest.json\ntables/audit.copy\ntables/empty.copy\ntables/large.copy\n');
    const large = execFileSync('tar', ['-xOf', '-', 'tables/large.copy'], { input: tar, maxBuffer: 10_000_000 });
    assert.deepEqual(large, contents[2]?.[1]);
  });

  test('has sizes beyond 8 GiB', async () => {
    const size = 9 * 1024 ** 3;
    const bytes = readTar(
      (async function* () {
        yield tarHeader('large', size);
      })(),
    );
    const entry = await bytes.next();
    assert.ok(entry.done !== true);
    assert.equal(entry.value.size, size);
  });
});
