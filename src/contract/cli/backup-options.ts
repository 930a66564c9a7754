/**
 * What crosses from `causeway backup` and `causeway restore` to src/backup/main.ts, and from the supervisor to the same program: one JSON
 * value, its only argument. It holds no secret: the passphrase is read from a file that is named here, or asked for at the terminal.
 */
import { z } from 'zod';

const absolute = z.string().startsWith('/');

/** Shorter ones are read out of a stolen file: each try costs 0.9 s of one core, and whoever has it may own thousands. */
export const shortestPassphrase = 15;

export const longestKeep = 1000;

const withPassphrase = { data: absolute, passphraseFile: absolute.nullable() };

/** Seconds between two backups: from a quarter of an hour to a year. */
export const everySeconds = z.int().min(900).max(31_622_400);

export const backupOptions = z.discriminatedUnion('action', [
  z.object({ action: z.literal('create'), ...withPassphrase, file: absolute }),
  z.object({
    action: z.literal('schedule'),
    data: absolute,
    everySeconds,
    keep: z.int().min(1).max(longestKeep),
    directory: absolute,
    passphraseFile: absolute,
  }),
  z.object({ action: z.literal('unschedule'), data: absolute }),
  z.object({ action: z.literal('status'), data: absolute, json: z.boolean() }),
  z.object({ action: z.literal('verify'), file: absolute, passphraseFile: absolute.nullable() }),
  z.object({ action: z.literal('show'), file: absolute, passphraseFile: absolute.nullable(), json: z.boolean() }),
  z.object({
    action: z.literal('restore'),
    ...withPassphrase,
    file: absolute,
    replace: z.boolean(),
    hostname: z.string().min(1).max(253).nullable(),
    /** For the second stage: the first has made the directory, so a failure takes it away again. */
    isNew: z.boolean().default(false),
  }),
  /** By the supervisor: what `schedule` has set, now. */
  z.object({ action: z.literal('scheduled'), data: absolute }),
  /** By the supervisor, while the database runs and no controller does. */
  z.object({ action: z.literal('before-migration'), data: absolute }),
]);
export type BackupOptions = z.infer<typeof backupOptions>;
