/** The real application on a real database, for tests: `await using controller = await testController()`. */
import { randomBytes } from 'node:crypto';
import type { InjectOptions } from 'fastify';
import type { Permission } from '../contract/permission.ts';
import { buildController } from './app.ts';
import type { ControllerApp, ControllerDeps } from './deps.ts';
import { createLog } from './http/request-log.ts';
import { MachineWatch } from './keeping/machine-watch.ts';
import { hashSecret, newSecret } from './http/secret-hash.ts';
import type { Signer } from './pki/signer-client.ts';
import { SignerError } from './pki/signer-error.ts';
import { Metrics } from './metrics/metrics.ts';
import { AgentRequests } from './probe/agent-requests.ts';
import { Probes } from './probe/probes.ts';
import { secretBox } from './store/secret-box.ts';
import { testDatabase } from './store/test-database.ts';
import type { TestDatabase } from './store/test-database.ts';
import { startWakeUp } from './store/wake-up.ts';

export type TestAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The body parsed as JSON; throws if it is none. */
  readonly json: () => unknown;
};

export type TestController = AsyncDisposable & {
  readonly app: ControllerApp;
  readonly deps: ControllerDeps;
  readonly database: TestDatabase;
  /** A request with an access token that may do everything; `body` is sent as JSON. Use `app.inject` for anything special. */
  readonly request: (method: NonNullable<InjectOptions['method']>, url: string, body?: unknown) => Promise<TestAnswer>;
  /** An access token with exactly these permissions. */
  readonly tokenWith: (permissions: readonly Permission[]) => Promise<string>;
  /** What was logged so far. */
  readonly logged: () => string;
  readonly close: () => Promise<void>;
};

/** Stands for a signer that is not running; pass the real one (signer/test-signer.ts) where certificates are made. */
const absentSigner: Signer = {
  authority: async () => await Promise.reject(new SignerError('unavailable', 'this test has no signer')),
  authorities: async () => await Promise.reject(new SignerError('unavailable', 'this test has no signer')),
  stepAuthority: async () => await Promise.reject(new SignerError('unavailable', 'this test has no signer')),
  sign: async () => await Promise.reject(new SignerError('unavailable', 'this test has no signer')),
  signRevocationList: async () => await Promise.reject(new SignerError('unavailable', 'this test has no signer')),
};

export type TestOverrides = Partial<ControllerDeps> & {
  /** 0: no connector has an agent, and nobody waits for one. */
  readonly agentsAwayAfter_ms?: number;
};

export async function testController({ agentsAwayAfter_ms, ...overrides }: TestOverrides = {}): Promise<TestController> {
  const database = await testDatabase();
  const lines: string[] = [];
  const log = createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  const wakeUp = await startWakeUp(database.store, { connectionString: database.connectionString });
  const deps: ControllerDeps = {
    store: database.store,
    wakeUp,
    signer: absentSigner,
    secrets: secretBox(randomBytes(32)),
    installation: { hostname: 'causeway.test', listenPort: 443, vpnPort: 1194, version: '0.0.0-test' },
    rateLimit: { perSecond: 1000, burst: 10_000 },
    probes: new Probes(database.store, new AgentRequests(agentsAwayAfter_ms)),
    cloudReaders: {},
    portalCertificate: () => {
      throw new SignerError('unavailable', 'this test shows no certificate');
    },
    machine: new MachineWatch([]),
    clock: () => new Date(),
    tellSetUpLink: () => undefined,
    portal: undefined,
    log,
    metrics: new Metrics(),
    ...overrides,
  };
  const app = await buildController(deps);

  const tokenWith: TestController['tokenWith'] = async (permissions) => {
    const token = newSecret();
    const credential = await database.store.database
      .insertInto('api_credential')
      .values({ name: 'test', client_id: newSecret(), secret_sha256: hashSecret(newSecret()), permissions: [...permissions] })
      .returning('id')
      .executeTakeFirstOrThrow();
    await database.store.database
      .insertInto('access_token')
      .values({ token_sha256: hashSecret(token), api_credential_id: credential.id, expires_at: new Date(Date.now() + 3_600_000) })
      .execute();
    return token;
  };
  const token = await tokenWith(['all:modify']);
  const close = async (): Promise<void> => {
    await app.close();
    await wakeUp.close();
    await database.close();
  };

  return {
    app,
    deps,
    database,
    request: async (method, url, body) => {
      const response = await app.inject({
        method,
        url,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
        ...(body === undefined ? {} : { headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } }),
      });
      return {
        status: response.statusCode,
        headers: response.headers,
        text: response.body,
        json: () => JSON.parse(response.body) as unknown,
      };
    },
    tokenWith,
    logged: () => lines.join(''),
    close,
    [Symbol.asyncDispose]: close,
  };
}
