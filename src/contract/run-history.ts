/**
 * DIR/history.json: which programs ran on this data directory, and which backups were made before a database was changed. The supervisor
 * writes it; `causeway upgrade --check` reads it, also while nothing runs. A file and no table: an older program has to find its way
 * back from a database that it cannot read any more. No secrets. Explained for users in docs/upgrade.md.
 */
import { z } from 'zod';
import { migrationNumber } from '../core/migration-file.ts';

export const pastRun = z.object({
  /** Of package.json. */
  version: z.string(),
  /** Of the checkout that it ran from; null: it was none. */
  commit: z.string().nullable(),
  /** Name of the last migration of its schema. */
  schema: z.string(),
  /** Version of the PostgreSQL server. */
  server: z.string(),
  firstStart: z.iso.datetime(),
  lastStart: z.iso.datetime(),
});
export type PastRun = z.infer<typeof pastRun>;

export const pastBackup = z.object({
  file: z.string(),
  madeAt: z.iso.datetime(),
  /** Name of the last migration of the schema that it holds. */
  schema: z.string(),
  /** The program that had worked with it; null: not known. */
  version: z.string().nullable(),
  commit: z.string().nullable(),
});
export type PastBackup = z.infer<typeof pastBackup>;

export const runHistory = z.object({ format: z.literal(1), runs: z.array(pastRun), backups: z.array(pastBackup) });
export type RunHistory = z.infer<typeof runHistory>;

export const emptyHistory: RunHistory = { format: 1, runs: [], backups: [] };

/** As many lines as somebody reads; what is older says nothing any more. */
const kept = 20;

/** historyFile is where it lies in the data directory. */
export function historyFile(dataDirectory: string): string {
  return `${dataDirectory}/history.json`;
}

/** lastRun is the program that ran here last. */
export function lastRun(history: RunHistory): PastRun | undefined {
  return history.runs.at(-1);
}

/** withRun adds a start; one of the same program on the same schema and server only moves `lastStart`. */
export function withRun(history: RunHistory, run: Omit<PastRun, 'firstStart' | 'lastStart'>, at: Date): RunHistory {
  const lastStart = at.toISOString();
  const last = lastRun(history);
  const same =
    last !== undefined && (['version', 'commit', 'schema', 'server'] as const).every((field) => last[field] === run[field]);
  const runs = same
    ? [...history.runs.slice(0, -1), { ...last, lastStart }]
    : [...history.runs, { ...run, firstStart: lastStart, lastStart }];
  return { ...history, runs: runs.slice(-kept) };
}

/** withBackup adds a backup, made of what ran here last. */
export function withBackup(history: RunHistory, backup: Pick<PastBackup, 'file' | 'schema'>, at: Date): RunHistory {
  const { version = null, commit = null } = lastRun(history) ?? {};
  return { ...history, backups: [...history.backups, { ...backup, madeAt: at.toISOString(), version, commit }].slice(-kept) };
}

/** wayBack is the newest backup that a program with this last migration can work with. */
export function wayBack(history: RunHistory, schema: string): PastBackup | undefined {
  const own = migrationNumber(schema) ?? 0;
  return history.backups.findLast((backup) => (migrationNumber(backup.schema) ?? Number.POSITIVE_INFINITY) <= own);
}

/** programText names a program as people tell them apart: `0.1.0 (95a9cd12)`. */
export function programText({ version, commit }: { readonly version: string; readonly commit: string | null }): string {
  return commit === null ? version : `${version} (${commit.slice(0, 8)})`;
}
