/**
 * What crosses from `causeway up` to the supervisor: one JSON value, the only argument of src/supervisor/main.ts. It holds no
 * secret (argv is readable by everybody on the machine); DATABASE_URL stays in the environment.
 */
import { z } from 'zod';
import { lanePort } from '../../core/lanes.ts';

/** The longest unix socket path is 107 bytes (sockaddr_un), and the data directory needs 27 of them below it. */
export const maximumDataDirectoryBytes = 80;

/** Connector lanes are numbered with at most three digits, so the highest lane's port must still be a port. */
export const maximumVpnPort = 65_535 - lanePort('c999', 0);

export const upOptions = z.object({
  /** Absolute path; everything `up` writes is below it. */
  data: z.string().startsWith('/'),
  /** `address` is canonical text of either family; port 0 asks for any free one. */
  listen: z.object({ address: z.string(), port: z.int().min(0).max(65_535) }),
  /** DNS name or address that the portal's certificate carries; null: the machine's address on its default route. */
  hostname: z.string().nullable(),
  vpnPort: z.int().min(1).max(maximumVpnPort),
  /** Region id of this machine's gateway; null: the installation's default region. */
  region: z.string().nullable(),
  /** False with --no-gateway: controller and database only. */
  gateway: z.boolean(),
  /** Absolute paths of the portal's certificate and key (PEM); null: a certificate of our own CA, DIR/ca.crt. */
  tls: z.object({ certificate: z.string().startsWith('/'), key: z.string().startsWith('/') }).nullable(),
  /** Of the checkout that `up` was started from; absent: it is none. */
  commit: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/)
    .optional(),
  /** The database is brought to a new schema without a backup before it. */
  migrateWithoutBackup: z.boolean().optional(),
});
export type UpOptions = z.infer<typeof upOptions>;
