import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { isAlive } from './testing/process-rights.ts';
import { createScratch } from './testing/scratch.ts';
import { standIns, UpRun, upOptionsFor } from './testing/up-run.ts';
import { systemUserNames } from './system-users.ts';

const names = Object.values(systemUserNames);

/** A machine without the system users: /etc as an overlay that is seen by these processes alone, so the real one stays as it is. */
function machineWithoutUsers(directory: string): string[] {
  const script = `
    mount -t tmpfs none ${directory}; mkdir ${directory}/upper ${directory}/work
    mount -t overlay overlay -o lowerdir=/etc,upperdir=${directory}/upper,workdir=${directory}/work /etc
    sed -i '/^causeway/d' /etc/passwd /etc/shadow /etc/group /etc/gshadow
    exec "$@"`;
  return ['sh', '-ec', script, 'sh'];
}

describe('the first start on a machine', () => {
  const scratch = createScratch();
  after(() => scratch.remove());

  it('makes the system users, also when two installations start at once', async () => {
    const overlay = path.join(scratch.directory, 'etc');
    mkdirSync(overlay);
    const [first, second] = [path.join(scratch.directory, 'first'), path.join(scratch.directory, 'second')];
    // One shell makes the machine, and starts both on it.
    const other = standIns(upOptionsFor(second, { vpnPort: 2194 }), []);
    const both = `${other.map((word) => `'${word}'`).join(' ')} >${overlay}/second.out & echo $! >${overlay}/second.pid; exec "$@"`;
    const prefix = ['ip', 'netns', 'exec', scratch.namespace, ...machineWithoutUsers(overlay), 'sh', '-ec', both, 'sh'];
    const up = new UpRun(standIns(upOptionsFor(first), prefix));
    // The overlay's tmpfs is mounted in that mount namespace only; /proc/PID/root looks into it.
    const inside = (file: string) => readFileSync(`/proc/${String(up.pid)}/root${file}`, 'utf8');
    let pid = 0;
    try {
      await up.ready();
      pid = Number(inside(`${overlay}/second.pid`));
      await up.eventually('the second installation is ready', () => inside(`${overlay}/second.out`).startsWith('ready '));
      const passwd = inside('/etc/passwd');
      for (const name of names)
        assert.match(passwd, new RegExp(`^${name}:x:\\d{3}:\\d{3}::/nonexistent:/usr/sbin/nologin$`, 'm'));
      assert.match(inside('/etc/group'), new RegExp(`^${names[0] ?? ''}:x:\\d{3}:$`, 'm'));
      const numbers = [first, second].map(
        (data) => /"number": (\d+)/.exec(readFileSync(path.join(data, 'installation.json'), 'utf8'))?.[1],
      );
      assert.deepEqual(new Set(numbers), new Set(['0', '1']));
    } finally {
      if (pid > 0) process.kill(pid, 'SIGTERM');
      assert.equal(await up.stop(), 0);
    }
  });

  it('needs no gateway programs with --no-gateway, and no reader of its output', async () => {
    const data = path.join(scratch.directory, 'no-gateway');
    const hide = 'mount -t tmpfs none /dev/net; mount --bind /dev/null "$(readlink -f "$(command -v openvpn)")"; exec "$@"';
    const up = new UpRun(
      standIns(upOptionsFor(data, { gateway: false }), ['ip', 'netns', 'exec', scratch.namespace, 'sh', '-ec', hide, 'sh']),
    );
    await up.ready();
    assert.equal(up.count('gateway', 'started'), 0);
    const controller = up.pidOf('controller');
    up.closeOutput();
    process.kill(controller, 'SIGKILL');
    await up.eventually('the log would be written to a closed pipe', async () => !(await isAlive(controller)));
    assert.equal(await up.stop(), 0);
  });

  it('takes away what a start with a gateway left when it was killed, if there is no gateway any more', async () => {
    const data = path.join(scratch.directory, 'killed');
    const prefix = ['ip', 'netns', 'exec', scratch.namespace];
    const links = () => execFileSync('ip', ['-n', scratch.namespace, '-o', 'link']).toString();
    const killed = new UpRun(standIns(upOptionsFor(data), prefix));
    await killed.ready();
    const lane = killed.pidOf('lane', 'running');
    await killed.stop('SIGKILL');
    assert.match(links(), /cw0-u0/);
    const up = new UpRun(standIns(upOptionsFor(data, { gateway: false }), prefix));
    await up.ready();
    assert.ok(!(await isAlive(lane)));
    assert.doesNotMatch(links(), /cw0-/);
    assert.equal(await up.stop(), 0);
  });

  it('ends after five failures of a process that never starts', async () => {
    const data = path.join(scratch.directory, 'broken');
    const command = standIns(upOptionsFor(data, { gateway: false }), [
      'ip',
      'netns',
      'exec',
      scratch.namespace,
      'env',
      'DATABASE_URL=postgres://nobody@127.0.0.1:9/none',
    ]);
    const up = new UpRun(command);
    assert.equal(await up.exit(), 1);
    assert.match(
      up.stderr,
      /ECONNREFUSED.*\ncauseway up: the controller process does not start \(exit 1\): its lines above say why\.\n$/s,
    );
    assert.equal(up.count('postgres', 'ready'), 0, 'the private database was started beside DATABASE_URL');
  });
});
