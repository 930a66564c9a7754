import { readFile, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';

export type Transport = 'tcp' | 'udp';
export type PortHolder = { readonly pid: number; readonly name: string; readonly commandLine: string };

/** TCP_LISTEN in the kernel's include/net/tcp_states.h; bound UDP sockets are in state 07. */
const listening = { tcp: '0A', udp: '07' } as const;

/** findPortHolder names the process that holds a local port; undefined if it cannot be found (another namespace, or gone meanwhile). */
export async function findPortHolder(transport: Transport, port: number): Promise<PortHolder | undefined> {
  const inodes = new Set<string>();
  for (const table of [transport, `${transport}6`]) {
    const text = await readFile(`/proc/net/${table}`, 'utf8').catch(() => '');
    for (const inode of inodesOf(text, port, listening[transport])) inodes.add(inode);
  }
  if (inodes.size === 0) return undefined;
  for (const entry of await readdir('/proc')) {
    if (/^\d+$/.test(entry) && (await holdsOne(entry, inodes))) return describe(entry);
  }
  return undefined;
}

/** inodesOf reads /proc/net/tcp and its like: `sl local_address rem_address st … inode`, the port in hexadecimal. */
export function inodesOf(table: string, port: number, state: string): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const found: string[] = [];
  for (const line of table.split('\n').slice(1)) {
    const [, local, , at, , , , , , inode] = line.trim().split(/\s+/);
    if (local?.endsWith(`:${wanted}`) === true && at === state && inode !== undefined && inode !== '0') found.push(inode);
  }
  return found;
}

async function holdsOne(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  // A process may end while we look at it: then it holds nothing any more.
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

async function describe(pid: string): Promise<PortHolder> {
  // The program's file, since the name of the first thread is what the program makes of it (node-MainThread).
  const program = await readlink(`/proc/${pid}/exe`).catch(() => 'unknown');
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return { pid: Number(pid), name: path.basename(program), commandLine: commandLine.replaceAll('\0', ' ').trim() };
}
