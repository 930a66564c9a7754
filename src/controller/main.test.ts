import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ControllerStart } from '../contract/controller-start.ts';
import { applicationDatabase, connectionString, startEmbeddedPostgres } from '../postgres/embedded-postgres.ts';
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from '../postgres/embedded-postgres.ts';
import { SignerClient } from './pki/signer-client.ts';
import { startSigner } from './signer/test-signer.ts';
import type { RunningSigner } from './signer/test-signer.ts';

/** The real process with a database of its own, which the tests kill; the supervisor's place is taken by this file. */
const token = 'gateway-token-of-this-test';
let directory = '';
let postgresOptions: EmbeddedPostgresOptions;
let postgres: EmbeddedPostgres;
let signer: RunningSigner;
let ca = '';

before(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'cw-main-'));
  await chmod(directory, 0o755);
  await mkdir(path.join(directory, 'controller'), { mode: 0o700 });
  await mkdir(path.join(directory, 'pg'));
  const user = process.getuid?.() === 0 ? { name: 'nobody', uid: 65534, gid: 65534 } : undefined;
  if (user !== undefined) await chown(path.join(directory, 'pg'), user.uid, user.gid);
  postgresOptions = {
    dataDir: path.join(directory, 'pg', 'data'),
    socketDir: path.join(directory, 'pg', 's'),
    libraryDir: path.join(directory, 'pg', 'lib'),
    // Its sudden death is a test, so what was committed has to be there.
    durable: true,
    ...(user === undefined ? {} : { user }),
  };
  postgres = await startEmbeddedPostgres(postgresOptions);
  signer = await startSigner();
  await mkdir(path.join(directory, 'signer', 'sock'), { recursive: true });
  await symlink(signer.socketPath, path.join(directory, 'signer', 'sock', 'signer.sock'));
  const client = new SignerClient(signer.socketPath);
  ca = await client.authority();
  await client.close();
});

after(async () => {
  await signer.stop();
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
});

type Running = {
  readonly child: ChildProcess;
  readonly port: number;
  readonly socketPath: string;
  readonly output: () => string;
  /** What it said over its channel. */
  readonly told: readonly { readonly kind: string; readonly url?: string }[];
};

async function startProcess(): Promise<Running> {
  const child = fork(path.join(import.meta.dirname, 'main.ts'), { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const portal = net.createServer().listen(0, '127.0.0.1');
  await once(portal, 'listening');
  const address = portal.address();
  assert.ok(address !== null && typeof address === 'object');
  const socketPath = path.join(directory, `api-${String(child.pid)}.sock`);
  // Renamed as the supervisor does it: closing our copy removes the path that it was opened at.
  const local = net.createServer().listen(`${socketPath}.new`);
  await once(local, 'listening');
  await rename(`${socketPath}.new`, socketPath);
  const start: ControllerStart = {
    kind: 'start',
    database: connectionString(postgresOptions.socketDir, applicationDatabase),
    installation: { number: 0, hostname: '127.0.0.1', listenPort: address.port, vpnPort: 1194, region: 'it-mxp' },
    gatewayTokenHash: createHash('sha256').update(token).digest('hex'),
    dataDir: directory,
    tls: null,
    portal: null,
  };
  const told: { kind: string; url?: string }[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the controller ended with ${String(code)}: ${output}`)));
    child.on('message', (message: { kind: string; url?: string }) => {
      told.push(message);
      if (message.kind === 'ready') resolve();
    });
  });
  const gateway = net.createServer().listen(path.join(directory, `gateway-${String(child.pid)}.sock`));
  await once(gateway, 'listening');
  // The sockets may come before the start: they must wait and not be lost.
  child.send({ kind: 'listen', name: 'local' }, local);
  child.send({ kind: 'listen', name: 'https' }, portal);
  child.send(start);
  child.send({ kind: 'listen', name: 'gateway' }, gateway);
  await ready;
  for (const server of [portal, local, gateway]) server.close();
  return { child, port: address.port, socketPath, output: () => output, told };
}

async function stopProcess(running: Running, how: (child: ChildProcess) => void): Promise<number | null> {
  const exit = once(running.child, 'exit');
  how(running.child);
  const [code] = (await exit) as [number | null];
  return code;
}

type Answer = { readonly status: number; readonly headers: http.IncomingHttpHeaders; readonly body: string };

async function ask(options: https.RequestOptions, body?: object): Promise<Answer> {
  const request =
    options.socketPath === undefined ? https.request({ host: '127.0.0.1', ca, agent: false, ...options }) : http.request(options);
  request.setHeader('content-type', 'application/json');
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => (text += chunk));
  await once(response, 'end');
  return { status: response.statusCode ?? 0, headers: response.headers, body: text };
}

async function credential(running: Running): Promise<string> {
  const made = await ask(
    { socketPath: running.socketPath, method: 'POST', path: '/api/causeway/v1/api-credentials' },
    { name: 'test' },
  );
  assert.equal(made.status, 201, made.body);
  const { client_id, client_secret }: { client_id: string; client_secret: string } = JSON.parse(made.body);
  const issued = await ask({ port: running.port, method: 'POST', path: '/api/v1/oauth/token' }, { client_id, client_secret });
  assert.equal(issued.status, 200, issued.body);
  const answer: { access_token: string } = JSON.parse(issued.body);
  return answer.access_token;
}

test('the process serves what it was handed, over TLS of our CA, and stops on SIGTERM', { timeout: 60_000 }, async () => {
  const running = await startProcess();
  try {
    const health = await ask({ port: running.port, path: '/api/causeway/v1/healthz' });
    assert.deepEqual([health.status, health.body], [200, '{"status":"ok"}']);
    const access = await credential(running);
    const regions = await ask({ port: running.port, path: '/api/v1/regions', headers: { authorization: `Bearer ${access}` } });
    assert.equal(regions.status, 200);
    const region = await ask({ socketPath: running.socketPath, path: '/api/v1/settings/wpc/default-region' });
    assert.equal(region.body, 'it-mxp', 'the region of the first start is the default one');
    // Root's socket is what makes somebody root, not the machine.
    const remote = async (headers = {}) =>
      (await ask({ port: running.port, method: 'POST', path: '/api/causeway/v1/api-credentials', headers }, { name: 'test' }))
        .status;
    assert.deepEqual([await remote(), await remote({ authorization: `Bearer ${access}` })], [401, 403]);
    // The supervisor is told the set-up link before `ready`; the log, which the supervisor passes on, does not hold it.
    assert.deepEqual(
      running.told.map(({ kind }) => kind),
      ['schema', 'set-up-link', 'ready'],
    );
    const { url = '' } = running.told.find(({ kind }) => kind === 'set-up-link') ?? {};
    assert.match(url, /\/set-up#[A-Za-z0-9_-]{43}$/);
    assert.equal(running.output().includes(url.split('#')[1] ?? url), false);
  } finally {
    assert.equal(await stopProcess(running, (child) => child.kill('SIGTERM')), 0, running.output());
  }
});

test('the process ends by itself when its supervisor is gone', { timeout: 60_000 }, async () => {
  const running = await startProcess();
  assert.equal(await stopProcess(running, (child) => child.disconnect()), 0, running.output());
});

test('a database that is killed costs 503 until it is back; the process lives on and nothing committed is lost', {
  timeout: 60_000,
}, async () => {
  const running = await startProcess();
  try {
    const access = await credential(running);
    const regions = async () =>
      await ask({ port: running.port, path: '/api/v1/regions', headers: { authorization: `Bearer ${access}` } });
    assert.equal((await regions()).status, 200);

    process.kill(postgres.pid, 'SIGKILL');
    await postgres.exited;
    const during = await regions();
    assert.equal(during.status, 503, during.body);
    assert.match(during.body, /database cannot be reached.*SERVICE_UNAVAILABLE/s);
    assert.equal(during.headers['retry-after'], '1');
    assert.equal((await ask({ port: running.port, path: '/api/causeway/v1/readyz' })).status, 503);
    assert.equal((await ask({ port: running.port, path: '/api/causeway/v1/healthz' })).status, 200);

    postgres = await startEmbeddedPostgres(postgresOptions);
    // Connections of the pool that died with the server are noticed one by one.
    const giveUpAt = performance.now() + 10_000;
    let answer = await regions();
    while (answer.status !== 200) {
      assert.equal(answer.status, 503, answer.body);
      assert.ok(performance.now() < giveUpAt, 'the controller did not find its database again within 10 s');
      await delay(20);
      answer = await regions();
    }
    assert.equal(running.child.exitCode, null, running.output());
  } finally {
    assert.equal(await stopProcess(running, (child) => child.kill('SIGTERM')), 0, running.output());
  }
});

test('a region that is not in the catalogue ends the start with the reason', { timeout: 60_000 }, async () => {
  const child = fork(path.join(import.meta.dirname, 'main.ts'), { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exit = once(child, 'exit');
  child.send({
    kind: 'start',
    database: connectionString(postgresOptions.socketDir, applicationDatabase),
    installation: { number: 0, hostname: '127.0.0.1', listenPort: 443, vpnPort: 1194, region: 'atlantis-1' },
    gatewayTokenHash: '0'.repeat(64),
    dataDir: directory,
    tls: null,
    portal: null,
  } satisfies ControllerStart);
  const [code] = (await exit) as [number | null];
  assert.equal(code, 1);
  assert.match(output, /atlantis-1.*is not a region.*eu-central-1/);
});
