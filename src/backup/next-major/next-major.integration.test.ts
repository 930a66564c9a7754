/** An installation whose database is of PostgreSQL 17, started by this program, which comes with 18: the real servers, on a disk of its own. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import pg from 'pg';
import { runHistory } from '../../contract/run-history.ts';
import { packageDirectory } from '../../postgres/binaries.ts';
import { connectionString } from '../../postgres/embedded-postgres.ts';
import { keepBinaries, keptPackage } from '../../postgres/kept-binaries.ts';
import { dataDirectoryAt } from '../../supervisor/data-directory.ts';
import { checkDatabase } from '../../supervisor/database-check.ts';
import { ensureSystemUsers } from '../../supervisor/system-users.ts';
import { createScratch } from '../../supervisor/testing/scratch.ts';
import { UpRun } from '../../supervisor/testing/up-run.ts';
import { upgradeCluster } from './upgrade-cluster.ts';

const cli = path.join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
/** A start takes 3 s; many times as much on a machine that does much else. */
const patience_ms = 240_000;
const rows = 20_000;

/** Beside the package that has it as an optional dependency, for whatever architecture this is. */
function package17(): string {
  const wrapper = createRequire(import.meta.url).resolve('embedded-postgres-17');
  const entry = createRequire(wrapper).resolve(`@embedded-postgres/linux-${process.arch}`);
  return path.dirname(path.dirname(entry));
}

describe('a database of the major version before', () => {
  const scratch = createScratch();
  const data = path.join(scratch.directory, 'data');
  const pgDirectory = path.join(data, 'pg');
  let up: UpRun | undefined;

  before(() => {
    mkdirSync(data);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=800m,mode=755', 'cw-next-major', data]);
  });
  after(async () => {
    await up?.stop();
    execFileSync('umount', ['--lazy', data]);
    scratch.remove();
  });

  const start = (): UpRun => {
    const argv = [process.execPath, cli, 'up', '--no-gateway', '--listen', '0.0.0.0:8443', '--data', data];
    up = new UpRun(['ip', 'netns', 'exec', scratch.namespace, ...argv]);
    return up;
  };
  const ready = async (run: UpRun): Promise<void> =>
    await run.eventually('the ready line', () => /^ready \S+\n$/.test(run.stdout), patience_ms);
  const major = (cluster: string): string => readFileSync(path.join(pgDirectory, cluster, 'PG_VERSION'), 'utf8').trim();
  const query = async (text: string): Promise<unknown[]> => {
    const client = new pg.Client(connectionString(path.join(pgDirectory, 'sock')));
    await client.connect();
    try {
      return (await client.query({ text, rowMode: 'array' })).rows.flat();
    } finally {
      await client.end();
    }
  };

  const move = async (oldPackage: string, newPackage: string): Promise<string | undefined> =>
    await upgradeCluster({
      directory: dataDirectoryAt(data),
      users: await ensureSystemUsers(),
      oldPackage,
      newPackage,
      backUp: false,
      programVersion: '0.0.0',
      now: () => new Date(),
      signal: new AbortController().signal,
    });

  test('this version makes one and keeps the programs beside it; 17 takes it over, so that there is something to upgrade', {
    timeout: patience_ms * 2,
  }, async () => {
    const run = start();
    await ready(run);
    await query(`insert into audit (principal_kind, principal_name, action, entity, entity_id)
      select 'local-root', 'é \\ ' || n, 'tested', 'thing', n::text from generate_series(1, ${String(rows)}) n`);
    await run.eventually('the programs are kept', () => existsSync(path.join(keptPackage(pgDirectory, 18), 'package.json')));
    assert.equal(await run.stop(), 0);
    assert.equal(await checkDatabase(data), undefined);
    await move(packageDirectory(), package17());
    assert.equal(major('data'), '17');
    rmSync(path.join(pgDirectory, 'data-18'), { recursive: true });
  });

  test('without the programs that can read it, a start is refused with what to do', async () => {
    const problem = await checkDatabase(data);
    assert.match(
      problem?.sentence ?? '',
      /PostgreSQL 17, .* comes with PostgreSQL 18, and the programs that can read it are not in \S+server-17\. Nothing was/,
    );
    await keepBinaries(package17(), pgDirectory);
    assert.equal(await checkDatabase(data), undefined);
  });

  test('a newer one, and what no PostgreSQL has made, are refused', async () => {
    const file = path.join(pgDirectory, 'data', 'PG_VERSION');
    for (const [text, expected] of [
      [
        '99\n',
        /is of PostgreSQL 99, and this version of Causeway comes with PostgreSQL 18, which cannot read it\. Nothing was changed/,
      ],
      ['nonsense', /is no database that can be run: its PG_VERSION says "nonsense"/],
    ] as const) {
      writeFileSync(file, text);
      const problem = await checkDatabase(data);
      assert.match(problem?.sentence ?? '', expected);
    }
    writeFileSync(file, '17\n');
  });

  test('a full disk half-way leaves the old one', { timeout: patience_ms }, async () => {
    const free_KiB = Number(execFileSync('df', ['--output=avail', data]).toString().trim().split('\n').at(-1));
    const filler = path.join(data, 'filler');
    // Enough for the cluster as it is made, and not for what is loaded.
    writeFileSync(filler, Buffer.alloc((free_KiB - 56 * 1024) * 1024));
    try {
      const why = await move(keptPackage(pgDirectory, 17), packageDirectory()).then(
        () => 'it fitted',
        (error: unknown) => inspect(error),
      );
      // Whoever meets it first says it in words of their own: initdb, or the server (SQLSTATE 53100, disk_full).
      assert.match(why, /No space left on device|code: '53100'/);
    } finally {
      rmSync(filler);
    }
    assert.equal(major('data'), '17');
  });

  test('killed half-way, the next start begins anew: every row is there, the old one stays aside, a backup is named', {
    timeout: patience_ms * 3,
  }, async () => {
    const options = { data, oldPackage: keptPackage(pgDirectory, 17), newPackage: packageDirectory(), backUp: false };
    const killed = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts'), JSON.stringify(options)], {
      stdio: 'ignore',
    });
    const giveUpAt = performance.now() + patience_ms;
    while (!existsSync(path.join(pgDirectory, 'data.upgrading', 'postmaster.pid'))) {
      assert.ok(performance.now() < giveUpAt && killed.exitCode === null, 'the new cluster was not being filled');
      await delay(10);
    }
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    assert.equal(major('data'), '17');

    const run = start();
    await ready(run);
    assert.deepEqual([major('data'), major('data-17')], ['18', '17']);
    const found = await query(`select count(*)::int, max(principal_name) from audit where action = 'tested'`);
    assert.deepEqual(found, [rows, 'é \\ 9999']);
    const [version] = await query('show server_version_num');
    assert.match(String(version), /^18/);
    const history = runHistory.parse(JSON.parse(readFileSync(path.join(data, 'history.json'), 'utf8')));
    assert.ok(existsSync(history.backups.at(-1)?.file ?? ''), JSON.stringify(history));
    assert.equal(await run.stop(), 0);
  });
});
