import { setTimeout as delay } from 'node:timers/promises';
import { runProgram } from './run-program.ts';
import { StartFailure } from './start-failure.ts';

/** Who runs as what (design.md 7). One user per process, so that none can read, signal or trace another. */
export const systemUserNames = {
  controller: 'causeway',
  database: 'causeway-db',
  signer: 'causeway-ca',
  gateway: 'causeway-gateway',
  lane: 'causeway-vpn',
} as const;

export type SystemUser = { readonly name: string; readonly uid: number; readonly gid: number };
export type SystemUsers = Readonly<Record<keyof typeof systemUserNames, SystemUser>>;

/**
 * ensureSystemUsers makes the users that are missing and gives all of them. Memberships in each other's groups are not written to
 * /etc/group: each process gets its groups when it is started (privileges.ts), and nothing else on the machine needs them. The users
 * are shared by all installations of a machine and stay when one is removed: without files and processes they are harmless.
 */
export async function ensureSystemUsers(): Promise<SystemUsers> {
  const known = await lookUp();
  for (const name of Object.values(systemUserNames)) {
    if (!known.has(name)) await addUser(name);
  }
  const all = await lookUp();
  const user = (name: string): SystemUser => {
    const found = all.get(name);
    if (found === undefined)
      throw new StartFailure({
        exitCode: 1,
        sentence: `the system user ${name} is missing although useradd made it: look at /etc/nsswitch.conf.`,
      });
    if (found.uid === 0 || found.gid === 0) {
      throw new StartFailure({
        exitCode: 1,
        sentence: `the user ${name} has the rights of root (uid ${String(found.uid)}, gid ${String(found.gid)}): remove it, and "up" makes it as it should be.`,
      });
    }
    return found;
  };
  return {
    controller: user(systemUserNames.controller),
    database: user(systemUserNames.database),
    signer: user(systemUserNames.signer),
    gateway: user(systemUserNames.gateway),
    lane: user(systemUserNames.lane),
  };
}

async function lookUp(): Promise<ReadonlyMap<string, SystemUser>> {
  // Exit 2 says that some are missing; those that exist are printed all the same.
  const { stdout } = await runProgram('getent', ['passwd', ...Object.values(systemUserNames)]);
  const users = new Map<string, SystemUser>();
  for (const line of stdout.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name !== undefined && uid !== undefined && gid !== undefined)
      users.set(name, { name, uid: Number(uid), gid: Number(gid) });
  }
  return users;
}

async function addUser(name: string): Promise<void> {
  const args = [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    name,
  ];
  for (let attempt = 1; ; attempt += 1) {
    const { code, stderr } = await runProgram('useradd', args);
    // 9: the name is in use, because a second installation that starts at the same time was faster.
    if (code === 0 || code === 9) return;
    // 1: somebody else holds the lock of /etc/passwd for a moment.
    if (code !== 1 || attempt === 50) {
      throw new StartFailure({
        exitCode: 1,
        sentence: `the system user ${name} could not be made: ${stderr.trim() || `useradd ended with ${String(code)}`}.`,
      });
    }
    await delay(100);
  }
}
