/**
 * Causeway as a service of a real systemd: restarts of every kind while people work, everything killed, the power cut, hung processes, removal.
 * The machine is src/lab/systemd-machine.ts; the checkout lies in /opt/causeway there, the data in /var/lib/causeway.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { serviceStatus } from '../../src/contract/cli/service-status.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import { startFlow } from '../../src/lab/flow.ts';
import type { ConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { awaitPage, buildConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { connectToInternet } from '../../src/lab/shapes/internet.ts';
import { headquarters } from '../../src/lab/shapes/site.ts';
import { SystemdMachine } from '../../src/lab/systemd-machine.ts';
import { World } from '../../src/lab/world.ts';

const checkout = join(import.meta.dirname, '..', '..');
const causeway = '/opt/causeway/causeway';
const data = '/var/lib/causeway';
const dropIns = '/run/systemd/system/causeway.service.d';

describe('the service', () => {
  let world: World;
  let machine: SystemdMachine;
  let wpc: ConnectedWpc;

  before(async () => {
    world = await World.create();
    const outside = join(world.directory, 'd');
    mkdirSync(outside);
    wpc = await buildConnectedWpc(world, {
      region: async (_world, internet) => {
        const host = await world.host('region');
        const address = await connectToInternet(world, internet, host, '203.0.113.');
        // A disk of its own, which a cut of the power leaves; those outside read the CA's certificate there.
        machine = await SystemdMachine.create(world, host, [
          `${checkout}:/opt/causeway`,
          `${outside}:${data}`,
          `${outside}:${outside}`,
        ]);
        await must(causeway, 'service', 'install', '--hostname', address);
        const explain = async <Value>(needed: Promise<Value>): Promise<Value> =>
          await needed.catch(async (error: unknown) => {
            throw new Error(`${error instanceof Error ? error.message : String(error)}\n--- region ---\n${await journal()}`);
          });
        const url = `https://${address}:443`;
        return { host, address, dataDirectory: outside, url, log: () => '', explain, process: machine.process };
      },
    });
  });
  after(async () => world[Symbol.asyncDispose]());

  /** A program on the machine; with what the service wrote where it fails. */
  async function must(...argv: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await machine.host.run(argv, { timeoutMs: 180_000 });
    if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}: ${stdout}${stderr}\n${await journal()}`);
    return stdout;
  }

  async function journal(...more: readonly string[]): Promise<string> {
    return (await machine.host.run(['journalctl', '--no-pager', '-u', 'causeway', '-n', '40', ...more])).stdout;
  }

  async function status() {
    const { stdout } = await machine.host.run([causeway, 'service', 'status', '--json']);
    return serviceStatus.parse(JSON.parse(stdout));
  }

  const lanePids = async () => new Map((await status()).running?.lanes.map(({ lane, pid }) => [lane, pid]));

  /** What people lose while something is done to the service, which must leave every lane as it is. */
  async function lossDuring(
    act: () => Promise<unknown>,
  ): Promise<{ readonly lost: number; readonly sent: number; readonly tookMs: number }> {
    const lanes = await lanePids();
    const flow = startFlow({ from: wpc.bob.computer, to: headquarters.server });
    await awaitCondition('packets pass', () => (flow.unbrokenMs() > 200 ? true : undefined));
    flow.begin();
    const startedAt = performance.now();
    await act();
    const tookMs = Math.round(performance.now() - startedAt);
    const { lost, sent, back } = await flow.stop();
    assert.ok(back, 'packets pass');
    assert.deepEqual(await lanePids(), lanes, 'the same lanes');
    return { lost, sent, tookMs };
  }

  /** How long until Bob's packets pass again, after everything was lost at once. */
  async function timeUntilBack(act: () => Promise<unknown>): Promise<number> {
    const flow = startFlow({ from: wpc.bob.computer, to: headquarters.server });
    await awaitCondition('packets pass', () => (flow.unbrokenMs() > 200 ? true : undefined));
    const startedAt = Date.now();
    await act();
    await awaitCondition(
      'packets pass again',
      () => (flow.unbrokenMs() > 500 && Date.now() - flow.unbrokenMs() > startedAt + 100 ? true : undefined),
      { withinMs: 150_000 },
    );
    const backMs = Date.now() - flow.unbrokenMs() - startedAt;
    await flow.stop();
    await awaitPage(wpc);
    return Math.round(backMs);
  }

  test('is installed: it runs in its sandbox, each lane has a scope of its own, the journal has levels', async (context) => {
    const found = await status();
    assert.deepEqual(found.service, {
      manager: 'systemd',
      name: 'causeway',
      file: '/etc/systemd/system/causeway.service',
      enabled: true,
      state: 'active',
      restarts: 0,
    });
    assert.deepEqual(
      found.running?.parts.map(({ part, ready }) => [part, ready]),
      [
        ['controller', true],
        ['gateway', true],
        ['signer', true],
        ['database', true],
      ],
    );
    for (const { lane, pid } of found.running?.lanes ?? []) {
      assert.match(await must('cat', `/proc/${pid}/cgroup`), new RegExp(`/causeway-lane-0-${lane}-[a-z0-9]+\\.scope\n$`));
    }
    const exposure = /Overall exposure level for causeway\.service: (\d+\.\d)/.exec(
      await must('systemd-analyze', 'security', '--no-pager', 'causeway.service'),
    )?.[1];
    context.diagnostic(`systemd-analyze security: ${exposure}`);
    assert.ok(Number(exposure) <= 4.3, `exposure ${exposure}`);
    const verified = await machine.host.run(['systemd-analyze', 'verify', '--man=no', '/etc/systemd/system/causeway.service']);
    assert.deepEqual([verified.code, verified.stdout, verified.stderr], [0, '', '']);
    const entries = (await journal('-o', 'json'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const controllerLine = entries.find(({ MESSAGE: message }) => String(message).startsWith('controller | {"level":30'));
    assert.equal(controllerLine?.['PRIORITY'], '6');
    assert.match(await must('systemctl', 'show', '--property', 'StatusText', 'causeway'), /^StatusText=Ready; \d+ lanes$/m);
    assert.equal(await must('stat', '--format', '%a %U', join(data, 'run', 'supervisor.sock')), '600 root\n');
  });

  test('restarted, as a whole and part by part, it drops no packet', async (context) => {
    for (const argv of [[], ['controller'], ['gateway'], ['signer'], ['database']]) {
      const { lost, sent, tookMs } = await lossDuring(() => must(causeway, 'service', 'restart', ...argv));
      context.diagnostic(`restart ${argv.join('') || 'of all'}: ${tookMs} ms, ${lost} of ${sent} packets lost`);
      assert.equal(lost, 0);
    }
  });

  test('installed again it changes nothing; with other options it says so, and drops no packet', async () => {
    const same = ['service', 'install', '--hostname', wpc.region.address];
    // For the test after this one, which waits for the watchdog: an administrator's own addition, which stays.
    await must('mkdir', '-p', dropIns);
    await must('sh', '-c', `printf '[Service]\\nWatchdogSec=8\\n' >${dropIns}/watchdog.conf`);
    await must('systemctl', 'daemon-reload');
    const before = await status();
    assert.equal(await must(causeway, ...same), 'causeway is installed so and runs; nothing was changed\n');
    assert.equal((await status()).running?.pid, before.running?.pid);
    let said = '';
    const { lost } = await lossDuring(async () => (said = await must(causeway, ...same, '--region', 'eu-central-1')));
    assert.match(said, /^changed [^]*\n\+ ExecStart=.* "--region" "eu-central-1"\n[^]*restarted; tunnels stayed\n$/);
    assert.equal(lost, 0);
    assert.notEqual((await status()).running?.pid, before.running?.pid);
  });

  test('a supervisor, a controller or a signer that hangs is ended and started again, and no packet is lost', async (context) => {
    for (const part of ['controller', 'signer', 'supervisor'] as const) {
      const before = await status();
      const pidIn = ({ running }: Awaited<ReturnType<typeof status>>) =>
        part === 'supervisor' ? running?.pid : running?.parts.find((found) => found.part === part)?.pid;
      const { lost, tookMs } = await lossDuring(async () => {
        await must('kill', '-STOP', String(pidIn(before)));
        await awaitCondition(
          `another ${part} is ready`,
          async () => {
            const now = await status();
            const isReady = now.running?.ready === true && now.running.parts.every(({ ready }) => ready);
            return isReady && pidIn(now) !== pidIn(before) ? true : undefined;
          },
          { withinMs: 150_000, everyMs: 500 },
        );
      });
      context.diagnostic(`${part} stopped: another one was ready after ${tookMs} ms`);
      assert.equal(lost, 0);
    }
    await must('rm', '-r', dropIns);
    await must('systemctl', 'daemon-reload');
  });

  test('every process killed: all are back without help', async (context) => {
    const backMs = await timeUntilBack(() =>
      must('systemctl', 'kill', '--signal=KILL', '--kill-whom=all', 'causeway.service', 'causeway-lane-*.scope'),
    );
    context.diagnostic(`all processes killed: packets passed again after ${backMs} ms`);
  });

  test('the power is cut: after the next start all are back without help', async (context) => {
    const backMs = await timeUntilBack(async () => {
      await machine.cutPower();
      await machine.boot();
    });
    context.diagnostic(`power cut and started again at once: packets passed again after ${backMs} ms`);
  });

  test('a second installation, whose directory has a hostile name', async () => {
    const hostile = "/srv/it's 100%h {x}";
    const options = ['--listen', '0.0.0.0:8443', '--vpn-port', '5000', '--no-gateway', '--hostname', wpc.region.address];
    await must(causeway, 'service', 'install', '--name', 'second', '--data', hostile, ...options);
    const { stdout, code } = await machine.host.run([causeway, 'service', 'status', '--name', 'second', '--json']);
    const found = serviceStatus.parse(JSON.parse(stdout));
    assert.deepEqual([code, found.data, found.service?.state], [0, hostile, 'active']);
    await must(causeway, 'service', 'remove', '--name', 'second');
    assert.equal((await machine.host.run(['test', '-e', `${hostile}/installation.json`])).code, 0);
    await awaitPage(wpc);
  });

  test('removed, it has ended everything in order and left nothing but the data', async () => {
    const { bob } = wpc;
    const told = () => bob.client.said().includes('server-pushed');
    assert.match(await must(causeway, 'service', 'remove'), /^removed \/etc\/systemd\/system\/causeway\.service\n/);
    await awaitCondition('the client was told', () => (told() ? true : undefined), { withinMs: 5_000 });
    assert.equal((await machine.host.run(['ls', '/etc/systemd/system/causeway.service'])).code, 2);
    assert.doesNotMatch(await must('ip', '-br', 'link'), /cw0-/);
    assert.doesNotMatch(await must('nft', 'list', 'tables'), /causeway/);
    assert.equal(await must('systemctl', 'list-units', '--all', '--no-legend', 'causeway*'), '');
    assert.equal((await machine.host.run([causeway, 'service', 'status'])).code, 3);
    assert.equal((await machine.host.run(['test', '-e', `${data}/pg`])).code, 0);
  });
});
