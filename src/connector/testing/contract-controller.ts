import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestHost } from './test-host.ts';

/** What the server answers; `answers` and `cut` (characters that are sent) are by the last part of the path, e.g. `desired`. */
export type ServerMemory = {
  readonly token: string;
  readonly installer: string;
  readonly agent: string;
  readonly desired: string;
  readonly profile: string;
  readonly answers: Readonly<Record<string, { readonly status: number; readonly text: string }>>;
  readonly cut: Readonly<Record<string, number>>;
  /** Lines of contract/agent-request.ts, given out once; empty: none. */
  readonly request: string;
  /** Whether a request for a certificate gives a new one although the last is fresh. */
  readonly renewCertificates: boolean;
};

export type ServerCommand =
  | { readonly kind: 'set'; readonly id: number; readonly memory: Partial<ServerMemory> }
  | { readonly kind: 'seen'; readonly id: number };

/** `answers`: bodies of POST answers, by the request's id, in their order. */
export type Seen = {
  readonly answers: Readonly<Record<string, readonly string[]>>;
  readonly log: readonly string[];
  readonly sections: Readonly<Record<string, string>>;
};

export type ContractController = {
  readonly directory: string;
  readonly url: string;
  readonly ca: string;
  readonly set: (memory: Partial<ServerMemory>) => Promise<void>;
  readonly seen: () => Promise<Seen>;
  /** Away, as in a crash; `start` brings a new one with the same directory that knows nothing of before. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly remove: () => Promise<void>;
};

/** contractController runs contract-server/main.ts on a test's gateway, with a CA and a server certificate of its own. */
export async function contractController(gateway: TestHost): Promise<ContractController> {
  const directory = await mkdtemp(path.join(tmpdir(), `cw-contract-${String(process.pid)}-`));
  await makeAuthority(directory);
  let child: ChildProcess | undefined;
  let lastId = 0;
  const answers = new Map<number, (message: Seen) => void>();

  const ask = async (command: { kind: 'set'; memory: Partial<ServerMemory> } | { kind: 'seen' }): Promise<Seen> => {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve) => {
      answers.set(id, resolve);
      child?.send({ ...command, id });
    });
  };
  const start = async (): Promise<void> => {
    child = gateway.spawn([process.execPath, path.join(import.meta.dirname, 'contract-server/main.ts'), directory], {
      ipc: true,
    });
    let problem = '';
    child.stderr?.on('data', (chunk: Buffer) => (problem += chunk.toString()));
    const ready = new Promise<void>((resolve, reject) => {
      answers.set(0, () => resolve());
      child?.once('exit', () => reject(new Error(`contract server: ${problem}`)));
    });
    child.on('message', (message: Seen & { id: number }) => {
      answers.get(message.id)?.(message);
      answers.delete(message.id);
    });
    await ready;
  };
  const stop = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    directory,
    url: 'https://203.0.113.1:8443',
    ca: await readFile(`${directory}/ca.crt`, 'utf8'),
    set: async (memory) => void (await ask({ kind: 'set', memory })),
    seen: async () => ask({ kind: 'seen' }),
    start,
    stop,
    remove: async () => {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function makeAuthority(directory: string): Promise<void> {
  const openssl = (...parameters: string[]): void =>
    void execFileSync('openssl', parameters, { cwd: directory, stdio: 'ignore' });
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'ca.key');
  openssl('req', '-x509', '-new', '-key', 'ca.key', '-days', '2', '-subj', '/CN=test', '-out', 'ca.crt');
  for (const name of ['server', 'lane']) {
    const extension = 'keyUsage=digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=IP:203.0.113.1\n';
    await writeFile(`${directory}/${name}.ext`, extension);
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`);
    openssl('req', '-new', '-key', `${name}.key`, '-subj', '/CN=causeway-gateway', '-out', `${name}.csr`);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-set_serial',
      '1',
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.crt`,
    );
  }
}
