import { readdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { DataDirectory } from './data-directory.ts';

/** What `placeFile` (NAME.HEX) and the controller's `writeDurably` (.HEX.new) call a file until it is renamed to its place. */
const unplaced = /^(?:.+\.[0-9a-f]{12}|\.[0-9a-f]{12}\.new)$/;

/**
 * removeUnplaced takes away what a write that was cut off has left beside its place: such a file may hold a secret, and a power cut leaves one as
 * often as not, since the flushed file is on the disk before its new name is. Call it before anything runs that writes there. Links are removed,
 * never followed.
 */
export async function removeUnplaced({ root, controller, signer, gateway, laneKeeper }: DataDirectory): Promise<void> {
  for (const directory of [root, controller, signer, gateway, laneKeeper]) {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (!entry.isDirectory() && unplaced.test(entry.name)) await unlink(path.join(directory, entry.name));
    }
  }
}
