/**
 * A real HTTPS server that speaks src/contract/connector-agent.ts, for the tests of the shell scripts: a process of its own, since it
 * runs in the network namespace of a test's gateway. Certificates are made by the openssl command. Started by contract-controller.ts,
 * which says what to answer over IPC. It refuses what the contract does not know, and fails the request instead of guessing.
 */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { withRequest } from '../../../contract/connector-agent.ts';
import type { ServerCommand, ServerMemory } from '../contract-controller.ts';

const directory = process.argv[2] ?? '';
const connector = '11111111-2222-4333-8444-555555555555';
const api = '/api/causeway/v1/connector-agent/';

let memory: ServerMemory = {
  token: '',
  installer: '',
  agent: '',
  desired: '',
  profile: '',
  answers: {},
  cut: {},
  request: '',
  renewCertificates: false,
};
let tokenKey: string | undefined;
const credentials = new Set<string>();
const sections = new Map<string, { hash: string; body: string }>();
const answers = new Map<string, string[]>();
const waiters = new Set<() => void>();
const log: string[] = [];
let serials = 1;
let certificate: string | undefined;

process.on('message', (command: ServerCommand) => {
  switch (command.kind) {
    case 'set':
      memory = { ...memory, ...command.memory };
      // A token that is made anew is unused.
      if (command.memory.token !== undefined) {
        tokenKey = undefined;
        certificate = undefined;
      }
      for (const wake of waiters) wake();
      process.send?.({ kind: 'done', id: command.id });
      return;
    case 'seen':
      process.send?.({
        kind: 'seen',
        id: command.id,
        answers: Object.fromEntries(answers),
        log,
        sections: Object.fromEntries([...sections].map(([name, { body }]) => [name, body])),
      });
      return;
  }
});
process.on('disconnect', () => process.exit(0));

const server = createServer(
  { key: readFileSync(`${directory}/server.key`), cert: readFileSync(`${directory}/server.crt`) },
  (request, response) => {
    handle(request, response).catch((error: unknown) => {
      log.push(`error ${String(error)}`);
      response.writeHead(500).end(String(error));
    });
  },
);
server.listen(8443, () => process.send?.({ kind: 'done', id: 0 }));

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://causeway.test');
  const body = await readBody(request);
  const name = url.pathname.replace(api, '').replace('/connector/', '');
  log.push(`${request.method ?? ''} ${name}${url.search}`);
  const answer = async (status: number, text: string): Promise<void> => {
    const length = memory.cut[name];
    if (length !== undefined) {
      // The length of the whole is announced and less is sent: a connection that breaks in the middle.
      response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text) });
      await new Promise<void>((resolve) => response.write(text.slice(0, length), () => resolve()));
      response.destroy();
      return;
    }
    response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
  };
  const forced = memory.answers[name];
  if (forced !== undefined) return answer(forced.status, forced.text);
  if (name === 'install.sh') return answer(200, memory.installer);
  if (name === 'agent.sh') return answer(200, memory.agent);
  const secret = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (name === 'enroll') return enroll(secret, body, url, answer);
  if (!credentials.has(secret)) return answer(401, 'The connector credential is unknown, expired or withdrawn.\n');
  switch (`${request.method ?? ''} ${name}`) {
    case 'GET profile':
      return answer(200, memory.profile);
    case 'GET desired':
      await waitForNews(url, request);
      return answer(200, withRequest(memory.desired, takeRequest(url)));
    case 'POST answers':
      return answer(takeAnswers(url, body), '');
    case 'POST certificate':
      // The same one while it is fresh, as the contract says.
      if (certificate === undefined || memory.renewCertificates) certificate = sign(body);
      return answer(200, certificate);
    case 'POST credential':
      return answer(200, `credential ${newCredential()}\n`);
    case 'POST observation':
      return answer(takeObservation(body), '');
    default:
      return answer(404, `not in the contract: ${request.method ?? ''} ${url.pathname}\n`);
  }
}

async function enroll(
  token: string,
  body: string,
  url: URL,
  answer: (status: number, text: string) => Promise<void>,
): Promise<void> {
  if (token !== memory.token) return answer(401, 'The install token is unknown, expired or withdrawn.\n');
  const held = url.searchParams.get('held');
  if (held !== null && held !== connector)
    return answer(409, `This machine is connector ${held}, the token is of ${connector}.\n`);
  const key = openssl(['req', '-noout', '-verify', '-pubkey'], body);
  tokenKey ??= key;
  if (tokenKey !== key) return answer(409, 'The install token was used by another machine.\n');
  await answer(200, `connector ${connector}\ncredential ${newCredential()}\nca-pin ${pin()}\n`);
}

function newCredential(): string {
  const secret = randomBytes(32).toString('base64url');
  credentials.add(secret);
  return secret;
}

function pin(): string {
  const key = openssl(['x509', '-in', `${directory}/ca.crt`, '-noout', '-pubkey'], '');
  const der = execFileSync('openssl', ['pkey', '-pubin', '-outform', 'DER'], { input: key });
  return `sha256//${createHash('sha256').update(der).digest('base64')}`;
}

/** As the controller's certificates are: digitalSignature and clientAuth; 90 days. */
function sign(request: string): string {
  writeFileSync(`${directory}/client.ext`, 'keyUsage=digitalSignature\nextendedKeyUsage=clientAuth\n');
  serials += 1;
  const ca = ['-CA', `${directory}/ca.crt`, '-CAkey', `${directory}/ca.key`, '-set_serial', String(serials)];
  return openssl(['x509', '-req', ...ca, '-days', '90', '-extfile', `${directory}/client.ext`], request);
}

function openssl(parameters: readonly string[], input: string): string {
  return execFileSync('openssl', [...parameters], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
}

function takeRequest(url: URL): string {
  if (url.searchParams.get('asks') !== 'yes') return '';
  const { request } = memory;
  memory = { ...memory, request: '' };
  return request;
}

function takeAnswers(url: URL, body: string): number {
  const id = url.searchParams.get('ask') ?? '';
  answers.set(id, [...(answers.get(id) ?? []), body]);
  return 204;
}

async function waitForNews(url: URL, request: IncomingMessage): Promise<void> {
  const revision = url.searchParams.get('revision');
  const isNews = (): boolean => memory.request !== '' || !memory.desired.startsWith(`revision ${revision ?? ''}\n`);
  if (isNews()) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      waiters.delete(wake);
      resolve();
    };
    const wake = (): void => {
      if (isNews()) end();
    };
    const timer = setTimeout(end, Number(url.searchParams.get('wait')) * 1000);
    waiters.add(wake);
    request.on('close', end);
  });
}

function takeObservation(text: string): number {
  for (const part of text.split(/^(?=== )/m)) {
    const header = /^== ([a-z0-9-]+) ([0-9a-f]{64})( same)?\n/.exec(part);
    if (header === null) {
      if (part !== '') throw new Error(`not a section: ${part.slice(0, 80)}`);
      continue;
    }
    const [whole, name = '', hash = '', same] = header;
    if (same === undefined) sections.set(name, { hash, body: part.slice(whole.length, -1) });
    else if (sections.get(name)?.hash !== hash) return 409;
    log.push(`section ${name}${same ?? ''}`);
  }
  return 204;
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += String(chunk);
  return text;
}
