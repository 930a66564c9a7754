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
 * once it serves all of them. It ends by itself when the channel closes (`disconnect`): its supervisor is gone then.
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
});
export type ControllerStart = z.infer<typeof controllerStart>;

export const controllerListen = z.object({ kind: z.literal('listen'), name: z.enum(['https', 'local', 'gateway']) });
export type ControllerListen = z.infer<typeof controllerListen>;

export type SupervisorToController = ControllerStart | ControllerListen;

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

export type ControllerToSupervisor = { readonly kind: 'ready' } | SetUpLinkMessage;
