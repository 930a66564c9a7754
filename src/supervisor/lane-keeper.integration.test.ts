import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { KeeperToAgent } from '../contract/lane-keeper.ts';
import { laneSocket } from '../core/lane-openvpn.ts';
import type { LaneId } from '../core/lanes.ts';
import { isAlive, rightsOf } from './testing/process-rights.ts';
import { createScratch } from './testing/scratch.ts';

const program = path.join(import.meta.dirname, 'stand-ins', 'lane-keeper', 'main.ts');
/** Below 1024, where a daemon without root needs a capability. */
const vpnPort = 1000;

describe('the lane keeper', () => {
  const scratch = createScratch();
  const data = path.join(scratch.directory, 'data');
  mkdirSync(data);
  const inside = (...command: [string, ...string[]]) =>
    execFileSync('ip', ['netns', 'exec', scratch.namespace, ...command], { stdio: 'pipe' });
  const keepers: ChildProcess[] = [];
  let answers: KeeperToAgent[] = [];
  let keeper = start();

  after(async () => {
    say({ kind: 'stop-all' });
    await eventually('the keeper ends', () => keeper.exitCode !== null);
    for (const one of keepers) one.kill('SIGKILL');
    scratch.remove();
  });

  function start(): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', scratch.namespace, process.execPath, program, data, '15', String(vpnPort)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: child.stdout }).on('line', (line) => answers.push(JSON.parse(line) as KeeperToAgent));
    keepers.push(child);
    return child;
  }

  function say(message: object): void {
    keeper.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const giveUpAt = performance.now() + 30_000;
    while (!(await condition())) {
      if (performance.now() > giveUpAt) throw new Error(`${what} did not come; answers: ${JSON.stringify(answers)}`);
      await delay(5);
    }
  }

  async function ask<Kind extends KeeperToAgent['kind']>(
    message: object,
    kind: Kind,
  ): Promise<Extract<KeeperToAgent, { kind: Kind }>> {
    answers = [];
    say(message);
    await eventually(`an answer to ${JSON.stringify(message)}`, () => answers.some((answer) => answer.kind === kind));
    const found = answers.find((answer): answer is Extract<KeeperToAgent, { kind: Kind }> => answer.kind === kind);
    if (found === undefined) throw new Error('not found');
    return found;
  }

  const lane = (name: string, changes: object = {}) => ({
    kind: 'lane-start',
    lane: name,
    device: `cw15-${name}`,
    protocol: 'udp',
    port: vpnPort + Number(name.slice(1)),
    address: '100.96.0.1',
    range: '100.96.0.0/11',
    timings: { pingSeconds: 5, restartSeconds: 20, renegotiationSeconds: 3600 },
    ...changes,
  });

  async function running(message: object): Promise<number> {
    const state = await ask(message, 'lane-state');
    assert.equal(state.state, 'running', JSON.stringify(state));
    return state.state === 'running' ? state.pid : 0;
  }

  it('says why a lane without keys does not start', async () => {
    inside('ip', 'tuntap', 'add', 'dev', 'cw15-u0', 'mode', 'tun', 'user', 'causeway-vpn');
    inside('ip', 'tuntap', 'add', 'dev', 'cw15-u1', 'mode', 'tun', 'user', 'causeway-vpn');
    await running(lane('u0'));
    await eventually('its end', () => answers.some((answer) => answer.kind === 'lane-state' && answer.state === 'exited'));
    const ended = answers.find((answer) => answer.kind === 'lane-state' && answer.state === 'exited');
    assert.match(JSON.stringify(ended), /Cannot pre-load keyfile \(.*identity\/tls-crypt-v2\.key\)/);
  });

  it('keeps a lane running with the rights that its port needs, and answers the same again', async () => {
    makeIdentity();
    const pid = await running(lane('u0'));
    assert.equal(await running(lane('u0')), pid);
    const { effective, bounding, noNewPrivileges } = await rightsOf(pid);
    // 0x400 is CAP_NET_BIND_SERVICE.
    assert.deepEqual({ effective, bounding, noNewPrivileges }, { effective: '400', bounding: '400', noNewPrivileges: '1' });
    releaseHold('u0');
    await eventually('its port is open', () =>
      inside('ss', '-lunp')
        .toString()
        .includes(`pid=${String(pid)},`),
    );
    assert.match(inside('ss', '-lunp').toString(), new RegExp(`:1000 .*pid=${String(pid)},`));
  });

  it('starts it anew when its fields change', async () => {
    const before = await running(lane('u0'));
    const changed = lane('u0', { timings: { pingSeconds: 6, restartSeconds: 20, renegotiationSeconds: 3600 } });
    answers = [];
    say(changed);
    await eventually('the other daemon', () =>
      answers.some((answer) => answer.kind === 'lane-state' && answer.state === 'running' && answer.pid !== before),
    );
    assert.ok(!(await isAlive(before)));
    assert.match(readFileSync(path.join(data, 'lane-keeper', 'u0.conf'), 'utf8'), /^keepalive 6 20$/m);
  });

  it('leaves no daemon behind whose record cannot be written, as on a full disk', async () => {
    inside('ip', 'tuntap', 'add', 'dev', 'cw15-u2', 'mode', 'tun', 'user', 'causeway-vpn');
    makeDirectory('u2');
    const inTheWay = path.join(data, 'lane-keeper', 'u2.json');
    mkdirSync(inTheWay);
    const state = await ask(lane('u2'), 'lane-state');
    assert.equal(state.state, 'exited');
    assert.match(JSON.stringify(state), /u2\.json/);
    const daemons = () => inside('sh', '-c', `pgrep -f '[l]ane-keeper/u2[.]conf' || :`).toString();
    assert.equal(daemons(), '', 'nobody would attend to it, nor end it');
    rmdirSync(inTheWay);
    const pid = await running(lane('u2'));
    await eventually('it alone runs', () => daemons() === `${String(pid)}\n`);
    await ask({ kind: 'lane-stop', lane: 'u2' }, 'lane-state');
  });

  it('refuses a lane that is not of this installation, and starts nothing', async () => {
    for (const wrong of [
      lane('u1', { port: 22 }),
      lane('u1', { device: 'cw0-u1' }),
      lane('u1', { device: 'eth0' }),
      lane('u1', { protocol: 'tcp' }),
    ]) {
      const state = await ask(wrong, 'lane-state');
      assert.equal(state.state, 'exited');
      assert.match(JSON.stringify(state), /lane u1 of this installation is udp port 1001 on cw15-u1, and .* was asked for/);
    }
    assert.ok(!existsSync(path.join(data, 'lane-keeper', 'u1.conf')));
  });

  it('sets nothing but its own tuns', async () => {
    for (const device of ['uplink', 'all', '../../kernel', 'cw0-u0', 'cw15-u0/..', 'cw15-u00']) {
      const done = await ask({ kind: 'device-settings', device }, 'device-settings-done');
      assert.match(done.error ?? '', /is not a tun of this installation/);
    }
    const done = await ask({ kind: 'device-settings', device: 'cw15-u1' }, 'device-settings-done');
    assert.equal(done.error, undefined);
    assert.equal(inside('cat', '/proc/sys/net/ipv4/conf/cw15-u1/src_valid_mark').toString(), '1\n');
  });

  it('turns forwarding on again when somebody turns it off', async () => {
    inside('sysctl', '-qw', 'net.ipv4.ip_forward=0');
    await eventually('forwarding is on', () => inside('cat', '/proc/sys/net/ipv4/ip_forward').toString() === '1\n');
  });

  it('where nothing can be set, as in a container, says what to run on the host, and when that was done', async () => {
    const mounts = (command: string) =>
      execFileSync('nsenter', ['--target', String(keeper.pid), '--mount', '--', 'sh', '-c', command], { stdio: 'pipe' });
    const last = <Kind extends KeeperToAgent['kind']>(kind: Kind) =>
      answers.findLast((answer): answer is Extract<KeeperToAgent, { kind: Kind }> => answer.kind === kind);
    mounts('mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys');
    try {
      answers = [];
      inside('sysctl', '-qw', 'net.ipv4.ip_forward=0', 'net.ipv4.conf.cw15-u1.rp_filter=1');
      await eventually('what keeps it from forwarding', () => typeof last('machine-settings')?.problem?.message === 'string');
      assert.deepEqual(last('machine-settings')?.problem, {
        code: 'forwarding-off',
        message:
          'cannot be set here: net.ipv4.ip_forward is 0 (EROFS). Where it can (for a container, on its host): sysctl -w net.ipv4.ip_forward=1',
      });
      const { error } = await ask({ kind: 'device-settings', device: 'cw15-u1' }, 'device-settings-done');
      assert.match(error ?? '', /cw15-u1\.rp_filter is 1 \(EROFS\)\..*: sysctl -w net\.ipv4\.conf\.cw15-u1\.rp_filter=2$/);
      answers = [];
      inside('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.cw15-u1.rp_filter=2');
      await eventually('that it forwards', () => last('machine-settings')?.problem === null);
      await eventually('that the tun is right', () => last('device-settings-done') !== undefined);
      assert.equal(last('device-settings-done')?.error, undefined);
    } finally {
      mounts('umount /proc/sys');
    }
  });

  it('is not led astray by what an agent puts in its place', async () => {
    // The lanes' directory belongs to the agent; what root reads there must be a plain file of openvpn's.
    writeFileSync(path.join(scratch.directory, 'secret'), 'secret of root\n', { mode: 0o600 });
    const log = path.join(data, 'gateway', 'lanes', 'u1', 'log');
    mkdirSync(path.dirname(log), { recursive: true });
    execFileSync('ln', ['-s', path.join(scratch.directory, 'secret'), log]);
    await ask(lane('u1'), 'lane-state');
    await eventually('its end', () => answers.some((answer) => answer.kind === 'lane-state' && answer.state === 'exited'));
    assert.doesNotMatch(JSON.stringify(answers), /secret of root/);
  });

  it('adopts its lanes after kill -9, and ends one that it does not know', async () => {
    const pid = await running(lane('u0', { timings: { pingSeconds: 6, restartSeconds: 20, renegotiationSeconds: 3600 } }));
    const stray = await runStray();
    keeper.kill('SIGKILL');
    await eventually('the keeper is gone', () => keeper.signalCode !== null);
    assert.ok(await isAlive(pid));
    keeper = start();
    await ask({ kind: 'lane-list' }, 'lane-list-end');
    assert.deepEqual(
      answers.map((answer) =>
        answer.kind === 'lane-state' && answer.state === 'running' ? [answer.lane, answer.pid] : answer.kind,
      ),
      [['u0', pid], 'lane-list-end'],
    );
    await eventually('the stray is ended', async () => !(await isAlive(stray)));
  });

  it('reports the end of an adopted lane', async () => {
    const pid = await running(lane('u0', { timings: { pingSeconds: 6, restartSeconds: 20, renegotiationSeconds: 3600 } }));
    answers = [];
    process.kill(pid, 'SIGKILL');
    await eventually('its end', () => answers.some((answer) => answer.kind === 'lane-state' && answer.state === 'exited'));
    assert.ok(!existsSync(path.join(data, 'lane-keeper', 'u0.json')));
  });

  it('stops a lane on request', async () => {
    const pid = await running(lane('u0'));
    const stopped = await ask({ kind: 'lane-stop', lane: 'u0' }, 'lane-state');
    assert.equal(stopped.state, 'exited');
    assert.ok(!(await isAlive(pid)));
  });

  /** As the agent's user: the daemon answers to no other. */
  function releaseHold(name: LaneId): void {
    const gateway = (flag: string) => execFileSync('id', [flag, 'causeway-gateway']).toString().trim();
    const lanes = execFileSync('id', ['-g', 'causeway-vpn']).toString().trim();
    const script = `require('net').connect(process.argv[1]).end('hold release\\n').resume()`;
    const as = ['--reuid', gateway('-u'), '--regid', gateway('-g'), '--groups', lanes];
    execFileSync('setpriv', [...as, process.execPath, '--eval', script, laneSocket(path.join(data, 'gateway'), name)]);
  }

  function makeIdentity(): void {
    const identity = path.join(data, 'gateway', 'identity');
    const at = (name: string) => path.join(identity, name);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at('key.pem')];
    execFileSync('openssl', ['req', '-x509', '-subj', '/CN=lane', ...key, '-out', at('cert.pem')], { stdio: 'ignore' });
    execFileSync('cp', [at('cert.pem'), at('ca.pem')]);
    execFileSync('openvpn', ['--genkey', 'tls-crypt-v2-server', at('tls-crypt-v2.key')], { stdio: 'ignore' });
    execFileSync('chgrp', ['causeway-vpn', at('key.pem'), at('tls-crypt-v2.key')]);
    execFileSync('chmod', ['640', at('key.pem'), at('tls-crypt-v2.key')]);
    makeDirectory('u0');
  }

  /** As the agent makes it. */
  function makeDirectory(name: string): void {
    const directory = path.join(data, 'gateway', 'lanes', name);
    execFileSync('install', ['-d', '-m', '2770', '-o', 'causeway-gateway', '-g', 'causeway-vpn', directory]);
  }

  /** What a supervisor leaves that dies between starting a lane and recording it. */
  async function runStray(): Promise<number> {
    const file = path.join(data, 'lane-keeper', 'c7.conf');
    writeFileSync(
      file,
      'mode p2p\ndev null\ndev-type tun\nlport 2000\nremote 192.0.2.1 9\ncipher none\nauth none\nallow-deprecated-insecure-static-crypto\n',
      { mode: 0o644 },
    );
    const vpn = (flag: string) => execFileSync('id', [flag, 'causeway-vpn']).toString().trim();
    const child = spawn(
      'ip',
      [
        'netns',
        'exec',
        scratch.namespace,
        'setpriv',
        '--reuid',
        vpn('-u'),
        '--regid',
        vpn('-g'),
        '--clear-groups',
        'openvpn',
        '--config',
        file,
      ],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
      },
    );
    for await (const line of createInterface({ input: child.stdout }))
      if (/UDPv4 link remote|Initialization Sequence/.test(line)) break;
    return child.pid ?? 0;
  }
});
