import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { PostgresBinaries } from './binaries.ts';

const run = promisify(execFile);

export type ServerUser = { readonly name: string; readonly uid: number; readonly gid: number };

/**
 * createCluster makes an empty cluster unless there is one. It works in `DATADIR.new-RANDOM`, which is renamed when it is complete: a
 * machine that stops in between leaves only that, and the next call begins again. In a directory of its own, since an initdb whose
 * starter was killed may still be at work for a moment.
 */
export async function createCluster(options: {
  readonly binaries: PostgresBinaries;
  readonly dataDir: string;
  readonly user: ServerUser | undefined;
  readonly durable: boolean;
}): Promise<void> {
  const { binaries, dataDir, user } = options;
  if (await exists(path.join(dataDir, 'PG_VERSION'))) return;
  await removeUnfinished(dataDir);
  const building = await mkdtemp(`${dataDir}.new-`);
  await chmod(building, 0o700);
  if (user !== undefined) await chown(building, user.uid, user.gid);
  try {
    await run(
      binaries.initdb,
      // Access rules are written by writeAccessRules before the first start; those of initdb are never in force.
      [
        '-D',
        building,
        '-U',
        'postgres',
        '--encoding=UTF8',
        '--locale=C',
        '--auth=reject',
        ...(options.durable ? [] : ['--no-sync']),
      ],
      {
        cwd: '/',
        env: { LD_LIBRARY_PATH: binaries.libraryPath, LC_ALL: 'C', PATH: '/usr/bin:/bin' },
        ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
      },
    );
  } catch (cause) {
    await rm(building, { recursive: true, force: true });
    const why = cause instanceof Error && 'stderr' in cause && cause.stderr !== '' ? String(cause.stderr).trim() : String(cause);
    throw new Error(`making the database cluster ${dataDir}: ${why}`, { cause });
  }
  await rename(building, dataDir);
}

/** What a start that was cut off has left; what an orphaned initdb still writes into is removed by a later start. */
async function removeUnfinished(dataDir: string): Promise<void> {
  const parent = path.dirname(dataDir);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${path.basename(dataDir)}.new`)) continue;
    await rm(path.join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * writeAccessRules replaces pg_hba.conf and pg_ident.conf. The application's role needs no password: who can reach the socket is settled
 * by the rights of its directory. The superuser is open only to those whom the kernel names as root, as the server's own user or
 * as the user that starts it.
 */
export async function writeAccessRules(options: {
  readonly dataDir: string;
  readonly user: ServerUser | undefined;
  readonly applicationRole: string;
  readonly maintenanceRole: string;
  readonly starter: string;
}): Promise<void> {
  const { dataDir, user, applicationRole, maintenanceRole } = options;
  const superusers = new Set(['root', options.starter, ...(user === undefined ? [] : [user.name])]);
  const files = {
    'pg_hba.conf': [
      `local all ${applicationRole} trust`,
      `local all ${maintenanceRole} peer map=maintenance`,
      '', // the last line has to end
    ],
    'pg_ident.conf': [...[...superusers].map((name) => `maintenance "${name}" ${maintenanceRole}`), ''],
  };
  for (const [name, lines] of Object.entries(files)) {
    const file = path.join(dataDir, name);
    await writeFile(file, lines.join('\n'), { mode: 0o600 });
    if (user !== undefined) await chown(file, user.uid, user.gid);
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
