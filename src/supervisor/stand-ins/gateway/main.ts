/** Speaks the gateway agent's IPC: makes one tun, starts one real lane on it, releases its hold, and says ready. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import type { AgentStart, KeeperToAgent, LaneStart } from '../../../contract/lane-keeper.ts';
import { isPing, pong } from '../../../contract/supervisor-control.ts';
import { formatAddress, strictAddress } from '../../../core/ip/address.ts';
import { formatPrefix, strictPrefix } from '../../../core/ip/prefix.ts';
import { defaultLaneTimings, laneDirectory, laneSocket } from '../../../core/lane-openvpn.ts';

const lane = 'u0';
let started: AgentStart | undefined;

process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
process.on('message', (message: KeeperToAgent) => {
  if (isPing(message)) send(pong);
  if (message.kind === 'start') begin(message);
  if (message.kind === 'device-settings-done') send(laneStart());
  if (message.kind === 'lane-state' && message.state === 'running') attend();
  if (message.kind === 'lane-state' && message.state === 'exited') send(laneStart());
});

function begin(start: AgentStart): void {
  started = start;
  process.umask(0o007);
  makeIdentity(path.join(start.directory, 'identity'));
  mkdirSync(laneDirectory(start.directory, lane), { recursive: true, mode: 0o2770 });
  const device = `cw${String(start.installation)}-${lane}`;
  if (!devices().includes(`${device}:`))
    execFileSync('ip', ['tuntap', 'add', 'dev', device, 'mode', 'tun', 'user', start.laneUser]);
  execFileSync('ip', ['link', 'set', 'dev', device, 'up']);
  send({ kind: 'device-settings', device });
}

function devices(): string {
  return execFileSync('ip', ['-o', 'link']).toString();
}

function laneStart(): LaneStart {
  if (started === undefined) throw new Error('not started');
  return {
    kind: 'lane-start',
    lane,
    device: `cw${String(started.installation)}-${lane}`,
    protocol: 'udp',
    port: vpnPort(started.directory),
    address: formatAddress(strictAddress('100.96.0.1')),
    range: formatPrefix(strictPrefix('100.96.0.0/11')),
    timings: defaultLaneTimings,
  };
}

/** The management socket appears a moment after the daemon. */
function attend(): void {
  if (started === undefined) return;
  const socket = connect(laneSocket(started.directory, lane));
  socket.once('error', () => setTimeout(attend, 20));
  socket.on('data', () => undefined);
  socket.once('connect', () => {
    socket.write('hold release\n');
    send({ kind: 'ready' });
  });
}

function makeIdentity(directory: string): void {
  const at = (name: string) => path.join(directory, name);
  if (existsSync(at('tls-crypt-v2.key'))) return;
  const subject = ['-subj', '/CN=stand-in', '-days', '2', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', at('key.pem'), '-out', at('cert.pem')], { stdio: 'ignore' });
  execFileSync('cp', [at('cert.pem'), at('ca.pem')]);
  execFileSync('openvpn', ['--genkey', 'tls-crypt-v2-server', at('tls-crypt-v2.key')], { stdio: 'ignore' });
  execFileSync('chmod', ['640', at('key.pem'), at('tls-crypt-v2.key')]);
}

/** u0 has the vpn-port itself; the real agent learns it from its configuration. */
function vpnPort(directory: string): number {
  const installation: unknown = JSON.parse(readFileSync(path.join(directory, '..', 'installation.json'), 'utf8'));
  if (typeof installation === 'object' && installation !== null && 'vpnPort' in installation) return Number(installation.vpnPort);
  throw new Error('installation.json has no vpnPort');
}

function send(message: object): void {
  process.send?.(message);
}
