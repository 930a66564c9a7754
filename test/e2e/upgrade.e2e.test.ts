/** A later version on the data of this one, and back again: the real product, with a breaking migration that is not ours yet. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { eventList } from '../../src/contract/api/event.ts';
import { upgradeCheck } from '../../src/contract/cli/upgrade.ts';
import { runHistory } from '../../src/contract/run-history.ts';
import { runProgram } from '../../src/lab/run-program.ts';
import { readMigrations } from '../../src/controller/store/migrate.ts';
import { createScratch } from '../../src/supervisor/testing/scratch.ts';
import { askLocal, UpRun } from '../../src/supervisor/testing/up-run.ts';
import { inOtherVersion, isSeen, moreMigrations } from './other-version.ts';

const root = path.join(import.meta.dirname, '..', '..');
const cli = path.join(root, 'src', 'cli', 'main.ts');
const ours = (await readMigrations()).at(-1)?.name ?? '';
const next = `${String(Number(ours.slice(0, 4)) + 1).padStart(4, '0')}_later.sql`;
/** A start takes 3 s; many times as much on a machine that does much else. */
const patience_ms = 240_000;
/** Waits half-way for a lock, so that the test can do something there. */
const text = `-- causeway: breaking
-- What a later version needs.
create table later (n int);
select pg_advisory_lock(4711);
select pg_advisory_unlock(4711);
create table later_still (n int);
`;

describe('a later version on the data of this one', () => {
  const scratch = createScratch();
  const data = path.join(scratch.directory, 'data');
  const later = moreMigrations(scratch.directory, { [next]: text });
  let up: UpRun | undefined;
  after(async () => {
    await up?.stop();
    scratch.remove();
  });

  const inNamespace = (argv: readonly string[]) => ['ip', 'netns', 'exec', scratch.namespace, ...argv];
  const causeway = (...args: string[]) => [process.execPath, cli, ...args, '--data', data];
  const start = (version: 'ours' | 'later', ...more: string[]): UpRun => {
    const argv = causeway('up', '--no-gateway', '--listen', '0.0.0.0:8443', ...more);
    up = new UpRun(inNamespace(version === 'ours' ? argv : inOtherVersion([later], argv)));
    return up;
  };
  const refused = async (run: UpRun): Promise<string> => {
    assert.equal(await run.exit(patience_ms), 1, run.stderr);
    return run.stderr.trim().split('\n').at(-1) ?? '';
  };
  const ready = async (run: UpRun): Promise<void> =>
    await run.eventually('the ready line', () => /^ready \S+\n$/.test(run.stdout), patience_ms);
  const makeCredential = async (name: string): Promise<void> => {
    const { code, stderr } = await runProgram(
      causeway('api-credential', 'create', '--name', name, '--json') as [string, ...string[]],
      { timeoutMs: patience_ms },
    );
    assert.equal(code, 0, stderr);
  };
  const credentials = async (): Promise<string> => await askLocal(data, '/api/causeway/v1/api-credentials');
  const history = () => runHistory.parse(JSON.parse(readFileSync(path.join(data, 'history.json'), 'utf8')));

  test('this version runs, and leaves a record of itself', { timeout: patience_ms * 3 }, async () => {
    assert.ok(isSeen(later));
    const run = start('ours');
    await ready(run);
    await makeCredential('made before');
    assert.equal(await run.stop(), 0);
    assert.deepEqual(
      history().runs.map(({ schema, server }) => [schema, Number.parseInt(server, 10)]),
      [[ours, 18]],
    );
  });

  test('the later one says what it would change, and changes nothing without its backup', {
    timeout: patience_ms * 3,
  }, async () => {
    const argv = inOtherVersion([later], causeway('upgrade', '--check', '--json'));
    const { code, stdout, stderr } = await runProgram(argv, { timeoutMs: patience_ms });
    assert.equal(code, 0, stderr);
    const { migrations, backup, running } = upgradeCheck.parse(JSON.parse(stdout));
    assert.deepEqual(migrations, [{ name: next, breaking: true, summary: 'What a later version needs.' }]);
    assert.ok(backup !== null && backup.neededBytes < backup.freeBytes && running === null);

    // Where the backups should lie, something else does.
    writeFileSync(path.join(data, 'backups'), '');
    const why = await refused(start('later'));
    assert.match(
      why,
      new RegExp(`${next}.*no backup could be made before it, so nothing was changed \\(.*--migrate-without-backup`),
    );
    rmSync(path.join(data, 'backups'));
  });

  test('killed half-way with everything, it backs up, migrates and serves at the next start', {
    timeout: patience_ms * 3,
  }, async () => {
    const killed = start('later');
    await holdUp(async () => {
      await killed.stop('SIGKILL');
    });
    const run = start('later');
    await ready(run);
    const [backup] = history().backups.slice(-1);
    assert.ok(backup !== undefined && existsSync(backup.file), JSON.stringify(history()));
    assert.equal(backup.schema, ours);
    assert.ok(run.stderr.includes(backup.file), 'the log does not name the backup');
    const { events } = eventList.parse(JSON.parse(await askLocal(data, '/api/causeway/v1/events?since=0&limit=1000')));
    const upgraded = events.filter(({ topic }) => topic === 'installation.upgraded');
    assert.deepEqual(
      upgraded.map(({ payload }) => [payload['migrations'], payload['backup']]),
      [[[next], backup.file]],
    );
    await makeCredential('made after');
    assert.equal(await run.stop(), 0);
  });

  test('this version refuses what the later one left and says the way back; that way works', {
    timeout: patience_ms * 3,
  }, async () => {
    const why = await refused(start('ours'));
    assert.match(why, new RegExp(`${next}\\), which this version cannot work with: start the newer version`));
    const command = /"causeway (restore \S+ --data \S+ --replace)"; what was changed since then is lost/.exec(why)?.[1];
    assert.ok(command !== undefined, why);
    const restored = await runProgram([process.execPath, cli, ...command.split(' ')], { timeoutMs: patience_ms });
    assert.equal(restored.code, 0, restored.stderr);
    const run = start('ours');
    await ready(run);
    const found = await credentials();
    assert.ok(found.includes('made before') && !found.includes('made after'), found);
    assert.equal(await run.stop(), 0);
  });

  /** Holds the migration up half-way, calls `body` there, and lets go. */
  async function holdUp(body: () => Promise<void>): Promise<void> {
    const giveUpAt = performance.now() + patience_ms;
    const patiently = async (what: string, condition: () => Promise<boolean>): Promise<void> => {
      while (!(await condition())) {
        assert.ok(performance.now() < giveUpAt, `${what} did not come within ${String(patience_ms)} ms:\n${up?.stderr ?? ''}`);
        await delay(20);
      }
    };
    // As soon as the server answers, which is before anything is migrated: a backup comes first.
    let holder = new pg.Client();
    await patiently('the database', async () => {
      holder = new pg.Client({ host: path.join(data, 'pg', 'sock'), user: 'causeway', database: 'causeway' });
      holder.on('error', () => undefined);
      return await holder.connect().then(
        () => true,
        () => false,
      );
    });
    await holder.query('select pg_advisory_lock(4711)');
    const waits = 'select from pg_locks where locktype = $1 and objid = 4711 and not granted';
    await patiently('the migration', async () => ((await holder.query(waits, ['advisory'])).rowCount ?? 0) > 0);
    await body();
    await holder.end().catch(() => undefined);
  }
});
