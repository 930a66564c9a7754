import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** GatewayIdentity is what a lane's daemon reads from its identity directory. */
export type GatewayIdentity = {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly tlsCryptV2ServerKey: string;
};

export type Handshake = { readonly connected: boolean; readonly clientLog: string; readonly serverLog: string };

const deadlineMs = 20_000;

/** What either side says when the handshake has failed for good; otherwise it would try again until the deadline. */
const failure = /VERIFY (KU |EKU |X509NAME )?ERROR|TLS Error: TLS (object|key)|AUTH_FAILED|Options error|Can not unwrap/i;

/**
 * tryHandshake lets the real openvpn client connect with a profile to a real openvpn server on loopback, without any tun, for tests of
 * what certificates and keys are accepted. The profile's first remote must be `127.0.0.1 PORT udp` with the port from freeUdpPort.
 */
export async function tryHandshake(identity: GatewayIdentity, profile: string, port: number): Promise<Handshake> {
  const directory = await mkdtemp(join(tmpdir(), `cw-handshake-${process.pid}-`));
  const running: ChildProcess[] = [];
  try {
    await writeFiles(directory, identity, profile, port);
    const server = run(directory, ['--config', 'server.conf']);
    running.push(server.child);
    await server.said(/UDPv4 link local \(bound\)|Options error/);
    // `--dev null` comes after the profile's own `dev tun` and wins.
    const client = run(directory, ['--config', 'profile.ovpn', '--dev', 'null']);
    running.push(client.child);
    await Promise.race([client.said(/Initialization Sequence Completed/), client.said(failure), server.said(failure)]);
    const connected = /Initialization Sequence Completed/.test(client.log());
    return { connected, clientLog: client.log(), serverLog: server.log() };
  } finally {
    await Promise.all(running.map(kill));
    await rm(directory, { recursive: true, force: true });
  }
}

/** freeUdpPort finds a port that was free a moment ago. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

const serverConfig = (port: number): string => `
dev null
tls-server
proto udp4
local 127.0.0.1
port ${port}
dh none
ca ca.pem
cert gateway.pem
key gateway.key
tls-crypt-v2 server.key
remote-cert-tls client
verb 3
`;

async function writeFiles(directory: string, identity: GatewayIdentity, profile: string, port: number): Promise<void> {
  const files = {
    'server.conf': serverConfig(port),
    'ca.pem': identity.ca,
    'gateway.pem': identity.certificate,
    'gateway.key': identity.key,
    'server.key': identity.tlsCryptV2ServerKey,
    'profile.ovpn': profile,
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(directory, name), text, { mode: 0o600 })));
}

type Running = { readonly child: ChildProcess; readonly log: () => string; readonly said: (pattern: RegExp) => Promise<void> };

function run(directory: string, args: readonly string[]): Running {
  const child = spawn('openvpn', args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  let check = (): void => undefined;
  const receive = (chunk: Buffer): void => {
    log += chunk.toString();
    check();
  };
  child.stdout.on('data', receive);
  child.stderr.on('data', receive);
  const said = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`openvpn did not say ${String(pattern)} within 20 s:\n${log}`)),
        deadlineMs,
      );
      // Several may wait on one process: each check calls the ones before it.
      const before = check;
      check = () => {
        before();
        if (!pattern.test(log)) return;
        clearTimeout(timer);
        resolve();
      };
      child.once('error', (cause) => {
        clearTimeout(timer);
        reject(cause);
      });
      child.once('close', () => {
        clearTimeout(timer);
        reject(new Error(`openvpn ended before it said ${String(pattern)}:\n${log}`));
      });
      check();
    });
  return { child, log: () => log, said };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  await gone;
}
