/** What `causeway upgrade --check --json` prints. Stable: fields may be added, none change. Explained for users in docs/json.md and docs/upgrade.md. */
import { z } from 'zod';

const program = z.object({
  version: z.string(),
  /** Null: it runs from no checkout. */
  commit: z.string().nullable(),
  /** Name of the last migration of its schema. */
  schema: z.string(),
});

export const upgradeProblemCodes = ['newer-schema', 'database-newer', 'database-binaries', 'no-room', 'not-root'] as const;

export const upgradeCheck = z.object({
  data: z.string(),
  /** The program that was asked: what the next start runs. */
  installed: program,
  /** What ran last on this directory; null: nothing has, or a version before 0.2.0, which kept no record. */
  lastRun: program.extend({ server: z.string(), lastStart: z.iso.datetime() }).nullable(),
  /** A controller answers now; version of it. */
  running: z.object({ version: z.string() }).nullable(),
  /** What the next start does to the database, in order. `breaking`: an older program cannot work with the result. */
  migrations: z.array(z.object({ name: z.string(), breaking: z.boolean(), summary: z.string() })),
  /** Major versions of PostgreSQL, now and after the next start; `now` null: there is no database yet, or it is not ours (DATABASE_URL). */
  database: z.object({ now: z.int().nullable(), after: z.int() }),
  /** The backup that the next start makes first; null: it makes none, since nothing changes. */
  backup: z
    .object({
      directory: z.string(),
      /** An upper bound. */
      neededBytes: z.int(),
      freeBytes: z.int(),
    })
    .nullable(),
  /** The last backup of before an upgrade. */
  lastBackup: z.object({ file: z.string(), madeAt: z.iso.datetime(), schema: z.string() }).nullable(),
  /** What the restart ends: `lanes`: tunnels end, and clients and connectors come back by themselves. */
  interrupts: z.enum(['nothing', 'lanes']),
  /** Connectors whose agent is of another version than the installed program; null: not known, since no controller answers or it does not say. */
  otherAgents: z.array(z.object({ connector: z.string(), version: z.string() })).nullable(),
  /** What is in the way of the next start. */
  problems: z.array(z.object({ code: z.enum(upgradeProblemCodes), message: z.string() })),
});
export type UpgradeCheck = z.infer<typeof upgradeCheck>;
export type UpgradeProblem = UpgradeCheck['problems'][number];
