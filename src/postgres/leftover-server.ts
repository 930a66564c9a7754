import { readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * stopLeftoverServer ends a server that still runs on this cluster because the process that had started it was killed. The pid in
 * `postmaster.pid` may long belong to something else, so it is believed only if that process works in the cluster's directory.
 * Does nothing if there is none. Throws if it does not end within 30 s.
 */
export async function stopLeftoverServer(dataDir: string): Promise<void> {
  const text = await readFile(path.join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n', 1)[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1 || !(await worksIn(pid, dataDir))) return;
  process.kill(pid, 'SIGINT');
  const giveUpAt = performance.now() + 30_000;
  while (await worksIn(pid, dataDir)) {
    if (performance.now() > giveUpAt) {
      throw new Error(`stopping the PostgreSQL server that was left running in ${dataDir}: process ${String(pid)} does not end`);
    }
    await delay(20);
  }
}

async function worksIn(pid: number, dataDir: string): Promise<boolean> {
  const cwd = await readlink(`/proc/${String(pid)}/cwd`).catch(() => undefined);
  return cwd === path.resolve(dataDir);
}
