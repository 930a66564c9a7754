import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { CloudReaders } from './cloud/cloud-reader.ts';
import type { ConfigurationSource } from './gateway-stream/configuration-source.ts';
import type { MachineWatch } from './keeping/machine-watch.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { BuiltPortal } from './pages/built-portal.ts';
import type { Signer } from './pki/signer-client.ts';
import type { Probes } from './probe/probes.ts';
import type { SecretBox } from './store/secret-box.ts';
import type { Store } from './store/store.ts';
import type { WakeUp } from './store/wake-up.ts';

/** InstallationInfo is what profiles, install commands and answers say about this installation. */
export type InstallationInfo = {
  /** The DNS name or address that the portal's certificate carries. */
  readonly hostname: string;
  readonly listenPort: number;
  readonly vpnPort: number;
  readonly version: string;
  /** `sha256//…` of the portal's key, which install commands pin; absent where the certificate is one that every machine trusts. */
  readonly portalPin?: string;
};

/** RateLimit: a credential may send `burst` requests at once and `perSecond` in the long run. Both are integers of at least 1. */
export type RateLimit = { readonly perSecond: number; readonly burst: number };

/** ControllerDeps is everything that routes and domain functions get from outside: no module reads the environment or opens a file. */
export type ControllerDeps = {
  readonly store: Store;
  readonly wakeUp: WakeUp;
  readonly signer: Signer;
  readonly secrets: SecretBox;
  readonly installation: InstallationInfo;
  readonly rateLimit: RateLimit;
  readonly probes: Probes;
  readonly cloudReaders: CloudReaders;
  /** Undefined where it could not be built: the API serves all the same. */
  readonly portal: BuiltPortal | undefined;
  readonly log: FastifyBaseLogger;
  readonly metrics: Metrics;
  /** PEM of what the https listener shows now, without its key. */
  readonly portalCertificate: () => string;
  /** The room and the clock of the machine that this controller runs on. */
  readonly machine: MachineWatch;
  /** The time of day: codes of authenticator apps depend on it. */
  readonly clock: () => Date;
  /** Tells the supervisor the set-up link that counts now, null when there is none (any more). It holds a secret. */
  readonly tellSetUpLink: (url: string | null) => void;
};

/** ControllerApp is Fastify with zod schemas as the types of bodies, queries, parameters and answers. */
export type ControllerApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** RouteDeps is what routes get besides: parts of the application that several of them use. */
export type RouteDeps = ControllerDeps & { readonly configurations: ConfigurationSource };

/** RegisterRoutes is what each part of the controller exports; it is called inside a plugin of its own prefix. */
export type RegisterRoutes = (app: ControllerApp, deps: RouteDeps) => void | Promise<void>;
