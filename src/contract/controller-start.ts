/**
 * What the supervisor and the controller say to each other over the controller's IPC channel. The supervisor starts the process early,
 * so that its modules load while the database starts, and sends `start` when the database and the signer are ready; then one
 * `listen` for each socket, with the open socket (a net.Server that already accepts) as the message's handle:
 *
 *   process.on('message', (message, handle) => …)   and then   handle.on('connection', (socket) => server.emit('connection', socket))
 *
 * since `server.listen(handle)` fails for unix sockets (EEXIST: Node opens the same descriptor a second time).
 *
 * `https` serves every route over TLS. `local` (DIR/run/api.sock, in a directory that only root may enter) serves the same as the
 * principal `local root`. `gateway` (only sent with a gateway on this machine) serves /gateway/v1 alone. The controller answers `ready`
 * once it serves all of them, and a `ping` (supervisor-control.ts) whenever one comes. It ends by itself when the channel closes (`disconnect`): its supervisor is gone then.
 */
import { z } from 'zod';

export const controllerInstallation = z.object({
  /** Names this installation's kernel objects on the machine (tun cwN-*, table causeway_N). */
  number: z.int().min(0).max(15),
  /** DNS name or address that the portal's certificate, the profiles and the install commands carry. */
  hostname: z.string().min(1).max(253),
  /** The port that `https` really listens on. */
  listenPort: z.int().min(1).max(65_535),
  vpnPort: z.int().min(1).max(65_535),
  /** Region of this machine's gateway; null: the default region. */
  region: z.string().nullable(),
});
export type ControllerInstallation = z.infer<typeof controllerInstallation>;

export const controllerStart = z.object({
  kind: z.literal('start'),
  /** postgres:// URL; it may hold a password, which is why it comes this way and not as an argument. */
  database: z.string().startsWith('postgres'),
  installation: controllerInstallation,
  /** SHA-256 (hex) of the token of this machine's gateway; null with --no-gateway. */
  gatewayTokenHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** Absolute path. The controller's own things lie in `controller/`, the signer answers on `signer/sock/signer.sock`. */
  dataDir: z.string().startsWith('/'),
  /** The portal's certificate and key as the operator gave them, copied to where the controller may read them; null: ask the signer. */
  tls: z.object({ certFile: z.string().startsWith('/'), keyFile: z.string().startsWith('/') }).nullable(),
  /** Absolute path of what src/portal-build has made; null: it could not be built, and only the API is served. */
  portal: z.string().startsWith('/').nullable(),
  /** Absent from a supervisor that an upgrade has left running: it makes no backups, so nothing is migrated. */
  upgrade: z
    .object({
      /** False: the operator has said that the database is migrated without a backup before it. */
      backUpFirst: z.boolean(),
      /** Version of the program that ran here last; null: not known, or none has. */
      previousVersion: z.string().nullable(),
    })
    .optional(),
});
export type ControllerStart = z.infer<typeof controllerStart>;

export const controllerListen = z.object({ kind: z.literal('listen'), name: z.enum(['https', 'local', 'gateway']) });
export type ControllerListen = z.infer<typeof controllerListen>;

const migrationName = z.string().regex(/^\d{4}_[a-z0-9_]{1,100}\.sql$/);

/** What a text for the operator's terminal and journal may be: the controller may have been taken over. */
const sentence = z
  .string()
  .min(1)
  .max(4000)
  .regex(/^[^\p{Cc}]*$/u);

/**
 * The database is about to be migrated, and holds something: the controller waits for `backed-up` before it changes anything. The supervisor
 * makes the backup, since the controller reads neither the CA's key nor writes outside its own directory.
 */
export const backUpFirst = z.strictObject({
  kind: z.literal('back-up-first'),
  pending: z.array(migrationName).min(1),
  /** The last migration that the database has. */
  schema: migrationName,
});
export type BackUpFirst = z.infer<typeof backUpFirst>;

/** The answer: where the backup is, or why there is none. */
export const backedUp = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('backed-up'), file: z.string() }),
  z.object({ kind: z.literal('not-backed-up'), why: z.string() }),
]);
export type BackedUp = z.infer<typeof backedUp>;

/** The schema is this program's, before `ready`. `server` is PostgreSQL's version. */
export const schemaMessage = z.strictObject({
  kind: z.literal('schema'),
  schema: migrationName,
  applied: z.array(migrationName),
  server: z.string().regex(/^[\w.() +~-]{1,100}$/),
});
export type SchemaMessage = z.infer<typeof schemaMessage>;

/** The controller ends, and starting it again would not help. */
export const cannotStart = z.discriminatedUnion('code', [
  /** A newer version has changed the database; `schema` is the last migration that this one knows: the supervisor knows the way back. */
  z.strictObject({ kind: z.literal('cannot-start'), code: z.literal('newer-schema'), sentence, schema: migrationName }),
  z.strictObject({ kind: z.literal('cannot-start'), code: z.literal('other'), sentence }),
]);
export type CannotStart = z.infer<typeof cannotStart>;

export type SupervisorToController = ControllerStart | ControllerListen | BackedUp;

/**
 * The link that sets this installation up, as it counts now: before `ready`, whenever a new one is made, and null when there is none (any
 * more). It holds a secret. The supervisor keeps it in DIR/setup-link, which the controller may not write.
 */
export const setUpLinkMessage = z.strictObject({
  kind: z.literal('set-up-link'),
  /** The controller may have been taken over: no blanks and control characters, so that a terminal shows a link and nothing else. */
  url: z
    .string()
    .regex(/^https:\/\/[A-Za-z0-9.:[\]-]{1,260}\/set-up#[A-Za-z0-9_-]{43}$/)
    .nullable(),
});
export type SetUpLinkMessage = z.infer<typeof setUpLinkMessage>;

export type ControllerToSupervisor = { readonly kind: 'ready' } | SetUpLinkMessage | BackUpFirst | SchemaMessage | CannotStart;
