import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { DeviceAuthentication } from '../core/connect-authentication.ts';
import type { Endpoint, GatewayConfiguration } from '../core/gateway-configuration.ts';
import { endpointNamed, exampleConfiguration, serialOf } from './testing/example.ts';
import { GatewayLab, quickSettings } from './testing/gateway-lab.ts';
import type { TestClient } from './testing/gateway-lab.ts';
import { until } from './testing/namespace.ts';

const example = exampleConfiguration(1, 2);
const bob = endpointNamed(example, 'device', 0);
const alice = endpointNamed(example, 'device', 1);

function demanding(authentication: DeviceAuthentication, changes: Partial<Endpoint> = {}): GatewayConfiguration['endpoints'] {
  const device = example.endpoints[bob];
  assert.ok(device?.kind === 'device');
  return { ...example.endpoints, [bob]: { ...device, authentication, ...changes } as Endpoint };
}

const everyTime = { ...example, endpoints: demanding({ kind: 'every-time' }) };
const prior = { ...example, endpoints: demanding({ kind: 'prior', until: null }) };

/** Long enough between pings and giving up that a goodbye can be told from silence. */
const settings = { ...quickSettings, lane: { pingSeconds: 1, restartSeconds: 8, renegotiationSeconds: 3600 } };

const opensPages = ['setenv IV_SSO webauth', 'reneg-sec 86400'];
/** What a client that shows pages is given to show. */
const page = /WEB_AUTH::(https:\/\/causeway\.test:8443\/c\/\S{22})'/;

/** One attempt after the other, as they begin. */
async function attemptOf(lab: GatewayLab, number: number) {
  return await until(`attempt ${String(number)} has begun`, () => lab.controller.attempts.started[number - 1]);
}

/** A connection to a unix socket, as soon as somebody listens there. */
async function dial(path: string): Promise<Socket | null> {
  const socket = connect(path);
  return await new Promise((resolve) => socket.once('connect', () => resolve(socket)).once('error', () => resolve(null)));
}

/** A file for `auth-user-pass`. */
function credentials(lab: GatewayLab, name: string, password: string): string {
  const file = join(lab.directory, `${name}.login`);
  writeFileSync(file, `${name}\n${password}\n`, { mode: 0o600 });
  return `auth-user-pass ${file}`;
}

async function switchedOff(lab: GatewayLab, client: TestClient): Promise<void> {
  await client.end('SIGTERM');
  await ended(lab);
}

/** The lane has let go of every tunnel: five seconds after a goodbye, sixteen after the last sign of life. */
async function ended(lab: GatewayLab): Promise<void> {
  await until('all sessions have ended', () => lab.controller.sessions().every(({ state }) => state !== 'established'), 30_000);
}

async function passes(client: TestClient): Promise<void> {
  await until('it passes', () => client.ping('100.96.0.1'));
}

describe('people are asked at connect', { concurrency: 2 }, () => {
  it('by a page, and the tunnel is there when they have approved; one that is not asked passes meanwhile', async () => {
    await using lab = await GatewayLab.start(everyTime, settings);
    const device = lab.client(bob, 'bob');
    device.connect(['u0'], opensPages);
    await device.until(page);
    await device.until(/AUTH_PENDING received, extending handshake timeout from 60s to 300s/);
    const attempt = await attemptOf(lab, 1);
    assert.deepEqual([attempt.serial, attempt.clientAddress], [serialOf(everyTime, bob), '192.0.1.2']);
    const other = lab.client(alice, 'alice');
    other.connect(['u0']);
    await other.connected();
    assert.equal(/Initialization Sequence Completed/.test(device.log), false, 'nobody has approved it');
    assert.equal(await device.ping('100.96.0.1'), false);
    lab.controller.attempts.decide(attempt, 'approved');
    await device.connected();
    await passes(device);
  });

  it('not again when the connection is lost, nor on another lane; but again when they switched it off', async () => {
    await using lab = await GatewayLab.start(everyTime, settings);
    const device = lab.client(bob, 'bob');
    device.connect(['u0'], opensPages);
    lab.controller.attempts.decide(await attemptOf(lab, 1), 'approved');
    await device.connected();
    await lab.untilCarried(bob);
    await device.end('SIGKILL');
    await ended(lab);
    device.connect(['u1'], opensPages);
    await device.connected();
    await device.end('SIGKILL');
    // Nobody has noticed yet.
    device.connect(['u0'], opensPages);
    await device.connected();
    assert.equal(lab.controller.attempts.started.length, 1);
    await passes(device);
    await lab.untilCarried(bob);
    await switchedOff(lab, device);
    device.connect(['u0'], opensPages);
    await device.until(page);
    await attemptOf(lab, 2);
  });

  it('until when the controller said, also while it is away, and away is told in words', async () => {
    const at = Date.now();
    await using lab = await GatewayLab.start(
      { ...example, endpoints: demanding({ kind: 'prior', until: at + 3_600_000 }) },
      settings,
    );
    const device = lab.client(bob, 'bob');
    await lab.controller.stop();
    device.connect(['u0'], opensPages);
    await device.connected();
    await lab.controller.start();
    await lab.untilCarried(bob);
    await switchedOff(lab, device);
    lab.controller.change({ endpoints: demanding({ kind: 'prior', until: at }) });
    await until(
      'the gateway has it',
      () => lab.controller.reports.at(-1)?.appliedRevision === lab.controller.configuration.revision,
    );
    await lab.controller.stop();
    device.connect(['u0'], opensPages);
    await device.until(/AUTH_FAILED,TEMP\[backoff 10\]:nobody can sign in now, the controller does not answer/);
    const other = lab.client(alice, 'alice');
    other.connect(['u0']);
    await other.connected();
    assert.ok(device.isRunning, 'it goes on trying');
  });

  it('and is told what they decided, or that nobody did', async () => {
    await using lab = await GatewayLab.start(prior, settings);
    const device = lab.client(bob, 'bob');
    device.connect(['u0'], opensPages);
    lab.controller.attempts.decide(await attemptOf(lab, 1), 'refused');
    await device.until(/AUTH_FAILED,this connection was refused in the portal/);
    lab.controller.attempts.decide(await attemptOf(lab, 2), 'expired');
    await device.until(/AUTH_FAILED,nobody signed in within five minutes/);
    // Each is a question of its own.
    const links = [...device.log.matchAll(new RegExp(page, 'g'))].map(([, link]) => link);
    assert.equal(new Set(links).size, links.length);
    assert.equal(
      lab.controller.sessions().some(({ state }) => state === 'established'),
      false,
    );
  });

  it('nobody waits for who is suspended meanwhile, or need not be asked any more', async () => {
    await using lab = await GatewayLab.start(prior, settings);
    const device = lab.client(bob, 'bob');
    device.connect(['u0'], opensPages);
    await device.until(page);
    const first = await attemptOf(lab, 1);
    lab.controller.change({ endpoints: demanding({ kind: 'prior', until: null }, { admission: 'suspended' }) });
    await device.until(/AUTH_FAILED,TEMP\[backoff 3\]:suspended by the administrator/);
    await until('the controller knows', () => first.state === 'gone');
    lab.controller.change({ endpoints: demanding({ kind: 'prior', until: null }) });
    await attemptOf(lab, 2);
    lab.controller.change({ endpoints: demanding({ kind: 'none' }) });
    await device.connected();
    await passes(device);
  });

  it('by a password, which stands in no log and no report', async () => {
    await using lab = await GatewayLab.start(everyTime, settings);
    lab.controller.attempts.judge = ({ username, password }) => ({
      kind: username === 'bob' && password === 'right horse é' ? 'approved' : 'wrong',
    });
    const device = lab.client(bob, 'bob');
    device.connect(['u0'], [credentials(lab, 'bob', 'wrong horse'), 'auth-retry none']);
    await device.until(/AUTH_FAILED,user name, password or code is wrong/);
    await until('it has ended', () => !device.isRunning);
    device.connect(['u0'], [credentials(lab, 'bob', 'right horse é'), 'auth-retry none']);
    await device.connected();
    await passes(device);
    assert.deepEqual(new Set(lab.controller.attempts.named), new Set(['bob']));
    for (const text of [lab.log, lab.keeper.logOf('u0'), JSON.stringify(lab.controller.reports)])
      assert.equal(/horse/.test(text), false);
  });

  it('whoever has to have a second factor and has none is told where to add it', async () => {
    await using lab = await GatewayLab.start(everyTime, settings);
    lab.controller.attempts.judge = () => ({ kind: 'second-factor-missing' });
    const device = lab.client(bob, 'bob');
    device.connect(['u0'], [credentials(lab, 'bob', 'right horse'), 'auth-retry none']);
    await device.until(/AUTH_FAILED,a second factor is demanded of you: sign in to the portal and set one up/);
  });

  it('and by a code after the password, in the way of clients that know challenges', async () => {
    await using lab = await GatewayLab.start(everyTime, settings);
    const state = 'S'.repeat(22);
    lab.controller.attempts.judge = ({ password }) => {
      if (password === 'right horse') return { kind: 'second-factor', state };
      return { kind: password === `CRV1::${state}::123456` ? 'approved' : 'wrong' };
    };
    const device = lab.client(bob, 'bob');
    const socket = join(lab.directory, 'bob.sock');
    // The program around openvpn, which asks the person; as GUIs do.
    const asked: string[] = [];
    device.connect(['u0'], ['auth-user-pass', 'auth-retry interact', `management ${socket} unix`, 'management-query-passwords']);
    const gui = await until('openvpn listens', async () => await dial(socket));
    gui.setEncoding('utf8').on('data', (text: string) => {
      for (const [, challenge] of text.matchAll(/>PASSWORD:Verification Failed: 'Auth' \['(.*)'\]/g)) asked.push(challenge ?? '');
      if (!text.includes(">PASSWORD:Need 'Auth' username/password")) return;
      const password = asked.length === 0 ? 'right horse' : `CRV1::${state}::123456`;
      gui.write(`username "Auth" "bob"\npassword "Auth" "${password}"\n`);
    });
    await device.connected(20_000);
    await passes(device);
    gui.destroy();
    assert.deepEqual(asked, [`CRV1:R,E:${state}:Ym9i:Code of your authenticator app`]);
    // A code that was still to come is no refusal.
    assert.equal(
      lab.controller.sessions().some(({ state: how }) => how === 'refused'),
      false,
    );
  });

  it('whoever can neither show a page nor ask for a password is told what to do', async () => {
    await using lab = await GatewayLab.start(everyTime, settings);
    const device = lab.client(bob, 'bob');
    device.connect(['u0']);
    await device.until(/AUTH_FAILED,your group signs in at connect: get a new profile in the portal/);
    assert.deepEqual(lab.controller.attempts.started, []);
  });

  it('again by the next agent, when theirs ended while they were asked', async () => {
    await using lab = await GatewayLab.start(everyTime, settings);
    const device = lab.client(bob, 'bob');
    device.connect(['u0'], opensPages);
    await device.until(page);
    await lab.killAgent('SIGKILL');
    lab.startAgent();
    const again = await until('it is asked again', () => lab.controller.attempts.started[1], 30_000);
    lab.controller.attempts.decide(again, 'approved');
    await device.connected();
    await passes(device);
  });
});
