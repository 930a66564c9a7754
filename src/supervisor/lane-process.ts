import { readFile, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/**
 * LaneRecord is what DIR/lane-keeper/LANE.json keeps of a running lane, so that the next supervisor finds it. Pids are used again, so the
 * start time (clock ticks since boot, /proc/PID/stat) belongs to the name of a process.
 */
export const laneRecord = z.object({
  pid: z.int().min(2),
  startTicks: z.string().regex(/^\d+$/),
  startedAt: z.number(),
});
export type LaneRecord = z.infer<typeof laneRecord>;

/** How often a lane that is not our child is looked at. */
const watchIntervalMs = 250;

/** startTicksOf gives the process's start time; undefined if it is gone or only waits for its parent to notice. */
export async function startTicksOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name in parentheses and may contain anything.
  const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return state === undefined || state === 'Z' || state === 'X' ? undefined : fields[18];
}

/** isOurLane is true if the recorded process still is the openvpn that was started on this configuration as this user. */
export async function isOurLane(record: LaneRecord, configuration: string, uid: number): Promise<boolean> {
  if ((await startTicksOf(record.pid)) !== record.startTicks) return false;
  const proc = `/proc/${String(record.pid)}`;
  // "(deleted)" follows the name after an upgrade of the package.
  const program = path.basename((await readlink(`${proc}/exe`).catch(() => '')).replace(/ \(deleted\)$/, ''));
  const commandLine = await readFile(`${proc}/cmdline`, 'utf8').catch(() => '');
  const status = await readFile(`${proc}/status`, 'utf8').catch(() => '');
  const owner = /^Uid:\s+(\d+)\s/m.exec(status)?.[1];
  return program === 'openvpn' && commandLine.split('\0').includes(configuration) && owner === String(uid);
}

/** hasEnded resolves when the recorded process is gone. For processes of an earlier supervisor, of which the kernel tells us nothing. */
export async function hasEnded(record: Pick<LaneRecord, 'pid' | 'startTicks'>, signal: AbortSignal): Promise<void> {
  while ((await startTicksOf(record.pid)) === record.startTicks) await delay(watchIntervalMs, undefined, { signal });
}

/** processesNaming gives the openvpn processes of this user whose arguments name a file in `directory`. */
export async function processesNaming(directory: string, uid: number): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // Processes come and go while we look.
    const commandLine = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    const status = await readFile(`/proc/${entry}/status`, 'utf8').catch(() => '');
    const names = commandLine.split('\0').some((argument) => argument.startsWith(`${directory}/`));
    if (names && /^Name:\topenvpn$/m.test(status) && new RegExp(`^Uid:\t${String(uid)}\t`, 'm').test(status))
      found.push(Number(entry));
  }
  return found;
}
