import { readFileSync } from 'node:fs';
import type { Host } from './host.ts';
import { runProgram } from './run-program.ts';

export type Process = { readonly pid: number; readonly parent: number; readonly command: string };

/** processesOf lists what runs on a host, by the process ids of the real machine; the command with its arguments, separated by blanks. */
export async function processesOf(host: Host): Promise<readonly Process[]> {
  const { stdout } = await runProgram(['ip', 'netns', 'pids', host.namespace]);
  return stdout.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      const command = readFileSync(`/proc/${line}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${line}/status`, 'utf8'))?.[1]);
      return [{ pid: Number(line), parent, command }];
    } catch {
      // Ended since it was listed.
      return [];
    }
  });
}

/**
 * findProcess is the one process whose command matches; throws when there is none or more than one, with what there is. A child that has
 * just been forked bears its parent's command for a moment and does not count.
 */
export async function findProcess(host: Host, command: RegExp): Promise<Process> {
  const all = await processesOf(host);
  const matching = all.filter((process) => command.test(process.command));
  const [found, another] = matching.filter((process) => !matching.some(({ pid }) => pid === process.parent));
  if (found !== undefined && another === undefined) return found;
  const list = all.map(({ pid, command: text }) => `${pid} ${text}`).join('\n');
  throw new Error(
    `${found === undefined ? 'no process' : 'more than one process'} on ${host.name} matches ${String(command)}:\n${list}`,
  );
}
