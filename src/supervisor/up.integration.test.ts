import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { supervisorState } from '../contract/supervisor-control.ts';
import { createScratch } from './testing/scratch.ts';
import { childrenOf, isAlive, rightsOf } from './testing/process-rights.ts';
import { askControl, askLocal, standIns, UpRun, upOptionsFor } from './testing/up-run.ts';

const netAdminAndRaw = '3000';

describe('causeway up', () => {
  const scratch = createScratch();
  const data = path.join(scratch.directory, 'data');
  const inNamespace = ['ip', 'netns', 'exec', scratch.namespace];
  const inside = (program: string, ...args: string[]) =>
    execFileSync('ip', ['netns', 'exec', scratch.namespace, program, ...args]).toString();
  let up = new UpRun(standIns(upOptionsFor(data, { region: 'eu-central-1' }), inNamespace));
  let url = '';

  before(async () => {
    url = await up.ready();
  });
  after(async () => {
    await up.stop();
    scratch.remove();
  });

  it('prints the ready line with the name of the default route and the real port', () => {
    assert.match(url, /^https:\/\/192\.0\.2\.10:[1-9]\d+$/);
    const installation: unknown = JSON.parse(readFileSync(path.join(data, 'installation.json'), 'utf8'));
    const listenPort = Number(new URL(url).port);
    assert.deepEqual(installation, {
      number: 0,
      hostname: '192.0.2.10',
      listenPort,
      vpnPort: 1194,
      region: 'eu-central-1',
      gateway: true,
    });
  });

  it('hands each socket to the controller under its name', async () => {
    assert.equal(await askLocal(data), 'local');
    const script = `process.stdout.write(await (await fetch(${JSON.stringify(url.replace('https', 'http'))})).text())`;
    assert.equal(inside(process.execPath, '--input-type=module', '--eval', script), 'https');
  });

  it('leaves each process the rights that it needs and no others', async () => {
    const id = (kind: 'user' | 'group', name: string) =>
      execFileSync('id', [kind === 'user' ? '-u' : '-g', name])
        .toString()
        .trim();
    const none = { effective: '0', permitted: '0', ambient: '0', noNewPrivileges: '1' };
    const as = (name: string, groups: string[]) => ({
      uid: id('user', name),
      gid: id('group', name),
      groups: groups.map((group) => id('group', group)).join(' '),
    });
    const withBounding = async (pid: number) => rightsOf(pid);
    const withoutBounding = async (pid: number) => {
      const { bounding: _any, ...rest } = await rightsOf(pid);
      return rest;
    };
    assert.deepEqual(await withBounding(up.pidOf('signer')), { ...as('causeway-ca', []), ...none, bounding: '0' });
    assert.deepEqual(await withBounding(up.pidOf('controller')), { ...as('causeway', ['causeway-db']), ...none, bounding: '0' });
    assert.deepEqual(await withBounding(up.pidOf('lane', 'running')), { ...as('causeway-vpn', []), ...none, bounding: '0' });
    const agent = await rightsOf(up.pidOf('gateway'));
    assert.deepEqual(
      { ...agent, groups: new Set(agent.groups.split(' ')) },
      {
        ...as('causeway-gateway', []),
        groups: new Set([id('group', 'causeway-vpn'), id('group', 'causeway')]),
        effective: netAdminAndRaw,
        permitted: netAdminAndRaw,
        bounding: netAdminAndRaw,
        ambient: netAdminAndRaw,
        noNewPrivileges: '1',
      },
    );
    const postgres = up.pidOf('postgres', 'ready');
    for (const pid of [postgres, ...(await childrenOf(postgres))]) {
      assert.deepEqual(await withoutBounding(pid), { ...as('causeway-db', []), ...none });
    }
    assert.equal((await rightsOf(up.pid)).uid, '0');
    assert.equal((await rightsOf(up.pid)).noNewPrivileges, '1');
    assert.equal(
      (await childrenOf(up.pid)).length,
      5,
      'supervisor has other children than postgres, signer, controller, gateway, lane',
    );
  });

  it('keeps keys, sockets and the database from everybody else', () => {
    const mode = (...names: string[]) => (statSync(path.join(data, ...names)).mode & 0o7777).toString(8);
    assert.deepEqual(
      {
        root: mode(),
        run: mode('run'),
        apiSocket: mode('run', 'api.sock'),
        sock: mode('sock'),
        gatewaySocket: mode('sock', 'gateway.sock'),
        cluster: mode('pg', 'data'),
        pgSocket: mode('pg', 'sock'),
        signer: mode('signer'),
        caKey: mode('signer', 'ca.key'),
        caCertificate: mode('ca.crt'),
        controller: mode('controller'),
        gateway: mode('gateway'),
        token: mode('gateway', 'token'),
        laneKeeper: mode('lane-keeper'),
      },
      {
        root: '755',
        run: '700',
        apiSocket: '600',
        sock: '750',
        gatewaySocket: '660',
        cluster: '700',
        pgSocket: '750',
        signer: '710',
        caKey: '600',
        caCertificate: '644',
        controller: '700',
        gateway: '2750',
        token: '600',
        laneKeeper: '750',
      },
    );
  });

  it('sets the lane device and forwarding in its own network namespace', () => {
    const setting = (name: string) => inside('cat', `/proc/sys/net/${name}`).trim();
    assert.deepEqual(
      [
        'ipv4/ip_forward',
        'ipv4/fwmark_reflect',
        'ipv4/conf/cw0-u0/rp_filter',
        'ipv4/conf/cw0-u0/send_redirects',
        'ipv4/conf/all/send_redirects',
      ].map(setting),
      ['1', '1', '2', '0', '0'],
    );
  });

  it('writes no secret into arguments or log', () => {
    const token = readFileSync(path.join(data, 'gateway', 'token'), 'utf8');
    assert.ok(token.length >= 43);
    assert.ok(!up.stderr.includes(token) && !up.stdout.includes(token));
    for (const part of ['signer', 'controller', 'gateway']) {
      assert.ok(!readFileSync(`/proc/${String(up.pidOf(part))}/cmdline`, 'utf8').includes(token));
    }
  });

  it('keeps the set-up link for root, says it to nobody where there is no terminal, and removes it when it is void', async () => {
    const file = path.join(data, 'setup-link');
    const link = readFileSync(file, 'utf8');
    assert.match(link, /^https:\/\/stand-in\/set-up#s{43}\n$/);
    const { mode, uid } = statSync(file);
    assert.deepEqual([(mode & 0o7777).toString(8), uid], ['600', 0]);
    assert.ok(!up.stderr.includes('#sss') && !up.stdout.includes('#sss'));
    await askLocal(data, '/hostile-link');
    assert.equal(await askLocal(data), 'local');
    assert.equal(readFileSync(file, 'utf8'), link);
    await askLocal(data, '/is-set-up');
    await up.eventually('the end of the set-up link', () => !existsSync(file));
  });

  it('refuses a second start on the same data and names the process', async () => {
    const second = new UpRun(standIns(upOptionsFor(data, { vpnPort: 2194 }), inNamespace));
    assert.equal(await second.exit(), 1);
    assert.match(
      second.stderr,
      new RegExp(`another "causeway up" \\(process ${String(up.pid)}\\) runs on ${data}: stop it, or choose`),
    );
    // Another network namespace makes no difference: the lock is on the directory.
    const elsewhere = new UpRun(standIns(upOptionsFor(data, { gateway: false, hostname: 'vpn.example.com' }), []));
    assert.equal(await elsewhere.exit(), 1);
    assert.match(elsewhere.stderr, /another "causeway up"/);
  });

  it('runs a second installation beside it under another number', async () => {
    const otherData = path.join(scratch.directory, 'other');
    const other = new UpRun(standIns(upOptionsFor(otherData, { vpnPort: 2194 }), inNamespace));
    try {
      const otherUrl = await other.ready();
      assert.notEqual(new URL(otherUrl).port, new URL(url).port);
      assert.match(readFileSync(path.join(otherData, 'installation.json'), 'utf8'), /"number": 1,/);
      assert.match(inside('ip', '-o', 'link'), /cw0-u0.*[\s\S]*cw1-u0/);
    } finally {
      assert.equal(await other.stop(), 0);
    }
    assert.doesNotMatch(inside('ip', '-o', 'link'), /cw1-/);
    assert.match(inside('ip', '-o', 'link'), /cw0-u0/, "the other installation's tun was taken away");
  });

  it('ignores what is no message from a child', async () => {
    process.kill(up.pidOf('controller'), 'SIGUSR2');
    await up.eventually('the nonsense is logged', () => up.count('supervisor', 'what is no message') > 0);
    assert.equal(await askLocal(data), 'local');
  });

  it('starts a process anew that has let go of its channel and does not end', async () => {
    const controller = up.pidOf('controller');
    process.kill(controller, 'SIGUSR1');
    await up.eventually('another controller', () => up.pidOf('controller') !== controller);
    await up.eventually('it answers', async () => (await askLocal(data).catch(() => '')) === 'local');
    assert.ok(!(await isAlive(controller)));
  });

  describe('after kill -9', () => {
    const recovered: string[] = [];
    after(() => console.log(`# recovered after kill -9: ${recovered.join(', ')}`));

    for (const part of ['signer', 'controller', 'gateway'] as const) {
      it(`starts the ${part} again and leaves the rest alone`, async () => {
        const others = ['signer', 'controller', 'gateway'].filter((name) => name !== part).map((name) => up.pidOf(name));
        const lane = up.pidOf('lane', 'running');
        const readyBefore = up.count(part, ' info ready');
        const killedAt = performance.now();
        process.kill(up.pidOf(part), 'SIGKILL');
        await up.eventually(`${part} is ready again`, () => up.count(part, ' info ready') > readyBefore);
        recovered.push(`${part} ${String(Math.round(performance.now() - killedAt))} ms`);
        for (const pid of [...others, lane]) assert.ok(await isAlive(pid), `process ${String(pid)} ended too`);
        assert.equal(await askLocal(data), 'local');
      });
    }

    it('starts the database again', async () => {
      const postgres = up.pidOf('postgres', 'ready');
      const killedAt = performance.now();
      process.kill(postgres, 'SIGKILL');
      await up.eventually('postgres is ready again', () => up.pidOf('postgres', 'ready') !== postgres);
      recovered.push(`database ${String(Math.round(performance.now() - killedAt))} ms`);
    });

    it('reports a lane that was killed to the agent, which has it started again', async () => {
      const lane = up.pidOf('lane', 'running');
      const killedAt = performance.now();
      process.kill(lane, 'SIGKILL');
      await up.eventually('the lane runs again', () => up.pidOf('lane', 'running') !== lane);
      recovered.push(`lane ${String(Math.round(performance.now() - killedAt))} ms`);
      // Recorded, and writing to its log: the next test kills the supervisor, which reads what it says before that.
      const again = String(up.pidOf('lane', 'running'));
      const record = path.join(data, 'lane-keeper', 'u0.json');
      const recorded = () => /"pid":\s*(\d+)/.exec(existsSync(record) ? readFileSync(record, 'utf8') : '')?.[1];
      await up.eventually('it stands on its own feet', () => {
        return recorded() === again && readlinkSync(`/proc/${again}/fd/1`).endsWith('/log');
      });
    });

    it('keeps the lane when the supervisor itself is killed, and adopts it at the next start', async () => {
      const lane = up.pidOf('lane', 'running');
      const children = ['signer', 'controller', 'gateway'].map((name) => up.pidOf(name));
      const killedAt = performance.now();
      assert.equal(await up.stop('SIGKILL'), 'SIGKILL');
      // What a careless hand may do in between is mended by the start.
      chmodSync(path.join(data, 'run'), 0o777);
      chownSync(path.join(data, 'lane-keeper'), 65_534, 65_534);
      up = new UpRun(standIns(upOptionsFor(data), inNamespace));
      await up.ready();
      recovered.push(`supervisor ${String(Math.round(performance.now() - killedAt))} ms`);
      for (const pid of children) assert.ok(!(await isAlive(pid)), `process ${String(pid)} outlived its supervisor`);
      assert.equal(up.pidOf('lane', 'adopted'), lane);
      assert.equal(statSync(path.join(data, 'run')).mode & 0o7777, 0o700);
      assert.equal(statSync(path.join(data, 'lane-keeper')).uid, 0);
      assert.equal(up.pidOf('lane', 'running'), lane);
      assert.ok(await isAlive(lane));
      assert.equal(await askLocal(data), 'local');
    });
  });

  describe('what root asks for', () => {
    const state = async () => supervisorState.parse(await askControl(data, '{"kind":"state"}'));

    it('is answered to root alone: how it stands', async () => {
      const { parts, lanes, ready, pid } = await state();
      assert.deepEqual([ready, pid], [true, up.pid]);
      assert.deepEqual(
        parts.map(({ part, ready: isReady }) => [part, isReady]),
        [
          ['controller', true],
          ['gateway', true],
          ['signer', true],
          ['database', true],
        ],
      );
      assert.deepEqual(
        lanes.map(({ lane, pid: process }) => [lane, process]),
        [['u0', up.pidOf('lane', 'running')]],
      );
      assert.equal(statSync(path.join(data, 'run', 'supervisor.sock')).mode & 0o7777, 0o600);
    });

    it('is done: each part is restarted alone, and answered when it is ready', async () => {
      const lane = up.pidOf('lane', 'running');
      for (const part of ['controller', 'gateway', 'signer', 'database'] as const) {
        const before = await state();
        assert.deepEqual(await askControl(data, JSON.stringify({ kind: 'restart', part })), { kind: 'done' });
        const now = await state();
        for (const { part: other, pid, ready } of now.parts) {
          const old = before.parts.find((found) => found.part === other)?.pid;
          assert.equal(pid !== old, other === part, `${other} over a restart of ${part}`);
          assert.ok(ready);
        }
      }
      assert.ok(await isAlive(lane));
      assert.equal(await askLocal(data), 'local');
    });

    it('is refused where it is nothing known, and the supervisor goes on', async () => {
      for (const line of ['{"kind":"restart","part":"lane"}', '{"kind":"run","command":"id"}', 'x'.repeat(5000), '[]', '']) {
        const answer = await askControl(data, line);
        assert.ok(
          typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'refused',
          line.slice(0, 40),
        );
      }
      assert.equal((await state()).ready, true);
    });
  });

  for (const [how, end] of [
    ['SIGUSR2', () => up.stop('SIGUSR2')],
    [
      'SIGTERM after root has asked to keep the lanes',
      async () => {
        assert.deepEqual(await askControl(data, '{"kind":"keep-lanes"}'), { kind: 'done' });
        return await up.stop();
      },
    ],
  ] as const) {
    it(`ends after ${how} and leaves the lane, which the next start adopts`, async () => {
      const lane = up.pidOf('lane', 'running');
      const children = ['signer', 'controller', 'gateway'].map((name) => up.pidOf(name));
      assert.equal(await end(), 0);
      for (const pid of children) assert.ok(!(await isAlive(pid)), `process ${String(pid)} outlived its supervisor`);
      assert.ok(await isAlive(lane));
      assert.match(inside('ip', '-o', 'link'), /cw0-u0/);
      up = new UpRun(standIns(upOptionsFor(data), inNamespace));
      await up.ready();
      assert.equal(up.pidOf('lane', 'adopted'), lane);
    });
  }

  it('ends everything in order after SIGTERM and leaves nothing behind in the kernel', async () => {
    const pids = [
      up.pid,
      ...(await childrenOf(up.pid)),
      up.pidOf('lane', 'running'),
      ...(await childrenOf(up.pidOf('postgres', 'ready'))),
    ];
    const startedAt = performance.now();
    assert.equal(await up.stop(), 0);
    assert.ok(performance.now() - startedAt < 15_000);
    for (const pid of pids) assert.ok(!(await isAlive(pid)), `process ${String(pid)} is still there`);
    assert.match(readFileSync(path.join(data, 'pg', 'data', 'PG_VERSION'), 'utf8'), /^18/);
    assert.doesNotMatch(inside('ip', '-o', 'link'), /cw0-/);
    assert.equal(up.stdout.split('\n').length, 2, 'stdout holds more than the ready line');
    assert.doesNotMatch(
      execFileSync('mount').toString(),
      new RegExp(data),
      'a mount was left, or made outside of the private namespace',
    );
  });
});
