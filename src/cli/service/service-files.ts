import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import type { ServiceFile } from '../../core/service/service-plan.ts';
import { serviceMarker } from '../../core/service/service-plan.ts';
import { CliFailure, exitCodes } from '../failure.ts';

/** FileChange is a file that has another text than wanted, or is not there. */
export type FileChange = ServiceFile & { readonly before: string | undefined };

/** changesOf gives what has to be written. Throws CliFailure (problem) where somebody else's file is in the place of one of ours. */
export async function changesOf(files: readonly ServiceFile[]): Promise<FileChange[]> {
  const changes: FileChange[] = [];
  for (const file of files) {
    const before = await readIfThere(file.path);
    if (before === file.text) continue;
    if (before !== undefined && !before.includes(serviceMarker)) {
      throw new CliFailure(
        exitCodes.problem,
        `${file.path} is there and was not written by "causeway service install": move it away, or choose another --name`,
      );
    }
    changes.push({ ...file, before });
  }
  return changes;
}

/** writeFiles puts each in its place as a whole. */
export async function writeFiles(files: readonly ServiceFile[]): Promise<void> {
  for (const { path, mode, text } of files) {
    const beside = `${path}.${randomBytes(6).toString('hex')}`;
    try {
      const handle = await open(beside, 'wx', mode);
      try {
        await handle.writeFile(text);
        await handle.chmod(mode);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(beside, path);
    } catch (cause) {
      await rm(beside, { force: true });
      throw new CliFailure(exitCodes.problem, `${path} could not be written: ${String(cause)}`, cause);
    }
  }
}

/** removeOurs removes those that we have written, and gives their paths. */
export async function removeOurs(paths: readonly string[]): Promise<string[]> {
  const removed: string[] = [];
  for (const path of paths) {
    if ((await readIfThere(path))?.includes(serviceMarker) !== true) continue;
    await rm(path);
    removed.push(path);
  }
  return removed;
}

/** readIfThere gives a file's text, undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new CliFailure(exitCodes.problem, `${path} could not be read: ${String(error)}`, error);
  }
}

/** lineDifference shows in a few lines what a text gets and loses. */
export function lineDifference(before: string, after: string): string[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !fresh.includes(line)).map((line) => `- ${line}`),
    ...fresh.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
}
