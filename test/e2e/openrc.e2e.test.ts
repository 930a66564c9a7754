/**
 * Causeway as a service of a real OpenRC: installed, restarted while people work, its supervisor killed, the power cut, removed. The machine is
 * src/lab/booted-machine.ts; OpenRC has no watchdog and no sandbox, so what service.e2e.test.ts asks of them is not asked here.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import { openrcOfDebian } from './debian-archives.ts';
import { causeway, ServedWpc } from './served-wpc.ts';

describe('the service of OpenRC', () => {
  let served: ServedWpc;
  before(async () => {
    served = await ServedWpc.install(await openrcOfDebian());
  });
  after(async () => await served?.[Symbol.asyncDispose]());

  test('is installed: it runs, starts with the machine, and its log is a file', async () => {
    const found = await served.status();
    assert.deepEqual(found.service, {
      manager: 'openrc',
      name: 'causeway',
      file: '/etc/init.d/causeway',
      enabled: true,
      state: 'started',
      restarts: null,
    });
    assert.deepEqual([found.running?.ready, found.running?.parts.map(({ ready }) => ready)], [true, [true, true, true, true]]);
    assert.match(await served.journal(), / controller \| /);
  });

  test('restarted, as a whole and part by part, it drops no packet', async (context) => {
    for (const argv of [[], ['controller'], ['gateway']]) {
      const before = await served.status();
      const { lost, sent, tookMs } = await served.lossDuring(() => served.must(causeway, 'service', 'restart', ...argv));
      context.diagnostic(`restart ${argv.join('') || 'of all'}: ${tookMs} ms, ${lost} of ${sent} packets lost`);
      assert.equal(lost, 0);
      if (argv.length === 0) assert.notEqual((await served.status()).running?.pid, before.running?.pid);
    }
  });

  test('a supervisor that is killed is started again, and no packet is lost', async () => {
    const { lost } = await served.lossDuring(() => served.replaced('supervisor', 'KILL'));
    assert.equal(lost, 0);
  });

  test('the power is cut: after the next start all are back without help', async (context) => {
    const backMs = await served.timeUntilBack(async () => {
      await served.machine.cutPower();
      await served.machine.boot();
    });
    context.diagnostic(`power cut and started again at once: packets passed again after ${backMs} ms`);
  });

  test('removed, it has ended everything in order and left nothing but the data', async () => {
    const { bob } = served.wpc;
    assert.match(await served.must(causeway, 'service', 'remove'), /^removed \/etc\/init\.d\/causeway\n/);
    await awaitCondition('the client was told', () => (bob.client.said().includes('server-pushed') ? true : undefined), {
      withinMs: 5_000,
    });
    for (const gone of ['/etc/init.d/causeway', '/etc/logrotate.d/causeway', '/etc/runlevels/default/causeway'])
      assert.equal((await served.machine.host.run(['test', '-e', gone])).code, 1, gone);
    await served.assertOnlyDataLeft();
  });
});
