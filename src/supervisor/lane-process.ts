import { spawn } from 'node:child_process';
import { readFile, readdir, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { findProgram, systemPath } from './find-program.ts';
import type { LaneScope } from './lane-scope.ts';
import { inScope } from './lane-scope.ts';
import { withPrivileges } from './privileges.ts';
import type { SystemUser } from './system-users.ts';

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

/** LaneEnd is how a lane's process ended; `output` is what it said before it had opened its log. The code of an adopted one is not known. */
export type LaneEnd = { readonly code: number | null; readonly output: string };

/** An openvpn that is told to end tells its clients first (explicit-exit-notify), which takes it about two seconds. */
const stopPatienceMs = 5000;

/** How often a process that may not be our child is looked at: hundreds of adopted lanes all the time, one that is ending for a moment. */
const watchIntervalMs = 1000;
const endingIntervalMs = 25;

/**
 * launchLane starts the daemon on a configuration that lies there, in a session of its own and without a parent death signal, so that it
 * goes on when we are killed. Rejects when it does not even start.
 */
export async function launchLane(lane: {
  readonly user: SystemUser;
  readonly port: number;
  readonly configurationFile: string;
  readonly scope: LaneScope | undefined;
}): Promise<{ readonly record: LaneRecord; readonly ended: Promise<LaneEnd> }> {
  const openvpn = await findProgram('openvpn');
  if (openvpn === undefined) throw new Error('openvpn is not installed any more: install the package openvpn');
  // Below 1024 the kernel asks for a capability; every other lane has none at all.
  const capabilities = lane.port < 1024 ? ['net_bind_service'] : [];
  const command = await withPrivileges({ user: lane.user, groups: [], capabilities, endsWithSupervisor: false }, [
    openvpn,
    '--config',
    lane.configurationFile,
  ]);
  const [program = '', ...args] = inScope(lane.scope, command);
  const child = spawn(program, args, {
    cwd: '/',
    env: { PATH: systemPath, LANG: 'C.UTF-8' },
    // What it says before it has opened its log comes here; afterwards it writes there alone, so nothing breaks when we are gone.
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => output.length < 20 && output.push(chunk.toString('utf8')));
  }
  const ended = new Promise<LaneEnd>((resolve) => {
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output: output.join('').trim() }));
  });
  const { pid } = child;
  const startTicks = pid === undefined ? undefined : await startTicksOf(pid);
  if (pid === undefined || startTicks === undefined) throw new Error(`openvpn ended at once: ${(await ended).output}`);
  // Of all that we start a lane's end costs most, and it is small. Where root may not (some containers) it is as likely to go as others.
  await writeFile(`/proc/${String(pid)}/oom_score_adj`, '-900').catch(() => undefined);
  return { record: { pid, startTicks, startedAt: Date.now() }, ended };
}

/** endLane ends the process in order, by force when it does not listen. Its identity is asked each time: an adopted one is no child of ours. */
export async function endLane(record: Pick<LaneRecord, 'pid' | 'startTicks'>): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if ((await startTicksOf(record.pid)) !== record.startTicks) return;
    process.kill(record.pid, signal);
    await hasEnded(record, AbortSignal.timeout(stopPatienceMs), endingIntervalMs).catch(() => undefined);
  }
}

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
export async function hasEnded(
  record: Pick<LaneRecord, 'pid' | 'startTicks'>,
  signal: AbortSignal,
  everyMs = watchIntervalMs,
): Promise<void> {
  while ((await startTicksOf(record.pid)) === record.startTicks) await delay(everyMs, undefined, { signal });
}

/**
 * processesNaming gives the openvpn processes of this user whose arguments name a file in `directory`, and what is about to become one:
 * a supervisor may be killed between starting systemd-run or setpriv and their exec.
 */
export async function processesNaming(directory: string, uid: number): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // Processes come and go while we look.
    const commandLine = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    const status = await readFile(`/proc/${entry}/status`, 'utf8').catch(() => '');
    const names = commandLine.split('\0').some((argument) => argument.startsWith(`${directory}/`));
    if (!names) continue;
    const isLane = /^Name:\topenvpn$/m.test(status) && new RegExp(`^Uid:\t${String(uid)}\t`, 'm').test(status);
    if (isLane || /^Name:\t(setpriv|systemd-run)$/m.test(status)) found.push(Number(entry));
  }
  return found;
}
