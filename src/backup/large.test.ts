import assert from 'node:assert/strict';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { migrateWithin, readMigrations } from '../controller/store/migrate.ts';
import { testDatabase } from '../controller/store/test-database.ts';
import { archiveStream } from './archive/archive-stream.ts';
import type { Sealing } from './archive/envelope.ts';
import { seal } from './archive/envelope.ts';
import type { Manifest } from './archive/manifest.ts';
import { formatVersion } from './archive/manifest.ts';
import { openBackup, prove } from './archive/open-backup.ts';
import { withClient, withDump } from './tables/dump-tables.ts';
import { TableLoader } from './tables/load-tables.ts';

const rows = 100_000;
/** The work of scrypt is the same whatever is in a backup, and its memory hides what is looked for. */
const sealing: Sealing = { kind: 'passphrase', passphrase: 'six random words are a good one', workFactor: 4 };

test(`${String(rows)} rows of the audit go through in memory that does not grow with them`, async (context) => {
  await using from = await testDatabase();
  await using into = await testDatabase({ template: 'empty' });
  const directory = await mkdtemp(path.join(os.tmpdir(), 'causeway-large-'));
  const file = path.join(directory, 'large.age');
  try {
    await run(
      from.connectionString,
      `insert into audit (principal_kind, principal_name, action, entity, entity_id, after)
       select 'api-credential', 'terraform', 'updated', 'network', gen_random_uuid(),
         jsonb_build_object('name', 'network ' || n, 'description', repeat(md5(n::text), 40))
       from generate_series(1, ${String(rows)}) n`,
    );
    const resting = process.memoryUsage().rss;
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss - resting);
    }, 20);

    const writing = performance.now();
    const bytes = await withDump(from.connectionString, async (dump) => {
      const manifest: Manifest = {
        format: 'causeway-backup',
        formatVersion,
        programVersion: '0.1.0',
        createdAt: new Date().toISOString(),
        migrations: [...dump.migrations],
        postgres: dump.postgres,
        installation: { id: 'b'.repeat(64), number: 0, hostname: 'vpn.example.com' },
        entries: [...dump.tables],
        sequences: [...dump.sequences],
      };
      const handle = await open(file, 'wx');
      await seal(
        archiveStream(manifest, (entry) => (entry.kind === 'table' ? dump.rows(entry) : assert.fail('there are no files'))),
        handle,
        sealing,
      );
      await handle.close();
      return dump.tables.reduce((sum, table) => sum + table.bytes, 0);
    });
    const proving = performance.now();
    await using backup = await openBackup(file, () => Promise.resolve(sealing.passphrase));
    const manifest = await backup.read(prove);
    const loading = performance.now();
    await withClient(into.connectionString, async (client) => {
      await client.query('begin');
      await migrateWithin(client, await readMigrations());
      const loader = new TableLoader(client);
      await loader.open(manifest.entries.filter((entry) => entry.kind === 'table'));
      await backup.read(() => async (entry, content) => {
        if (entry.kind === 'table') await loader.load(entry, content());
      });
      await loader.close(manifest.sequences);
      await client.query('commit');
    });
    const end = performance.now();
    clearInterval(watch);
    const seconds = (from_: number, to: number) => ((to - from_) / 1000).toFixed(1);
    context.diagnostic(
      `${String(Math.round((bytes ?? 0) / 1e6))} MB of rows, a file of ${((await stat(file)).size / 1e6).toFixed(1)} MB: written in ${seconds(writing, proving)} s, proved in ${seconds(proving, loading)} s, loaded in ${seconds(loading, end)} s, at most ${String(Math.round(peak / 1e6))} MB more memory`,
    );
    // Buffers and what is not collected yet: 59 to 103 MB were seen, with three times as many rows as well.
    assert.ok(
      (bytes ?? 0) > 140e6 && peak < 130e6,
      `${String(Math.round(peak / 1e6))} MB more memory for ${String(bytes)} bytes`,
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

async function run(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
