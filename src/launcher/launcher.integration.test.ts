import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
/** "nobody" of every Linux: has no files, and may read what all may. */
const nobody = 65_534;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(command: readonly [string, ...string[]], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    execFile(program, args, { env: { ...process.env, ...environment }, timeout: 110_000 }, (error, out, err) => {
      if (error === null) resolve({ code: 0, out, err });
      else if (typeof error.code === 'number') resolve({ code: error.code, out, err });
      else reject(error);
    });
  });
}

/** Copies what a clone would have, so that packages have to be installed; `packages` links ours, so that they need not be. */
async function checkout(at: string, { packages }: { readonly packages: boolean }): Promise<string> {
  for (const path of [
    'causeway',
    'package.json',
    'package-lock.json',
    '.npmrc',
    'src/launcher',
    'src/cli',
    'src/contract',
    'src/core',
  ]) {
    await cp(join(root, path), join(at, path), { recursive: true });
  }
  if (packages) await symlink(join(root, 'node_modules'), join(at, 'node_modules'));
  return at;
}

async function executable(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, 0o755);
}

describe('launcher', () => {
  let directory = '';
  const ourPath = (): string => `${join(directory, 'our-node')}:/usr/bin:/bin`;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cw-launcher-'));
    await chmod(directory, 0o755);
    // Root's Node is good for everybody; another 60 MB of download would prove nothing more.
    const ours = join(dirname(process.execPath), '../../npm/bin/npm-cli.js');
    const npm = existsSync(ours) ? `"${process.execPath}" "${ours}"` : (await run(['sh', '-c', 'command -v npm'])).out.trim();
    await executable(join(directory, 'our-node', 'npm'), `#!/bin/sh\nexec ${npm} "$@"\n`);
    await symlink(process.execPath, join(directory, 'our-node', 'node'));
  });
  after(() => rm(directory, { recursive: true }));

  describe('finds Node', () => {
    /** A directory with a `node` that says it is of that version, and an npm. */
    async function standIn(name: string, version: string): Promise<string> {
      const bin = join(directory, name);
      await executable(join(bin, 'node'), `#!/bin/sh\necho ${version}\n`);
      await executable(join(bin, 'npm'), '#!/bin/sh\necho 11.0.0\n');
      return bin;
    }
    const nodePath = (bin: string): Promise<Ran> =>
      run([join(root, 'causeway'), 'node-path'], { PATH: `${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin` });

    for (const version of ['v24.12.0', 'v24.20.1', 'v25.0.0', 'v100.1.0']) {
      it(`in PATH when it is ${version}`, async () => {
        const bin = await standIn(`new-${version}`, version);
        assert.deepEqual(await nodePath(bin), { code: 0, out: `${join(bin, 'node')}\n`, err: '' });
      });
    }

    for (const version of ['v24.11.9', 'v20.20.2', 'v9.99.0']) {
      it(`elsewhere when PATH has ${version}`, async () => {
        const ran = await nodePath(await standIn(`old-${version}`, version));
        assert.equal(ran.code, 0);
        assert.doesNotMatch(ran.out, /cw-launcher/);
        const brought = await run([ran.out.trim(), '-v']);
        assert.match(brought.out, /^v(2[4-9]|[3-9]\d)\./);
      });
    }

    it('elsewhere when only root could start the one in PATH, since children run as other users', async () => {
      const bin = await standIn('private', 'v26.0.0');
      await chmod(bin, 0o700);
      const ran = await nodePath(bin);
      assert.equal(ran.code, 0);
      assert.doesNotMatch(ran.out, /cw-launcher/);
    });

    it('elsewhere when the one in PATH has no npm or does not start', async () => {
      for (const [name, text] of [
        ['broken', '#!/bin/sh\nexit 127\n'],
        ['silent', '#!/bin/sh\n'],
      ] as const) {
        const bin = await standIn(name, 'v26.0.0');
        await executable(join(bin, 'node'), text);
        const ran = await nodePath(bin);
        assert.equal(ran.code, 0, ran.err);
        assert.doesNotMatch(ran.out, /cw-launcher/);
      }
    });
  });

  describe('names Debian packages', () => {
    it('when the user is not root; up says that it needs root, and --help needs nothing', async () => {
      const copy = await checkout(join(directory, 'packages'), { packages: true });
      const table = join(copy, 'src/launcher/debian-packages.txt');
      await writeFile(table, `${await readFile(table, 'utf8')}up,lab program-of-nowhere package-of-nowhere\n`);
      const home = join(directory, 'home-packages');
      await mkdir(home);
      await chown(home, nobody, nobody);
      const asNobody = (...args: string[]): Promise<Ran> =>
        run(['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', join(copy, 'causeway'), ...args], {
          HOME: home,
          XDG_CACHE_HOME: '',
          PATH: ourPath(),
        });
      const lab = await asNobody('lab');
      assert.match(
        lab.err,
        /^causeway: 'causeway lab' needs the Debian packages package-of-nowhere; run it as root once, or run: apt-get install --no-install-recommends package-of-nowhere\n$/,
      );
      assert.deepEqual([lab.code, lab.out], [1, '']);
      const up = await asNobody('up');
      assert.match(up.err, /^causeway: 'causeway up' does not run as root, [^\n]+: start it with sudo[^\n]+\n$/);
      assert.deepEqual([up.code, up.out], [4, '']);
      const help = await asNobody('up', '--help');
      assert.deepEqual([help.code, help.err], [0, '']);
    });
  });

  it('installs once when several start at the same time, and leaves a checkout to its owner', async () => {
    const copy = await checkout(join(directory, 'shared'), { packages: false });
    await chown(copy, nobody, nobody);
    const starts = await Promise.all([1, 2, 3].map(() => run([join(copy, 'causeway'), '--version'])));
    for (const ran of starts) assert.deepEqual([ran.code, ran.out.trim()], [0, await versionOf(copy)], ran.err);
    assert.equal(starts.filter((ran) => ran.err.includes('installing the npm packages')).length, 1);
    const { uid } = await stat(join(copy, 'node_modules', 'zod', 'package.json'));
    assert.equal(uid, nobody);
    const again = await run([join(copy, 'causeway'), '--version']);
    assert.equal(again.err, '');
    // The development tools are not what `up` needs. (TypeScript comes along: i18next names it as a peer, and npm omits no such.)
    await assert.rejects(stat(join(copy, 'node_modules', 'oxlint')));
  });

  it('starts from a checkout that its user can only read', async () => {
    const copy = await checkout(join(directory, 'readonly'), { packages: false });
    const cache = join(directory, 'cache');
    await mkdir(cache);
    await chown(cache, nobody, nobody);
    const start = (): Promise<Ran> =>
      run(['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', join(copy, 'causeway'), '--version'], {
        HOME: '/nonexistent',
        XDG_CACHE_HOME: cache,
        npm_config_cache: join(cache, 'npm'),
        PATH: ourPath(),
      });
    const first = await start();
    assert.deepEqual([first.code, first.out.trim()], [0, await versionOf(copy)], first.err);
    const second = await start();
    assert.deepEqual([second.code, second.err], [0, '']);
    await assert.rejects(stat(join(copy, 'node_modules')));
    // Other sources with the same lock: the packages that are there serve them too.
    await writeFile(join(copy, 'src/cli/other.ts'), '');
    const third = await start();
    assert.deepEqual([third.code, third.out.trim(), third.err], [0, await versionOf(copy), '']);
  });
});

async function versionOf(copy: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8')) as { readonly version: string };
  return version;
}
