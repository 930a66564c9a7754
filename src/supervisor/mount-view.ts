import { mkdir, open, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DataDirectory } from './data-directory.ts';
import type { MountMode } from './enter-mount-view.ts';
import type { Log } from './log.ts';
import { requireProgram, runProgram } from './run-program.ts';
import { StartFailure } from './start-failure.ts';

/** MountView says where unprivileged children find the checkout and Node. */
export type MountView = { readonly checkout: string; readonly node: string };

const tunDevice = '/dev/net/tun';

/**
 * showCheckout makes checkout and Node readable for the system users although they may lie in a directory that only root may enter
 * (/root is 0700), by binding them read-only below the data directory. Nothing of it is seen outside of our mount namespace, and it
 * vanishes with the last process that lives in it. Where no mounts can be made, checkout and Node have to be readable as they are.
 */
export async function showCheckout(mode: MountMode, directory: DataDirectory, log: Log): Promise<MountView> {
  const checkout = await realpath(path.join(import.meta.dirname, '..', '..'));
  const node = await realpath(process.execPath);
  const source = await bindSource(checkout);
  if (mode !== 'none' && source !== undefined && (await bindReadOnly(source, directory.app))) {
    return {
      checkout: path.join(directory.app, path.relative(source, checkout)),
      node: await showNode(node, source, directory),
    };
  }
  log.info('checkout and Node are used where they lie: no private mounts here', { mode });
  return { checkout: await requireReadable(checkout, 'the checkout'), node: await requireReadable(node, 'Node') };
}

/**
 * What has to be bound so that `node_modules` is in it: the checkout, or, where that is a link (the launcher's copy of a read-only
 * checkout), the directory above both. Undefined if they have nothing in common.
 */
async function bindSource(checkout: string): Promise<string | undefined> {
  const modules = await realpath(path.join(checkout, 'node_modules'));
  let common = checkout;
  while (path.relative(common, modules).startsWith('..')) common = path.dirname(common);
  return common === '/' ? undefined : common;
}

async function showNode(node: string, source: string, directory: DataDirectory): Promise<string> {
  if ((await firstClosed(node)) === undefined) return node;
  const inside = path.relative(source, node);
  if (!inside.startsWith('..')) return path.join(directory.app, inside);
  const target = path.join(directory.root, 'node');
  await (await open(target, 'a', 0o644)).close();
  if (await bindReadOnly(node, target)) return target;
  return requireReadable(node, 'Node');
}

/** Binds `source` over `target`; false (and nothing changed) where the new mount would be seen by other namespaces. */
async function bindReadOnly(source: string, target: string): Promise<boolean> {
  await requireProgram('mount', ['--rbind', source, target]);
  if (isShared(await readFile('/proc/self/mountinfo', 'utf8'), target)) {
    await requireProgram('umount', ['--lazy', target]);
    return false;
  }
  await requireProgram('mount', ['-o', 'remount,bind,ro', target]);
  return true;
}

/**
 * isShared reads /proc/self/mountinfo: `ID PARENT MAJOR:MINOR ROOT TARGET OPTIONS [shared:N …] - TYPE …`. Of mounts over each other at one
 * target the last line counts. A target that is not listed counts as shared: what is unknown is not relied on.
 */
export function isShared(mountinfo: string, target: string): boolean {
  const wanted = target.replace(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
  const fields = mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .findLast((candidate) => candidate[4] === wanted);
  if (fields === undefined) return true;
  return fields.slice(6, fields.indexOf('-')).some((field) => field.startsWith('shared:'));
}

async function requireReadable(file: string, what: string): Promise<string> {
  const closed = await firstClosed(file);
  if (closed === undefined) return file;
  throw new StartFailure({
    exitCode: 1,
    sentence: `${what} (${file}) cannot be read by the system users, since ${closed} is closed to them and no private mount can be made here: move it to where all may read, such as /opt.`,
  });
}

/** The first directory on the way that others may not enter, or the file itself if they may not read it. */
async function firstClosed(file: string): Promise<string | undefined> {
  const ways: string[] = [];
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    ways.unshift(at);
    if (at === '/') break;
  }
  for (const way of ways) if (((await stat(way)).mode & 0o001) === 0) return way;
  const { mode } = await stat(file);
  return (mode & 0o004) === 0 ? file : undefined;
}

/**
 * openTunTo lets the lanes' group open /dev/net/tun, in our mount namespace only: udev makes it open to everybody (a tun that belongs to
 * somebody else cannot be opened all the same), containers and minimal systems leave it to root. Nothing is changed where it is open.
 */
export async function openTunTo(group: number, mode: MountMode, directory: DataDirectory): Promise<void> {
  const { mode: rights } = await stat(tunDevice);
  if ((rights & 0o006) === 0o006) return;
  const refuse = (why: string) =>
    new StartFailure({
      exitCode: 4,
      sentence: `${tunDevice} may only be opened by root (${why}): run "chmod 666 ${tunDevice}", as udev does elsewhere.`,
    });
  if (mode === 'none') throw refuse('and no private mount can be made here');
  const devices = path.join(directory.run, 'dev');
  await mkdir(devices, { recursive: true, mode: 0o755 });
  await requireProgram('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=755', 'causeway-dev', devices]);
  if (isShared(await readFile('/proc/self/mountinfo', 'utf8'), devices)) {
    await requireProgram('umount', [devices]);
    throw refuse('and no private mount can be made in this chroot');
  }
  const node = path.join(devices, 'tun');
  const { code, stderr } = await runProgram('mknod', ['--mode', '0660', node, 'c', '10', '200']);
  if (code !== 0) throw refuse(stderr.trim());
  await requireProgram('chown', [`0:${String(group)}`, node]);
  await requireProgram('mount', ['--bind', node, tunDevice]);
}
