import { readFile } from 'node:fs/promises';
import type { Log } from './log.ts';
import { runProgram } from './run-program.ts';

/**
 * The agent's numbers (gateway/kernel/ownership.ts), each plus the installation's: the overlay's table, and the preferences of its rules.
 * Routes of all other tables go with their tuns.
 */
const firstTable = 9600;
const firstPreferences = [9540, 9560, 9600, 9640, 9680];

/**
 * sweepKernel removes what the gateway had set up in the kernel, after agent and lanes have ended in order: tuns, the nft table, rules and
 * routes that carry the installation's number. Nothing else. Failures are logged only: the next start of the agent reconciles anyway, and
 * what stays routes nothing, since its tuns are gone or have no daemon.
 */
export async function sweepKernel(number: number, log: Log): Promise<void> {
  const table = String(firstTable + number);
  for (const device of devicesOf(number, await readFile('/proc/net/dev', 'utf8').catch(() => ''))) {
    await attempt(log, 'ip', ['link', 'delete', 'dev', device]);
  }
  const { stdout: tables } = await runProgram('nft', ['list', 'tables']);
  const name = `causeway_${String(number)}`;
  if (tables.split('\n').includes(`table inet ${name}`)) await attempt(log, 'nft', ['delete', 'table', 'inet', name]);
  const { stdout: rules } = await runProgram('ip', ['rule', 'show']);
  for (const preference of firstPreferences.map((first) => String(first + number)))
    for (const rule of rules.split('\n'))
      if (rule.startsWith(`${preference}:`)) await attempt(log, 'ip', ['rule', 'delete', 'pref', preference]);
  const { stdout: routes } = await runProgram('ip', ['route', 'show', 'table', table]);
  if (routes.trim() !== '') await attempt(log, 'ip', ['route', 'flush', 'table', table]);
}

/** devicesOf reads /proc/net/dev. */
export function devicesOf(number: number, devices: string): string[] {
  return [...devices.matchAll(/^\s*(cw(\d+)-[utch]\d+):/gm)]
    .filter((match) => Number(match[2]) === number)
    .map((match) => match[1] ?? '');
}

async function attempt(log: Log, program: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await runProgram(program, args);
  if (code !== 0) log.warn('could not remove', { command: [program, ...args].join(' '), error: stderr.trim() });
}
