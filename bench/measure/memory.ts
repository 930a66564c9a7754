import { readFileSync } from 'node:fs';

/** Mapping is one mapping of a process, in kB as the kernel counts. */
type Mapping = { readonly file: string | null; readonly pssKb: number; readonly anonymousKb: number; readonly rssKb: number };

/**
 * memoryOf gives the MB (10^6 bytes) that processes take together: their PSS, if nobody but them mapped their files. Plain PSS would
 * divide the pages of Node's 100 MB program by every Node that happens to run on the machine, the benchmark's own included, and so be
 * the smaller the more of them there are.
 */
export function memoryOf(pids: readonly number[]): number {
  const files = new Map<string, number>();
  let kb = 0;
  for (const mapping of pids.flatMap(mappingsOf)) {
    if (mapping.file === null) kb += mapping.pssKb;
    else {
      // Pages of one piece of a file are there once, however many map it; which of them each process has touched is not told.
      kb += mapping.anonymousKb;
      files.set(mapping.file, Math.max(files.get(mapping.file) ?? 0, mapping.rssKb - mapping.anonymousKb));
    }
  }
  for (const shared of files.values()) kb += shared;
  return (kb * 1024) / 1e6;
}

/** ownMemoryOf gives the MB (10^6 bytes) that are no pages of files: what nobody can share and the kernel cannot drop. */
export function ownMemoryOf(pids: readonly number[]): number {
  return (
    (pids.flatMap(mappingsOf).reduce((sum, { file, pssKb, anonymousKb }) => sum + (file === null ? pssKb : anonymousKb), 0) *
      1024) /
    1e6
  );
}

/** proportionalMemoryOf gives the sum of the kernel's own PSS in MB (10^6 bytes), for comparison with what other tools print. */
export function proportionalMemoryOf(pids: readonly number[]): number {
  return (pids.flatMap(mappingsOf).reduce((sum, { pssKb }) => sum + pssKb, 0) * 1024) / 1e6;
}

/** marginalOf gives what each of several equal processes adds to the others, in MB (10^6 bytes); of many only for the first `sampled`. */
export function marginalOf(pids: readonly number[], sampled = pids.length): number[] {
  const all = memoryOf(pids);
  return pids.slice(0, sampled).map((left) => all - memoryOf(pids.filter((pid) => pid !== left)));
}

/** Header: `start-end rights offset device inode path`; then `Name:  N kB` lines (proc_pid_smaps(5)). */
function mappingsOf(pid: number): Mapping[] {
  const text = readSmaps(pid);
  return text.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((block) => {
    const [, rights, offset, device, inode] = /^\S+ (\S+) (\S+) (\S+) (\d+)/.exec(block) ?? [];
    if (rights === undefined || offset === undefined || device === undefined || inode === undefined) return [];
    const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(block)?.[1] ?? 0);
    // Shared memory (PostgreSQL's) has an inode as well, but all who map it are among those measured.
    const isFile =
      inode !== '0' && !block.slice(0, block.indexOf('\n')).endsWith('(deleted)') && !/\/dev\/(?:zero|shm)/.test(block);
    return [
      {
        file: isFile ? `${device} ${inode} ${offset} ${rights}` : null,
        pssKb: kb('Pss'),
        anonymousKb: kb('Anonymous'),
        rssKb: kb('Rss'),
      },
    ];
  });
}

/** Short-lived children (`ip`, `curl`, `sleep`) may be gone when it is their turn. */
function readSmaps(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/smaps`, 'utf8');
  } catch {
    return '';
  }
}
