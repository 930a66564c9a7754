import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { maximumDataDirectoryBytes } from '../contract/cli/up-options.ts';
import { childrenOf, isAlive, rightsOf } from './testing/process-rights.ts';
import { createScratch } from './testing/scratch.ts';
import { askLocal, UpRun } from './testing/up-run.ts';

const launcher = path.join(import.meta.dirname, '..', '..', 'causeway');
const readyz = '/api/causeway/v1/readyz';

describe('./causeway up, with everything that belongs to it', () => {
  const scratch = createScratch();
  // As long as is allowed, so that every socket below it is as long as it may become.
  const data = path.join(scratch.directory, 'd'.repeat(maximumDataDirectoryBytes - scratch.directory.length - 1));
  const start = () =>
    new UpRun(['ip', 'netns', 'exec', scratch.namespace, launcher, 'up', '--data', data, '--listen', '0.0.0.0:8443']);
  const measured: string[] = [];
  let up = start();

  before(async () => {
    const startedAt = performance.now();
    assert.equal(await up.ready(), 'https://192.0.2.10:8443');
    measured.push(`first start ${String(Math.round(performance.now() - startedAt))} ms`);
  });
  after(async () => {
    await up.stop();
    scratch.remove();
    console.log(`# ${measured.join(', ')}`);
  });

  it('answers health over TLS that DIR/ca.crt proves', () => {
    const ask = ['-sS', '--max-time', '10', '--cacert', path.join(data, 'ca.crt'), `https://192.0.2.10:8443${readyz}`];
    const answer = execFileSync('ip', ['netns', 'exec', scratch.namespace, 'curl', ...ask]).toString();
    assert.deepEqual(JSON.parse(answer), { status: 'ok' });
  });

  it('leaves only the gateway agent with capabilities, and root only the supervisor', async () => {
    const lanes = new Set([...up.stderr.matchAll(/ lane info running lane=\w+ pid=(\d+)/g)].map((match) => Number(match[1])));
    assert.ok(lanes.size >= 2, up.stderr);
    for (const pid of await childrenOf(up.pid)) {
      const { uid, effective, permitted, ambient, noNewPrivileges } = await rightsOf(pid);
      const mask = pid === up.pidOf('gateway') ? '3000' : '0';
      assert.deepEqual(
        { effective, permitted, ambient, noNewPrivileges },
        { effective: mask, permitted: mask, ambient: mask, noNewPrivileges: '1' },
      );
      assert.notEqual(uid, '0', readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8'));
    }
  });

  for (const part of ['signer', 'controller', 'gateway'] as const) {
    it(`recovers from kill -9 of the ${part}`, async () => {
      const readyBefore = up.count(part, ' info ready');
      const killedAt = performance.now();
      process.kill(up.pidOf(part), 'SIGKILL');
      await up.eventually(`${part} is ready again`, () => up.count(part, ' info ready') > readyBefore);
      await up.eventually('the API is ready', isReady);
      measured.push(`${part} back after ${String(Math.round(performance.now() - killedAt))} ms`);
    });
  }

  it('recovers from kill -9 of the database, with the controller going on', async () => {
    const [postgres, controller] = [up.pidOf('postgres', 'ready'), up.pidOf('controller')];
    const killedAt = performance.now();
    process.kill(postgres, 'SIGKILL');
    await up.eventually('postgres is ready again', () => up.pidOf('postgres', 'ready') !== postgres);
    await up.eventually('the API is ready', isReady);
    measured.push(`database back after ${String(Math.round(performance.now() - killedAt))} ms`);
    assert.ok(await isAlive(controller), up.stderr);
  });

  it('recovers from kill -9 of a lane', async () => {
    const lane = Number(/ lane info running lane=u0 pid=(\d+)/.exec(up.stderr)?.[1]);
    const count = () => up.count('lane', 'info running lane=u0');
    const before = count();
    const killedAt = performance.now();
    process.kill(lane, 'SIGKILL');
    await up.eventually('the lane runs again', () => count() > before);
    measured.push(`lane back after ${String(Math.round(performance.now() - killedAt))} ms`);
  });

  it('recovers from kill -9 of the supervisor at the next start, with the same lanes', async () => {
    const lanes = () =>
      new Map([...up.stderr.matchAll(/ lane info running lane=(\w+) pid=(\d+)/g)].map((match) => [match[1], match[2]]));
    const before = lanes();
    await up.stop('SIGKILL');
    const startedAt = performance.now();
    up = start();
    await up.ready();
    measured.push(`start after a crash ${String(Math.round(performance.now() - startedAt))} ms`);
    assert.deepEqual(lanes(), before);
  });

  it('stops in order, and is ready again at the second start', async () => {
    assert.equal(await up.stop(), 0);
    const startedAt = performance.now();
    up = start();
    await up.ready();
    measured.push(`second start ${String(Math.round(performance.now() - startedAt))} ms`);
    assert.deepEqual(JSON.parse(await askLocal(data, readyz)), { status: 'ok' });
  });

  async function isReady(): Promise<boolean> {
    const answer = await askLocal(data, readyz).catch(() => '');
    return answer === '{"status":"ok"}';
  }
});
