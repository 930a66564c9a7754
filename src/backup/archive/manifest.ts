/**
 * src/backup/archive is the format of a backup (docs/backup.md): a tar whose first entry is the manifest, compressed with zstd, and encrypted
 * in the age format. It knows nothing of where files and tables come from.
 */
import { z } from 'zod';

/** The first entry. Its name never changes, in no version of the format: a reader can always say what it has before it. */
export const manifestName = 'manifest.json';

/** Raised when an older program could not read the result any more. Fields that may be left alone are added without it. */
export const formatVersion = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const content = { name: z.string().min(1).max(200), bytes: z.int().min(0), sha256 };

/** Who owns a file after a restore: the system users of the machine that it is restored on, by what they are for. */
const fileOwner = z.enum(['root', 'signer', 'controller']);
export type FileOwner = z.infer<typeof fileOwner>;

const fileEntry = z.object({
  ...content,
  kind: z.literal('file'),
  /** Below the data directory, in the places that are kept and no other. */
  path: z.string().regex(/^(?:installation\.json|(?:signer|controller)\/[A-Za-z0-9_-][A-Za-z0-9._-]*)$/),
  owner: fileOwner,
  mode: z.int().min(0).max(0o777),
});
export type FileEntry = z.infer<typeof fileEntry>;

const tableName = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);
const tableEntry = z.object({
  ...content,
  kind: z.literal('table'),
  table: tableName,
  columns: z.array(tableName).min(1),
  rows: z.int().min(0),
});
export type TableEntry = z.infer<typeof tableEntry>;

const migrationEntry = z.object({ number: z.int().min(1), name: z.string(), sha256 });

/** manifest says what a backup is of, and what every entry after it has to be. */
export const manifest = z.object({
  format: z.literal('causeway-backup'),
  formatVersion: z.literal(formatVersion),
  programVersion: z.string(),
  /** The moment of the snapshot, by the clock of the machine. */
  createdAt: z.iso.datetime(),
  /** The schema: every migration that was applied, in order. */
  migrations: z.array(migrationEntry).min(1),
  postgres: z.string(),
  installation: z.object({
    /** SHA-256 of the CA's certificate: the same for an installation wherever it is restored. */
    id: sha256,
    number: z.int(),
    hostname: z.string(),
  }),
  entries: z.array(z.discriminatedUnion('kind', [fileEntry, tableEntry])),
  /** What numbers are given next. As text: a bigint may not fit a number. */
  sequences: z.array(
    z.object({ table: tableName, column: tableName, lastValue: z.string().regex(/^-?\d{1,19}$/), isCalled: z.boolean() }),
  ),
});
export type Manifest = z.infer<typeof manifest>;
export type ManifestEntry = Manifest['entries'][number];
export type SequenceState = Manifest['sequences'][number];

/** Only what tells one format from another: read first, so that what is newer is called newer and not damaged. */
export const manifestHead = z.object({
  format: z.literal('causeway-backup'),
  formatVersion: z.int().min(1),
  programVersion: z.string(),
});
