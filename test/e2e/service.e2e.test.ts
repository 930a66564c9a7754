/**
 * Causeway as a service of a real systemd: restarts of every kind while people work, everything killed, the power cut, hung processes, removal.
 * The machine is src/lab/booted-served.machine.ts; the checkout lies in /opt/causeway there, the data in /var/lib/causeway.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { serviceStatus } from '../../src/contract/cli/service-status.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import { systemd } from '../../src/lab/init-system.ts';
import { awaitPage } from '../../src/lab/shapes/connected-wpc.ts';
import { causeway, data, ServedWpc } from './served-wpc.ts';

const dropIns = '/run/systemd/system/causeway.service.d';

describe('the service', () => {
  let served: ServedWpc;
  before(async () => {
    served = await ServedWpc.install(systemd);
  });
  after(async () => await served?.[Symbol.asyncDispose]());

  test('is installed: it runs in its sandbox, each lane has a scope of its own, the journal has levels', async (context) => {
    const found = await served.status();
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
      assert.match(await served.must('cat', `/proc/${pid}/cgroup`), new RegExp(`/causeway-lane-0-${lane}-[a-z0-9]+\\.scope\n$`));
    }
    const exposure = /Overall exposure level for causeway\.service: (\d+\.\d)/.exec(
      await served.must('systemd-analyze', 'security', '--no-pager', 'causeway.service'),
    )?.[1];
    context.diagnostic(`systemd-analyze security: ${exposure}`);
    assert.ok(Number(exposure) <= 4.3, `exposure ${exposure}`);
    const verified = await served.machine.host.run([
      'systemd-analyze',
      'verify',
      '--man=no',
      '/etc/systemd/system/causeway.service',
    ]);
    assert.deepEqual([verified.code, verified.stdout, verified.stderr], [0, '', '']);
    const entries = (await served.journal('-o', 'json'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const controllerLine = entries.find(({ MESSAGE: message }) => String(message).startsWith('controller | {"level":30'));
    assert.equal(controllerLine?.['PRIORITY'], '6');
    assert.match(
      await served.must('systemctl', 'show', '--property', 'StatusText', 'causeway'),
      /^StatusText=Ready; \d+ lanes$/m,
    );
    assert.equal(await served.must('stat', '--format', '%a %U', join(data, 'run', 'supervisor.sock')), '600 root\n');
  });

  test('restarted, as a whole and part by part, it drops no packet', async (context) => {
    for (const argv of [[], ['controller'], ['gateway'], ['signer'], ['database']]) {
      const { lost, sent, tookMs } = await served.lossDuring(() => served.must(causeway, 'service', 'restart', ...argv));
      context.diagnostic(`restart ${argv.join('') || 'of all'}: ${tookMs} ms, ${lost} of ${sent} packets lost`);
      assert.equal(lost, 0);
    }
  });

  test('installed again it changes nothing; with other options it says so, and drops no packet', async () => {
    const same = ['service', 'install', '--hostname', served.wpc.region.address];
    // For the test after this one, which waits for the watchdog: an administrator's own addition, which stays.
    await served.must('mkdir', '-p', dropIns);
    await served.must('sh', '-c', `printf '[Service]\\nWatchdogSec=8\\n' >${dropIns}/watchdog.conf`);
    await served.must('systemctl', 'daemon-reload');
    const before = await served.status();
    assert.equal(await served.must(causeway, ...same), 'causeway is installed so and runs; nothing was changed\n');
    assert.equal((await served.status()).running?.pid, before.running?.pid);
    let said = '';
    const { lost } = await served.lossDuring(
      async () => (said = await served.must(causeway, ...same, '--region', 'eu-central-1')),
    );
    assert.match(said, /^changed [^]*\n\+ ExecStart=.* "--region" "eu-central-1"\n[^]*restarted; tunnels stayed\n$/);
    assert.equal(lost, 0);
    assert.notEqual((await served.status()).running?.pid, before.running?.pid);
  });

  test('a supervisor, a controller or a signer that hangs is ended and started again, and no packet is lost', async (context) => {
    for (const part of ['controller', 'signer', 'supervisor'] as const) {
      const { lost, tookMs } = await served.lossDuring(() => served.replaced(part, 'STOP'));
      context.diagnostic(`${part} stopped: another one was ready after ${tookMs} ms`);
      assert.equal(lost, 0);
    }
    await served.must('rm', '-r', dropIns);
    await served.must('systemctl', 'daemon-reload');
  });

  test('every process killed: all are back without help', async (context) => {
    const backMs = await served.timeUntilBack(() =>
      served.must('systemctl', 'kill', '--signal=KILL', '--kill-whom=all', 'causeway.service', 'causeway-lane-*.scope'),
    );
    context.diagnostic(`all processes killed: packets passed again after ${backMs} ms`);
  });

  test('the power is cut: after the next start all are back without help', async (context) => {
    const backMs = await served.timeUntilBack(async () => {
      await served.machine.cutPower();
      await served.machine.boot();
    });
    context.diagnostic(`power cut and started again at once: packets passed again after ${backMs} ms`);
  });

  test('a second installation, whose directory has a hostile name', async () => {
    const hostile = "/srv/it's 100%h {x}";
    const options = ['--listen', '0.0.0.0:8443', '--vpn-port', '5000', '--no-gateway', '--hostname', served.wpc.region.address];
    await served.must(causeway, 'service', 'install', '--name', 'second', '--data', hostile, ...options);
    const { stdout, code } = await served.machine.host.run([causeway, 'service', 'status', '--name', 'second', '--json']);
    const found = serviceStatus.parse(JSON.parse(stdout));
    assert.deepEqual([code, found.data, found.service?.state], [0, hostile, 'active']);
    await served.must(causeway, 'service', 'remove', '--name', 'second');
    assert.equal((await served.machine.host.run(['test', '-e', `${hostile}/installation.json`])).code, 0);
    await awaitPage(served.wpc);
  });

  test('removed, it has ended everything in order and left nothing but the data', async () => {
    const { bob } = served.wpc;
    const told = () => bob.client.said().includes('server-pushed');
    assert.match(await served.must(causeway, 'service', 'remove'), /^removed \/etc\/systemd\/system\/causeway\.service\n/);
    await awaitCondition('the client was told', () => (told() ? true : undefined), { withinMs: 5_000 });
    assert.equal((await served.machine.host.run(['ls', '/etc/systemd/system/causeway.service'])).code, 2);
    assert.equal(await served.must('systemctl', 'list-units', '--all', '--no-legend', 'causeway*'), '');
    await served.assertOnlyDataLeft();
  });
});
