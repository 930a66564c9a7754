import { access, constants } from 'node:fs/promises';
import path from 'node:path';

/** Where Debian keeps what a plain PATH may lack (nft, ip, openvpn). */
const systemDirectories = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** systemPath is the PATH of every process that the supervisor starts: fixed, so that the caller's environment chooses no program. */
export const systemPath = systemDirectories.join(':');

/** findProgram gives the absolute path of a system program, or undefined when it is not installed. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const directory of systemDirectories) {
    const file = path.join(directory, name);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // Not here: the next directory may have it.
    }
  }
  return undefined;
}
