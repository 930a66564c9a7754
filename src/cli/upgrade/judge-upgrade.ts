/**
 * src/cli/upgrade says what the next start of this program would change: facts.ts reads them, judge-upgrade.ts decides, upgrade-text.ts words it.
 * Nothing is changed, and nothing is started. Tests: `node --test 'src/cli/upgrade/*.test.ts'`.
 */
import type { UpgradeCheck, UpgradeProblem } from '../../contract/cli/upgrade.ts';
import type { RunHistory } from '../../contract/run-history.ts';
import { lastRun, programText } from '../../contract/run-history.ts';
import type { MigrationFile } from '../../core/migration-file.ts';
import { migrationNumber } from '../../core/migration-file.ts';

/** UpgradeFacts is what was found on the machine. */
export type UpgradeFacts = {
  readonly data: string;
  readonly installed: { readonly version: string; readonly commit: string | null };
  readonly migrations: readonly MigrationFile[];
  /** Null: there is none, because this directory has not been used, or by a version that kept none. */
  readonly history: RunHistory | null;
  readonly running: { readonly version: string } | null;
  readonly agents: readonly { readonly connector: string; readonly version: string | null }[] | null;
  readonly database: { readonly kind: 'none' | 'external' | 'not-readable' } | PrivateDatabase;
  /** Major version of the PostgreSQL that comes with this program. */
  readonly serverMajor: number;
  readonly freeBytes: number;
  /** A service manager runs it, so that a restart keeps the lanes. */
  readonly service: boolean;
};

type PrivateDatabase = {
  readonly kind: 'private';
  readonly major: number;
  readonly bytes: number;
  /** The programs that made it lie beside it (decision 104). */
  readonly binariesKept: boolean;
};

/** The last schema of versions that kept no record. */
const lastUnrecorded = 17;
/** A new cluster with its first log, and room to work. */
const newCluster_bytes = 200 * 1024 * 1024;
/** The least that is counted for a backup: keys, and what every database has. */
const smallestBackup_bytes = 16 * 1024 * 1024;

/** judgeUpgrade is pure: what would change, and what is in the way. */
export function judgeUpgrade(facts: UpgradeFacts): UpgradeCheck {
  const { history, database, migrations, serverMajor } = facts;
  const last = history === null ? undefined : lastRun(history);
  const schema = migrations.at(-1)?.name ?? '';
  const own = migrationNumber(schema) ?? 0;
  const hasData = database.kind !== 'none';
  const theirs = last === undefined ? lastUnrecorded : (migrationNumber(last.schema) ?? lastUnrecorded);
  const pending = hasData ? migrations.filter(({ number }) => number > theirs) : [];
  const now = database.kind === 'private' ? database.major : null;
  const newMajor = now !== null && now < serverMajor;
  const backup = pending.length > 0 || newMajor ? neededFor(facts, newMajor) : null;
  const lastBackup = history?.backups.at(-1);
  return {
    data: facts.data,
    installed: { ...facts.installed, schema },
    lastRun:
      last === undefined
        ? null
        : { version: last.version, commit: last.commit, schema: last.schema, server: last.server, lastStart: last.lastStart },
    running: facts.running,
    migrations: pending.map(({ name, breaking, summary }) => ({ name, breaking, summary })),
    database: { now, after: serverMajor },
    backup,
    lastBackup: lastBackup === undefined ? null : { file: lastBackup.file, madeAt: lastBackup.madeAt, schema: lastBackup.schema },
    interrupts: facts.service ? 'nothing' : 'lanes',
    otherAgents:
      facts.agents?.flatMap(({ connector, version }) =>
        version === null || version === facts.installed.version ? [] : [{ connector, version }],
      ) ?? null,
    problems: problemsOf(facts, backup, last !== undefined && theirs > own ? programText(last) : undefined),
  };
}

function neededFor({ data, database, freeBytes }: UpgradeFacts, newMajor: boolean): NonNullable<UpgradeCheck['backup']> {
  const bytes = database.kind === 'private' ? database.bytes : 0;
  const neededBytes = Math.max(bytes, smallestBackup_bytes) + (newMajor ? bytes + newCluster_bytes : 0);
  return { directory: `${data}/backups`, neededBytes, freeBytes };
}

function problemsOf(facts: UpgradeFacts, backup: UpgradeCheck['backup'], newerProgram: string | undefined): UpgradeProblem[] {
  const { data, database, serverMajor } = facts;
  const problems: UpgradeProblem[] = [];
  if (database.kind === 'not-readable') {
    problems.push({ code: 'not-root', message: `The database in ${data}/pg cannot be looked at: run this as root.` });
  }
  if (newerProgram !== undefined) {
    problems.push({
      code: 'newer-schema',
      message: `A newer version, ${newerProgram}, ran on ${data} last: this one starts only if the changes that it made to the database are compatible, and says the way back if they are not.`,
    });
  }
  if (database.kind === 'private' && database.major > serverMajor) {
    problems.push({
      code: 'database-newer',
      message: `The database in ${data}/pg is of PostgreSQL ${String(database.major)}, and this version comes with ${String(serverMajor)}: start the version that made it, or restore a backup.`,
    });
  }
  if (database.kind === 'private' && database.major < serverMajor && !database.binariesKept) {
    problems.push({
      code: 'database-binaries',
      message: `The database in ${data}/pg is of PostgreSQL ${String(database.major)}, and the programs that can read it are not in ${data}/pg/server-${String(database.major)}: start the version that ran last once more, or restore a backup with this one.`,
    });
  }
  if (backup !== null && backup.neededBytes > backup.freeBytes) {
    problems.push({
      code: 'no-room',
      message: `The backup before the upgrade may need ${megabytes(backup.neededBytes)} in ${backup.directory}, and ${megabytes(backup.freeBytes)} are free: free some space.`,
    });
  }
  return problems;
}

/** megabytes rounds up: never less than what is needed. */
export function megabytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1_000_000))} MB`;
}
