import { readFile, readdir } from 'node:fs/promises';

/** ProcessRights is what /proc/PID/status says of a process: ids, and capability masks in hexadecimal without leading zeros. */
export type ProcessRights = {
  readonly uid: string;
  readonly gid: string;
  readonly groups: string;
  readonly effective: string;
  readonly permitted: string;
  readonly bounding: string;
  readonly ambient: string;
  readonly noNewPrivileges: string;
};

export async function rightsOf(pid: number): Promise<ProcessRights> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
  const mask = (name: string) => field(name).replace(/^0+(?=.)/, '');
  // Real, effective, saved and file system id: all four have to be the same.
  const id = (name: string) => [...new Set(field(name).split('\t'))].join(' ');
  return {
    uid: id('Uid'),
    gid: id('Gid'),
    groups: field('Groups'),
    effective: mask('CapEff'),
    permitted: mask('CapPrm'),
    bounding: mask('CapBnd'),
    ambient: mask('CapAmb'),
    noNewPrivileges: field('NoNewPrivs'),
  };
}

/** childrenOf gives the pids of the live children of a process. */
export async function childrenOf(parent: number): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const status = await readFile(`/proc/${entry}/status`, 'utf8').catch(() => '');
    if (new RegExp(`^PPid:\\s${String(parent)}$`, 'm').test(status) && !/^State:\sZ/m.test(status)) found.push(Number(entry));
  }
  return found;
}

export async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  return status !== '' && !/^State:\s[ZX]/m.test(status);
}
