import { execFile } from 'node:child_process';
import { access, copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const release = 'bookworm';
/** Where the launcher and the lab keep what they have fetched. */
export const cache = '/var/cache/causeway';
/** A tree that is older is made again: its lists name packages that the mirror has replaced. */
const kept_ms = 3 * 24 * 3_600_000;

export type Ran = { readonly code: number; readonly out: string };

/**
 * DebianTree is Debian 12 as debootstrap's minbase makes it, unpacked for one test. Dispose of it: then it is gone. Programs run in namespaces of
 * their own and end with the call that started them.
 */
export class DebianTree implements AsyncDisposable {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async create(): Promise<DebianTree> {
    const base = await debianBase();
    const root = await mkdtemp('/var/tmp/causeway-package-');
    const tree = new DebianTree(root);
    try {
      await execute('tar', ['-xpf', base, '-C', root]);
      for (const file of ['resolv.conf', 'hosts']) await copyFile(`/etc/${file}`, path.join(root, 'etc', file));
      // The tree is thrown away: nothing of it has to outlast a power cut, and dpkg waits for the disk after each package otherwise.
      await writeFile(path.join(root, 'etc/dpkg/dpkg.cfg.d/unsafe'), 'force-unsafe-io\n');
      await mkdir(path.join(cache, 'debian-archives', 'partial'), { recursive: true });
    } catch (error) {
      await tree[Symbol.asyncDispose]();
      throw error;
    }
    return tree;
  }

  /** Runs a script of the shell; with the machine's network where packages have to be fetched, and otherwise with none but its own. */
  async run(
    script: string,
    { network = false, seconds = 180 }: { readonly network?: boolean; readonly seconds?: number } = {},
  ): Promise<Ran> {
    await writeFile(path.join(this.root, 'root', 'script'), script);
    const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', ...(network ? [] : ['--net'])];
    return await new Promise((resolve) => {
      execFile(
        'unshare',
        [...namespaces, '--', 'sh', '-c', enter, 'sh', this.root, path.join(cache, 'debian-archives')],
        { timeout: seconds * 1_000, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' },
        (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 255, out: stdout + stderr }),
      );
    });
  }

  /** As `run`; throws with what was said when it fails. */
  async must(script: string, options: Parameters<DebianTree['run']>[1] = {}): Promise<string> {
    const { code, out } = await this.run(script, options);
    if (code !== 0) throw new Error(`in the Debian tree, exit code ${code} of:\n${script}\n--- said ---\n${out.slice(-6_000)}`);
    return out;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/**
 * The tree becomes the root of a mount namespace: not chroot alone, since `ip netns exec` and nsenter lead to the namespace's root. Archives that
 * apt has fetched are kept for the next run.
 */
const enter = `set -eu
cd "$1"
mount --bind . "$1"
cd "$1"
mkdir -p .host
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do cp -a "/dev/$device" "dev/$device"; done
mkdir dev/net dev/pts dev/shm
cp -a /dev/net/tun dev/net/tun
ln -s /proc/self/fd dev/fd
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs tmpfs dev/shm
mount -t tmpfs -o mode=755 tmpfs run
mount --bind "$2" var/cache/apt/archives
pivot_root . .host
umount -l /.host
exec chroot . /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 sh -eu /root/script
`;

/** debianBase is the packed tree with its lists of packages, made where it is missing or old. It appears by rename when it is whole. */
export async function debianBase(): Promise<string> {
  const file = path.join(cache, `debian-${release}.tar`);
  const age = await stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
  if (age < kept_ms) return file;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp('/var/tmp/causeway-debootstrap-');
  try {
    const tree = path.join(work, 'tree');
    const sources = await packageSources();
    const mirror = sources[0]?.split(' ')[1];
    if (mirror === undefined)
      throw new Error(`this machine's apt knows no source of Debian ${release}, from which the tree could be made`);
    // What it mounts in the tree goes with it, also when it is killed.
    const apart = ['--mount', '--propagation', 'private', '--', 'debootstrap'];
    await execute('unshare', [...apart, '--variant=minbase', release, tree, mirror], { maxBuffer: 64 * 1024 * 1024 });
    await writeFile(path.join(tree, 'etc/apt/sources.list'), `${sources.join('\n')}\n`);
    const { stdout: settings } = await execute('apt-config', ['dump']);
    const ways = settings.split('\n').filter((line) => /^Acquire::https?::(?:Proxy|CAInfo|CaInfo|Verify)/.test(line));
    await writeFile(
      path.join(tree, 'etc/apt/apt.conf.d/99host'),
      `${ways.join('\n')}\nBinary::apt-get::APT::Keep-Downloaded-Packages "true";\n`,
    );
    for (const name of ['resolv.conf', 'hosts']) await copyFile(`/etc/${name}`, path.join(tree, 'etc', name));
    await execute('chroot', [tree, 'apt-get', '-q', 'update'], { maxBuffer: 64 * 1024 * 1024 });
    // useradd and its like make these copies at their first use.
    for (const name of ['passwd', 'group', 'shadow', 'gshadow'])
      await copyFile(path.join(tree, 'etc', name), path.join(tree, 'etc', `${name}-`));
    await execute('tar', ['-cpf', path.join(work, 'tree.tar'), '-C', tree, '.']);
    await execute('mv', ['-T', path.join(work, 'tree.tar'), `${file}.new`]);
    await rename(`${file}.new`, file);
    return file;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** One line for each suite of the release that this machine's apt knows. */
async function packageSources(): Promise<string[]> {
  const { stdout } = await execute('apt-get', [
    'indextargets',
    '--no-release-info',
    '--format',
    '$(REPO_URI) $(RELEASE) $(COMPONENT)',
    'Created-By: Packages',
  ]);
  const lines = stdout.split('\n').filter((line) => {
    const [, suite = '', component] = line.split(' ');
    return component === 'main' && suite.startsWith(release);
  });
  return [...new Set(lines)].map((line) => `deb ${line}`);
}

/** cloneWith makes a clone of the checkout in `directory` with its tracked files as they lie there, committed on top at a given second. */
export async function cloneWith(checkout: string, directory: string, time_s: number): Promise<void> {
  const git = async (...args: readonly string[]): Promise<void> => {
    const author = [
      '-c',
      'user.name=Test',
      '-c',
      'user.email=test@example.com',
      '-c',
      'commit.gpgsign=false',
      '-c',
      'safe.directory=*',
    ];
    const date = `${String(time_s)} +0000`;
    await execute('git', [...author, ...args], { env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date } });
  };
  await git('clone', '--quiet', '--no-hardlinks', '--depth', '1', `file://${checkout}`, directory);
  const { stdout } = await execute('git', ['-c', `safe.directory=${checkout}`, 'ls-files', '-z'], {
    cwd: checkout,
    maxBuffer: 64 * 1024 * 1024,
  });
  for (const file of stdout.split('\0').filter((name) => name !== '')) {
    const target = path.join(directory, file);
    if (
      await access(path.join(checkout, file)).then(
        () => false,
        () => true,
      )
    )
      continue;
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(path.join(checkout, file), target);
  }
  await execute('ln', ['-s', path.join(checkout, 'node_modules'), path.join(directory, 'node_modules')]);
  await writeFile(
    path.join(directory, 'CHANGELOG.md'),
    `${await readFile(path.join(directory, 'CHANGELOG.md'), 'utf8')}\n<!-- ${String(time_s)} -->\n`,
  );
  await git('-C', directory, 'add', '--all', '--', '.', ':!node_modules');
  await git('-C', directory, 'commit', '--quiet', '--no-verify', '--message', 'test');
}
