import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { packageMajor } from './cluster-version.ts';

/** keptPackage is where the programs of a major version are kept beside its cluster: a package directory as npm installs it. */
export function keptPackage(postgresDir: string, major: number): string {
  return path.join(postgresDir, `server-${String(major)}`);
}

/**
 * keepBinaries keeps the server's programs beside the cluster that they have made, for the day on which a later version of the product comes
 * with another major version only (docs/decisions/0104). Hard links where that is possible, which cost nothing, else a copy of 60 MB.
 * Beside its place and then renamed; the same version again changes nothing.
 */
export async function keepBinaries(packageDir: string, postgresDir: string): Promise<void> {
  const target = keptPackage(postgresDir, await packageMajor(packageDir));
  const version = async (directory: string) =>
    await readFile(path.join(directory, 'package.json'), 'utf8').catch(() => undefined);
  if ((await version(target)) === (await version(packageDir))) return;
  const building = `${target}.new`;
  const replaced = `${target}.old`;
  await rm(building, { recursive: true, force: true });
  await rm(replaced, { recursive: true, force: true });
  await copyTree(packageDir, building);
  await rename(target, replaced).catch((cause: unknown) => {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
  });
  await rename(building, target);
  await rm(replaced, { recursive: true, force: true });
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o755 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    // Another file system, or one without links. Other kinds of file are not in the package.
    else if (entry.isFile()) await link(source, target).catch(async () => copyFile(source, target, constants.COPYFILE_FICLONE));
  }
}
