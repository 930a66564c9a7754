import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { SystemUser, SystemUsers } from './system-users.ts';
import { StartFailure } from './start-failure.ts';

/**
 * DataDirectory names what lies under --data. Sockets are kept short: the longest path that a unix socket may have is 107 bytes, and the
 * directory itself may take 80 of them.
 */
export type DataDirectory = {
  readonly root: string;
  /** The checkout, bound read-only in the private mount namespace (mount-view.ts); empty for everybody outside of it. */
  readonly app: string;
  readonly run: string;
  readonly apiSocket: string;
  readonly gatewaySocket: string;
  readonly postgres: { readonly data: string; readonly socket: string; readonly libraries: string };
  readonly signer: string;
  readonly signerCertificate: string;
  readonly signerSocket: string;
  readonly caCertificate: string;
  /** The link that makes the owner, while there is none; root's alone. */
  readonly setUpLink: string;
  readonly controller: string;
  readonly gateway: string;
  readonly gatewayToken: string;
  /** Configurations and pid records of the lanes, written by root: the agent owns `gateway/lanes` and must not choose what openvpn reads. */
  readonly laneKeeper: string;
  readonly compileCache: string;
};

export function dataDirectoryAt(root: string): DataDirectory {
  const at = (...names: string[]) => path.join(root, ...names);
  return {
    root,
    app: at('app'),
    run: at('run'),
    apiSocket: at('run', 'api.sock'),
    gatewaySocket: at('sock', 'gateway.sock'),
    postgres: { data: at('pg', 'data'), socket: at('pg', 'sock'), libraries: at('pg', 'lib') },
    signer: at('signer'),
    signerCertificate: at('signer', 'ca.crt'),
    signerSocket: at('signer', 'sock', 'signer.sock'),
    caCertificate: at('ca.crt'),
    setUpLink: at('setup-link'),
    controller: at('controller'),
    gateway: at('gateway'),
    gatewayToken: at('gateway', 'token'),
    laneKeeper: at('lane-keeper'),
    compileCache: at('cache'),
  };
}

const rootUser: SystemUser = { name: 'root', uid: 0, gid: 0 };

/**
 * ensureDataDirectory makes the directories and sets owners and modes again at every start, so that a restored backup or a careless
 * chown is mended. Idempotent. Never follows a symbolic link: parts of the tree belong to users that may one day be taken over, and
 * root must not be led to another file by them. Files inside are left to those who own them.
 */
export async function ensureDataDirectory(directory: DataDirectory, users: SystemUsers): Promise<void> {
  const { controller, database, signer, gateway, lane } = users;
  const at = (name: string) => path.join(directory.root, name);
  const directories: [string, SystemUser, SystemUser, number][] = [
    [directory.root, rootUser, rootUser, 0o755],
    [directory.app, rootUser, rootUser, 0o755],
    [directory.run, rootUser, rootUser, 0o700],
    [at('sock'), rootUser, controller, 0o750],
    [at('pg'), rootUser, rootUser, 0o755],
    [directory.postgres.socket, database, database, 0o750],
    [directory.signer, signer, controller, 0o710],
    [path.join(directory.signer, 'sock'), signer, controller, 0o750],
    [directory.controller, controller, controller, 0o700],
    // setgid: what the agent makes in here belongs to the group of the lanes, which have to read it.
    [directory.gateway, gateway, lane, 0o2750],
    [path.join(directory.gateway, 'identity'), gateway, lane, 0o2750],
    [path.join(directory.gateway, 'lanes'), gateway, lane, 0o2750],
    [directory.laneKeeper, rootUser, lane, 0o750],
    [directory.compileCache, rootUser, rootUser, 0o755],
    [path.join(directory.compileCache, 'controller'), controller, controller, 0o700],
    [path.join(directory.compileCache, 'signer'), signer, signer, 0o700],
    [path.join(directory.compileCache, 'gateway'), gateway, gateway, 0o700],
  ];
  for (const [name, owner, group, mode] of directories) await ensureDirectory(name, owner.uid, group.gid, mode);
}

async function ensureDirectory(name: string, uid: number, gid: number, mode: number): Promise<void> {
  try {
    await mkdir(name, { mode: 0o700 });
  } catch (cause) {
    if (errorCode(cause) !== 'EEXIST') throw new Error(`making the directory ${name}`, { cause });
  }
  const handle = await open(name, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch((cause: unknown) => {
    throw new StartFailure(
      { exitCode: 1, sentence: `${name} is not a directory of its own: move away what is there, and "up" makes it again.` },
      { cause },
    );
  });
  try {
    await handle.chown(uid, gid);
    await handle.chmod(mode);
  } finally {
    await handle.close();
  }
}

/**
 * placeFile writes a file whole or not at all: beside its place, flushed, then renamed. The name in between is random and the file is
 * made new, so a symbolic link that waits in a directory of a less trusted user is replaced and not followed.
 */
export async function placeFile(
  file: string,
  content: string,
  owner: { readonly uid: number; readonly gid: number; readonly mode: number },
): Promise<void> {
  const beside = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(beside, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.chown(owner.uid, owner.gid);
    await handle.chmod(owner.mode);
    await handle.sync();
    await handle.close();
    await rename(beside, file);
  } catch (cause) {
    await handle.close().catch(() => undefined);
    await unlink(beside).catch(() => undefined);
    throw new Error(`writing ${file}`, { cause });
  }
}

/** readOwned reads a regular file that must belong to `uid`, without following a link in its last component; undefined if it is not there. */
export async function readOwned(file: string, uid: number, longest: number): Promise<string | undefined> {
  // O_NONBLOCK: a pipe put in its place must not hold up the supervisor.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((cause: unknown) => {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw new Error(`reading ${file}`, { cause });
  });
  if (handle === undefined) return undefined;
  try {
    const status = await handle.stat();
    if (!status.isFile() || status.uid !== uid || status.size > longest) {
      throw new Error(
        `reading ${file}: it is not a file of at most ${String(longest)} bytes that belongs to user ${String(uid)}`,
      );
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

export function errorCode(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}
