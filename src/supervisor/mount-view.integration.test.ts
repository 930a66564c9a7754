import assert from 'node:assert/strict';
import { readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { createScratch } from './testing/scratch.ts';
import { standIns, UpRun, upOptionsFor } from './testing/up-run.ts';

const checkout = path.join(import.meta.dirname, '..', '..');
const standInUp = path.join('src', 'supervisor', 'stand-ins', 'up', 'main.ts');

/**
 * A root directory that is no mount of its own, with this system in it: what debootstrap and chroot make. `propagation` is that of
 * everything above it, which nobody inside can change.
 */
function plainChroot(root: string, scratch: string, propagation: 'private' | 'shared'): string[] {
  const script = `
    mkdir -p ${root}; mount --make-r${propagation} /
    for name in usr etc proc dev sys run var tmp; do mkdir -p ${root}/$name; mount --rbind /$name ${root}/$name; done
    for name in bin sbin lib lib64; do ln -sfn usr/$name ${root}/$name; done
    mkdir -p ${root}${scratch} ${root}${checkout}; mount --bind ${checkout} ${root}${checkout}
    exec chroot ${root} "$@"`;
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-ec', script, 'sh'];
}

describe('the view of checkout and Node', () => {
  const scratch = createScratch();
  after(() => scratch.remove());
  const inNamespace = ['ip', 'netns', 'exec', scratch.namespace];
  const inScratch = (...names: string[]) => path.join(scratch.directory, ...names);

  /** Starts, gives what the controller's process sees itself run from, and stops. */
  async function programsOf(up: UpRun): Promise<{ node: string; main: string; cannotWrite: boolean }> {
    try {
      await up.ready();
      const pid = up.pidOf('controller');
      const [node = '', main = ''] = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').split('\0');
      const mounts = readFileSync(`/proc/${String(pid)}/mounts`, 'utf8');
      return { node, main, cannotWrite: new RegExp(` ${scratch.directory}/[^ ]*/app [^ ]+ ro,`).test(mounts) };
    } finally {
      assert.equal(await up.stop(), 0);
    }
  }

  it('works with both below a directory that only root may enter', async () => {
    const script = `
      umask 077; mkdir -p ${inScratch('closed')}/checkout; touch ${inScratch('closed')}/node
      mount --bind ${checkout} ${inScratch('closed')}/checkout; mount --bind ${process.execPath} ${inScratch('closed')}/node
      exec "$@"`;
    const up = new UpRun(
      standIns(upOptionsFor(inScratch('data')), [...inNamespace, 'sh', '-ec', script, 'sh'], {
        node: inScratch('closed/node'),
        program: inScratch('closed/checkout', standInUp),
      }),
    );
    assert.deepEqual(await programsOf(up), {
      node: inScratch('data/node'),
      main: inScratch('data/app/src/supervisor/stand-ins/controller/main.ts'),
      cannotWrite: true,
    });
  });

  it('works in a plain chroot below private mounts', async () => {
    const command = [...inNamespace, ...plainChroot(inScratch('root'), scratch.directory, 'private')];
    const seen = await programsOf(new UpRun(standIns(upOptionsFor(inScratch('in-chroot')), command)));
    assert.equal(seen.main, inScratch('in-chroot/app/src/supervisor/stand-ins/controller/main.ts'));
  });

  it('mounts nothing in a plain chroot below shared mounts, where others would see it', async () => {
    const command = [...inNamespace, ...plainChroot(inScratch('root'), scratch.directory, 'shared')];
    const options = upOptionsFor(inScratch('in-shared-chroot'), { gateway: false });
    const seen = await programsOf(new UpRun(standIns(options, command)));
    assert.deepEqual(seen, {
      node: process.execPath,
      main: path.join(checkout, 'src/supervisor/stand-ins/controller/main.ts'),
      cannotWrite: false,
    });
  });

  it('says in such a chroot what is closed to the system users', async () => {
    const shared = plainChroot(inScratch('root'), scratch.directory, 'shared');
    const script = `mkdir -p /var/tmp/closed; chmod 700 /var/tmp/closed; exec "$@"`;
    const hidden = `mount -t tmpfs none /var/tmp; mkdir -m 700 /var/tmp/closed; mkdir /var/tmp/closed/checkout; mount --bind ${checkout} /var/tmp/closed/checkout; exec "$@"`;
    const up = new UpRun(
      standIns(
        upOptionsFor(inScratch('refused'), { gateway: false }),
        [...inNamespace, 'sh', '-ec', hidden, 'sh', ...shared, 'sh', '-ec', script, 'sh'],
        {
          program: path.join('/var/tmp/closed/checkout', standInUp),
        },
      ),
    );
    assert.equal(await up.exit(), 1);
    assert.match(
      up.stderr,
      /the checkout \(\/var\/tmp\/closed\/checkout\) cannot be read by the system users, since \/var\/tmp\/closed is closed .*: move it/,
    );
  });

  it('is seen by nobody outside', () => {
    assert.ok(!readFileSync('/proc/self/mounts', 'utf8').includes(scratch.directory));
    assert.notEqual(readlinkSync('/proc/self/ns/mnt'), '');
  });
});
