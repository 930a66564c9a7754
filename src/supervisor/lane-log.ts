import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';

const largestBytes = 4 * 1024 * 1024;
const tailBytes = 4096;

/**
 * The lane's log lies in a directory of the agent and is written by openvpn. Root reads and shortens it, so it must be a plain file of the
 * lanes' user: links are not followed, anything else is left alone.
 */
async function openLog(file: string, uid: number, flags: number): Promise<FileHandle | undefined> {
  const handle = await open(file, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined);
  if (handle === undefined) return undefined;
  const status = await handle.stat();
  if (status.isFile() && status.uid === uid) return handle;
  await handle.close();
  return undefined;
}

/** readLogTail gives the last lines (4 KiB at most); empty if there is no log. */
export async function readLogTail(file: string, uid: number): Promise<string> {
  const handle = await openLog(file, uid, constants.O_RDONLY);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(tailBytes), 0, tailBytes, Math.max(0, size - tailBytes));
    return buffer.subarray(0, bytesRead).toString('utf8').trimEnd();
  } finally {
    await handle.close();
  }
}

/** keepLogSmall empties a log that has grown large; openvpn appends, so it goes on at the new end. */
export async function keepLogSmall(file: string, uid: number): Promise<void> {
  const handle = await openLog(file, uid, constants.O_WRONLY);
  if (handle === undefined) return;
  try {
    if ((await handle.stat()).size > largestBytes) await handle.truncate(0);
  } finally {
    await handle.close();
  }
}
