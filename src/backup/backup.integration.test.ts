import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import type { Event } from '../contract/api/event.ts';
import { eventList } from '../contract/api/event.ts';
import { scheduledRuns, scheduledRunsFile } from '../contract/backup-schedule.ts';
import { backupStatus } from '../contract/cli/backup-status.ts';
import { status } from '../contract/cli/status.ts';
import { testDatabase } from '../controller/store/test-database.ts';
import { createScratch } from '../supervisor/testing/scratch.ts';
import { askLocal, standIns, UpRun, upOptionsFor } from '../supervisor/testing/up-run.ts';

const cli = path.join(import.meta.dirname, '..', 'cli', 'main.ts');

type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** A whole installation without a gateway: what is kept, restored and told of it is the same, and it starts in a second. */
describe('causeway backup and restore', () => {
  const scratch = createScratch();
  const at = (...names: string[]) => path.join(scratch.directory, ...names);
  const data = at('data');
  const passphrase = at('passphrase');
  const good = at('good.age');
  const mounted: string[] = [];
  let up: UpRun;

  before(async () => {
    mkdirSync(at('tmp'));
    writeFileSync(passphrase, 'six random words are a good one\n', { mode: 0o600 });
    up = startUp(data);
    await becomesReady(up);
  });
  after(async () => {
    await up.stop();
    for (const directory of mounted) execFileSync('umount', [directory]);
    scratch.remove();
  });

  /** Much longer than it takes: machines that test have other things to do. */
  const becomesReady = async (run: UpRun): Promise<string> => {
    await run.eventually('the ready line', () => run.stdout.startsWith('ready '), 180_000);
    return run.stdout.trim().slice('ready '.length);
  };

  const startUp = (directory: string): UpRun =>
    new UpRun(
      standIns(upOptionsFor(directory, { gateway: false }), ['ip', 'netns', 'exec', scratch.namespace], {
        program: path.join(import.meta.dirname, 'testing', 'up', 'main.ts'),
      }),
    );

  const { DATABASE_URL: _none, ...inherited } = process.env;
  /** What a killed restore leaves under the directory for temporary files goes with the test. */
  const own = { ...inherited, TMPDIR: at('tmp') };
  const causewayIn = (environment: Readonly<Record<string, string>>, args: readonly string[]): Promise<Ran> =>
    new Promise((resolve) => {
      execFile(process.execPath, [cli, ...args], { env: { ...own, ...environment } }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      );
    });
  const causeway = (...args: string[]): Promise<Ran> => causewayIn({}, args);

  const must = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await causeway(...args);
    assert.equal(code, 0, `causeway ${args.join(' ')}: ${err}`);
    return out;
  };

  const withPassphrase = ['--passphrase-file', passphrase];
  const events = async (directory: string) => {
    const found: Event[] = [];
    for (let since = 0; ; since = found.at(-1)?.seq ?? 0) {
      const page = eventList.parse(
        JSON.parse(await askLocal(directory, `/api/causeway/v1/events?since=${String(since)}&limit=1000`)),
      );
      if (page.events.length === 0) return found;
      found.push(...page.events);
    }
  };
  const problems = async (directory: string) =>
    status
      .parse(JSON.parse(await askLocal(directory, '/api/causeway/v1/status')))
      .problems.filter(({ code }) => code.startsWith('backup'));

  /** What a failed command may have left: everything below the test's directory but what the installation itself writes. */
  const leftBehind = (directory = scratch.directory) =>
    readdirSync(directory)
      .filter((name) => name.startsWith('.'))
      .toSorted();

  const smallDisk = (name: string, options: string): string => {
    const directory = at(name);
    mkdirSync(directory, { mode: 0o755 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `mode=755,${options}`, 'causeway-test', directory]);
    mounted.push(directory);
    return directory;
  };

  test('a backup that is made while others write holds what was acknowledged before, and agrees with itself', async () => {
    const initial = await groupNames(data);
    const acknowledged: string[] = [];
    const writing = new AbortController();
    const writer = async (who: number) => {
      for (let count = 0; !writing.signal.aborted && count < 400; count += 1)
        acknowledged.push(await createGroup(data, `group ${String(who)}-${String(count)}`));
    };
    const writers = [1, 2].map(writer);
    while (acknowledged.length < 20) await Promise.race([delay(5), ...writers]);
    const acknowledgedBefore = [...acknowledged];
    const said = await must('backup', good, '--data', data, ...withPassphrase);
    const during = acknowledged.length - acknowledgedBefore.length;
    writing.abort();
    await Promise.all(writers);
    assert.match(said, /read back and proved/);
    assert.ok(during > 0, 'nobody wrote while the backup was made');
    assert.equal(statSync(good).mode & 0o777, 0o600);
    assert.ok(readFileSync(good).subarray(0, 200).toString('latin1').startsWith('age-encryption.org/v1\n-> scrypt '));

    const restored = at('restored');
    await must('restore', good, '--data', restored, ...withPassphrase, '--hostname', 'vpn.example.com');
    const other = startUp(restored);
    try {
      assert.match(await becomesReady(other), /^https:\/\/vpn\.example\.com:/);
      const groups = await groupNames(restored);
      assert.deepEqual(
        acknowledgedBefore.filter((name) => !groups.has(name)),
        [],
      );
      const told = await events(restored);
      const created = told.filter(({ topic }) => topic === 'user-group.created').length;
      assert.equal(groups.size, initial.size + created, 'each group has its event, and each event its group');
      assert.ok(told.some(({ topic }) => topic === 'installation.restored'));
      for (const file of ['signer/ca.key', 'signer/ca.crt', 'controller/secrets.key']) {
        assert.deepEqual(readFileSync(path.join(restored, file)), readFileSync(path.join(data, file)), file);
        const [kept, given] = [statSync(path.join(data, file)), statSync(path.join(restored, file))];
        assert.deepEqual([given.uid, given.gid, given.mode], [kept.uid, kept.gid, kept.mode], file);
      }
    } finally {
      await other.stop();
      rmSync(restored, { recursive: true });
    }
  });

  test('nothing is touched by a restore that cannot be', async () => {
    const wrong = at('wrong');
    writeFileSync(wrong, 'not the passphrase that it was\n', { mode: 0o600 });
    const damaged = at('damaged.age');
    const bytes = readFileSync(good);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 40) ^ 1, bytes.length - 40);
    writeFileSync(damaged, bytes);
    const occupied = at('occupied');
    mkdirSync(occupied);
    writeFileSync(path.join(occupied, 'mine'), 'x');
    const target = at('target');
    const cases: [string, string[], RegExp][] = [
      ['wrong passphrase', [good, '--data', target, '--passphrase-file', wrong], /the passphrase is wrong/],
      ['damaged', [damaged, '--data', target, ...withPassphrase], /damaged\.age: it is damaged/],
      ['occupied', [good, '--data', occupied, ...withPassphrase], /occupied holds mine, .*--replace/],
      ['running, replaced', [good, '--data', data, '--replace', ...withPassphrase], /"causeway up" runs on/],
    ];
    for (const [what, args, because] of cases) {
      const { code, err } = await causeway('restore', ...args);
      assert.notEqual(code, 0, what);
      assert.match(err, because, what);
      assert.equal(existsSync(target), false, `${what}: the directory was made`);
      assert.deepEqual(leftBehind(), [], what);
    }
    assert.deepEqual(readdirSync(occupied), ['mine']);
    await askLocal(data, '/api/causeway/v1/readyz');
  });

  test('a disk that is full leaves no half backup and no half installation', async () => {
    const small = smallDisk('small', 'size=4k');
    const written = await causeway('backup', path.join(small, 'x.age'), '--data', data, ...withPassphrase);
    assert.equal(written.code, 1);
    assert.match(written.err, /ENOSPC.*found room, and it needs at most/);
    assert.deepEqual(readdirSync(small), []);

    const tooSmall = smallDisk('too-small', 'size=60m');
    const refused = await causeway('restore', good, '--data', path.join(tooSmall, 'd'), ...withPassphrase);
    assert.match(refused.err, /free, and the restore needs some/);
    assert.deepEqual(readdirSync(tooSmall), []);

    // Room enough, it seems; but not for as many files as a database has.
    const fewFiles = smallDisk('few-files', 'size=600m,nr_inodes=600');
    const failed = await causeway('restore', good, '--data', path.join(fewFiles, 'd'), ...withPassphrase);
    assert.equal(failed.code, 1);
    assert.match(failed.err, /No space left on device/);
    assert.deepEqual(readdirSync(fewFiles), []);
  });

  test('a database elsewhere is filled if it is empty, and otherwise left as it is', async () => {
    await using database = await testDatabase({ template: 'empty' });
    const elsewhere = { DATABASE_URL: database.connectionString };
    const target = at('elsewhere');
    const restore = (directory: string) => causewayIn(elsewhere, ['restore', good, '--data', directory, ...withPassphrase]);
    const first = await restore(target);
    assert.equal(first.code, 0, first.err);
    assert.ok(existsSync(path.join(target, 'signer', 'ca.key')) && !existsSync(path.join(target, 'pg', 'data')));
    const { number } = await database.store.database
      .selectFrom('user_group')
      .select((each) => each.fn.countAll<number>().as('number'))
      .executeTakeFirstOrThrow();
    assert.ok(number > 20, String(number));
    const second = await restore(at('second'));
    assert.equal(second.code, 1);
    assert.match(second.err, /the database of DATABASE_URL is not empty/);
    assert.ok(!existsSync(at('second')));
    assert.deepEqual(leftBehind(), []);
  });

  test('a restore that is killed leaves what was there, and the next one takes its remains away', async () => {
    const target = at('killed');
    mkdirSync(target);
    const child = spawn(process.execPath, [cli, 'restore', good, '--data', target, ...withPassphrase], {
      stdio: 'ignore',
      env: own,
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const isBuilding = () =>
      readdirSync(scratch.directory).some(
        (name) => name.endsWith('.restoring') && existsSync(at(name, 'pg', 'data', 'postmaster.pid')),
      );
    for (const giveUpAt = performance.now() + 60_000; !isBuilding(); ) {
      assert.ok(performance.now() < giveUpAt && child.exitCode === null, 'the restore never came to its database');
      await delay(5);
    }
    child.kill('SIGKILL');
    await ended;
    assert.deepEqual(readdirSync(target), []);
    assert.equal(leftBehind().length, 1);
    writeFileSync(path.join(target, 'mine'), 'x');
    const said = await must('restore', good, '--data', target, '--replace', ...withPassphrase);
    assert.deepEqual(leftBehind(), []);
    const aside = /kept in (\S+);/.exec(said)?.[1] ?? '';
    assert.deepEqual(readdirSync(aside), ['mine']);
    assert.ok(existsSync(path.join(target, 'installation.json')));
  });

  test('a schedule makes the first at once, keeps as many as it says, catches up, and tells what fails', async () => {
    const to = at('kept');
    mkdirSync(to);
    writeFileSync(path.join(to, 'causeway-foreign.age'), 'x');
    const every = ['backup', '--every', '1d', '--keep', '1', '--to', to, '--data', data];
    assert.match(
      (await causeway('backup', '--every', '1d', '--to', to, '--data', data, '--keep', '1')).err,
      /nobody is at a terminal/,
    );
    const missing = await causeway(...every, '--passphrase-file', at('missing'));
    assert.match(missing.err, /passphrase cannot be read/);
    assert.equal(backupStatus.parse(JSON.parse(await must('backup', 'status', '--json', '--data', data))).schedule, null);

    await must(...every, ...withPassphrase);
    const [first] = made(to);
    assert.ok(first !== undefined);
    assert.deepEqual(await problems(data), []);

    // Two days off, as far as it knows.
    await up.stop();
    const file = path.join(data, scheduledRunsFile);
    const runs = scheduledRuns.parse(JSON.parse(readFileSync(file, 'utf8')));
    writeFileSync(file, JSON.stringify({ ...runs, lastAt: new Date(Date.now() - 2 * 86_400_000).toISOString() }));
    up = startUp(data);
    await becomesReady(up);
    await up.eventually('the backup that was missed', () => made(to).length === 1 && made(to)[0] !== first);
    await up.eventually(
      'the event of it',
      async () => (await events(data)).filter(({ topic }) => topic === 'backup.created').length === 3,
    );
    assert.ok(existsSync(path.join(to, 'causeway-foreign.age')), 'what is not ours stays');

    await up.stop();
    writeFileSync(file, JSON.stringify({ ...runs, lastAt: new Date(Date.now() - 2 * 86_400_000).toISOString() }));
    rmSync(passphrase);
    up = startUp(data);
    await becomesReady(up);
    await up.eventually('the problem', async () => (await problems(data)).length > 0);
    const [problem] = await problems(data);
    assert.match(problem?.message ?? '', /passphrase cannot be read.*The last good one is of .*tried again/);
    assert.equal((await events(data)).at(-1)?.topic, 'backup.failed');
    assert.equal(made(to).length, 1, 'the good one stays');
    writeFileSync(passphrase, 'six random words are a good one\n', { mode: 0o600 });

    await must('backup', '--off', '--data', data);
    assert.deepEqual(await problems(data), []);
  });

  test('before a migration, what is there is kept in the data directory, for root alone, three times', async () => {
    const kept = path.join(data, 'backups');
    mkdirSync(kept, { recursive: true });
    const older = ['2025', '2024', '2023'].map((year) => `before-migration-${year}0101T000000Z.tar.zst`);
    for (const name of older) writeFileSync(path.join(kept, name), 'x');
    const main = path.join(import.meta.dirname, 'main.ts');
    const file = execFileSync(process.execPath, [main, JSON.stringify({ action: 'before-migration', data })])
      .toString()
      .trim();
    assert.deepEqual(
      readdirSync(kept)
        .filter((name) => name.startsWith('before-'))
        .toSorted(),
      [...older.slice(0, 2), path.basename(file)].toSorted(),
    );
    assert.deepEqual([statSync(kept).mode & 0o777, statSync(file).mode & 0o777], [0o700, 0o600]);
    assert.match(await must('backup', 'verify', file), /is whole/);
  });

  test('a stopped installation is backed up as well, and stays stopped', async () => {
    await up.stop();
    const file = at('stopped.age');
    await must('backup', file, '--data', data, ...withPassphrase);
    assert.match(await must('backup', 'verify', file, ...withPassphrase), /is whole/);
    assert.match(await must('backup', 'show', file, ...withPassphrase), /installation [0-9a-f]{16}/);
    assert.ok(!existsSync(path.join(data, 'pg', 'data', 'postmaster.pid')));
    assert.match((await causeway('backup', file, '--data', data, ...withPassphrase)).err, /is there already/);
    up = startUp(data);
    await becomesReady(up);
  });

  const made = (directory: string) => readdirSync(directory).filter((name) => /^causeway-[0-9a-f]{8}-/.test(name));
});

const groupPage = z.object({ content: z.array(z.object({ name: z.string() })) });

async function groupNames(data: string): Promise<Set<string>> {
  const { content } = groupPage.parse(JSON.parse(await askLocal(data, '/api/v1/user-groups?page=0&size=1000')));
  return new Set(content.map(({ name }) => name));
}

/** Resolves with the name when the API has acknowledged it. */
async function createGroup(data: string, name: string): Promise<string> {
  const body = JSON.stringify({ name });
  const status = await new Promise<number>((resolve, reject) => {
    const ask = request(
      {
        socketPath: path.join(data, 'run', 'api.sock'),
        path: '/api/v1/user-groups',
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    ask.once('error', reject);
    ask.end(body);
  });
  assert.equal(status, 200);
  return name;
}
