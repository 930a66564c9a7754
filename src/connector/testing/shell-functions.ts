import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { scripts } from './test-site.ts';
import type { Userland } from './test-host.ts';

const shells: Readonly<Record<Userland, readonly [string, ...string[]]>> = { dash: ['dash'], busybox: ['busybox', 'ash'] };

/**
 * runFunctions runs a piece of shell behind the agent's real text (all of it but the call of main) and gives what it printed. For
 * functions that only compute; what touches a machine is tested on a TestSite.
 */
export async function runFunctions(userland: Userland, script: string, input = ''): Promise<string> {
  const { agent } = await scripts({ url: 'https://causeway.test', ca: '' });
  const [shell, ...applet] = shells[userland];
  // BusyBox's own awk, sed and grep too, as on Alpine.
  const applets =
    userland === 'busybox' ? ['awk', 'sed', 'grep'].map((name) => `${name}() { busybox ${name} "$@"; }`).join('\n') : '';
  const text = `${agent.replace(/main "\$@"\n\}\n$/, '')}\n}\n${applets}\nset -u\n${script}\n`;
  // From a file: an argument has 128 KiB at most.
  const directory = await mkdtemp(path.join(tmpdir(), `cw-functions-${String(process.pid)}-`));
  try {
    const file = path.join(directory, 'agent.sh');
    await writeFile(file, text);
    return execFileSync(shell, [...applet, file], {
      input,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      maxBuffer: 64 * 1024 * 1024,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export const userlands: readonly Userland[] = ['dash', 'busybox'];
