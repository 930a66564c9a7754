import { readdirSync, readFileSync } from 'node:fs';

/** Process is one line of the process table: what is needed to find who belongs to whom. */
export type Process = { readonly pid: number; readonly parent: number; readonly name: string; readonly command: string };

/** processTable lists what runs now; processes that end meanwhile are left out. */
export function processTable(): Process[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
        const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        // Field 4, counted behind the name, which may hold spaces and brackets (proc(5)).
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return [{ pid: Number(entry), parent, name, command }];
      } catch {
        return [];
      }
    });
}

/** treeOf gives a process and all that it has started, directly or not, as far as they run. */
export function treeOf(root: number, table: readonly Process[]): Process[] {
  const children = table.filter(({ parent }) => parent === root);
  return [...table.filter(({ pid }) => pid === root), ...children.flatMap(({ pid }) => treeOf(pid, table))];
}
