/** The Debian packages on a machine that has only Debian 12, and under systemd: they install, run, upgrade, are removed and purged, and two builds are equal. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { systemd } from '../../src/lab/init-system.ts';
import { cloneWith, DebianTree } from './debian-tree.ts';
import { ServedWpc } from './served-wpc.ts';

const checkout = path.join(import.meta.dirname, '..', '..');
const execute = promisify(execFile);
/** Of the first build; the second is made from a commit an hour later. */
const firstDate_s = 1_800_000_000;

type Built = { readonly files: readonly string[]; readonly sums: readonly string[] };

async function build(clone: string, output: string): Promise<Built> {
  const { stdout } = await execute(path.join(clone, 'causeway'), ['package', 'deb', '--output', output], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const files = stdout.trim().split('\n').toSorted();
  const sums = await Promise.all(
    files.map(async (file) =>
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    ),
  );
  return { files, sums };
}

/** Everything on disk, with the content of what is small and configured; without what apt and dpkg keep for themselves. */
const everything = `
find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp -o -path /debs -o -path /root -o -path /.host \\
  -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache/apt -o -path /var/cache/debconf -o -path /var/log -o -path '/etc/*-' \\) -prune -o -print | sort
find /etc -xdev -type f ! -name '*-' | sort | xargs cksum
getent passwd; getent group`;

/** An address with a default route in the tree's own network namespace, a start of \`up\`, and its end. */
const functions = `
network() {
  ip link set lo up
  ip link add wan0 type veth peer name wan1
  ip addr add 192.0.2.1/24 dev wan0
  ip link set wan0 up
  ip link set wan1 up
  ip route add default via 192.0.2.254
}
start() {
  : >/run/up.out
  causeway up --hostname 192.0.2.1 >/run/up.out 2>/run/up.err &
  up=$!
  tries=0
  until grep -q '^ready' /run/up.out; do
    tries=$((tries + 1))
    if [ $tries -gt 900 ] || ! kill -0 $up 2>/dev/null; then echo 'causeway up is not ready:'; cat /run/up.err; exit 1; fi
    sleep 0.1
  done
}
stop() { kill -TERM $up; wait $up; }
`;

describe('the Debian packages', () => {
  let directory = '';
  let tree: DebianTree | undefined;
  let first: Built = { files: [], sums: [] };
  let second: Built = first;
  let clean = '';

  const machine = (): DebianTree => tree ?? assert.fail('the Debian tree is not there');
  const bring = async ({ files }: Built, to: string): Promise<void> => {
    await mkdir(path.join(machine().root, 'debs', to), { recursive: true });
    for (const file of files) await copyFile(file, path.join(machine().root, 'debs', to, path.basename(file)));
  };

  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'cw-package-test-'));
    tree = await DebianTree.create();
  });
  after(async () => {
    await tree?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  it('are the same bytes when they are built twice, in different directories, and newer ones sort higher', async () => {
    const [one, other, later] = ['one', 'somewhere/else/other', 'later'].map((name) => path.join(directory, name));
    assert.ok(one !== undefined && other !== undefined && later !== undefined);
    await mkdir(path.dirname(other), { recursive: true });
    for (const clone of [one, other]) await cloneWith(checkout, clone, firstDate_s);
    await cloneWith(checkout, later, firstDate_s + 3_600);
    const [a, b] = await Promise.all([build(one, path.join(directory, 'a')), build(other, path.join(directory, 'b'))]);
    assert.deepEqual(a.sums, b.sums);
    assert.deepEqual(
      a.files.map((file) => path.basename(file).replace(/_.*_/, ' ')),
      ['causeway-connector all.deb', 'causeway-gateway all.deb', `causeway ${process.arch === 'x64' ? 'amd64' : 'arm64'}.deb`],
    );
    first = a;
    second = await build(later, path.join(directory, 'c'));
    assert.notDeepEqual(second.sums, first.sums);
  });

  it('install with what they depend on, make the users, and start nothing', async () => {
    await bring(first, 'first');
    await bring(second, 'second');
    // What they need of Debian comes first, so that what is compared in the end is what our packages alone have added and taken.
    await machine().must(
      `for deb in /debs/first/*.deb; do for field in Depends Recommends; do dpkg-deb -f $deb $field; done; done |
        tr ',' '\\n' | grep -v causeway | sed 's/^ *//; /^$/d' | sort -u | paste -sd, >/tmp/needed
      apt-get -q -y satisfy "$(cat /tmp/needed)"`,
      { network: true, seconds: 200 },
    );
    clean = await machine().must(everything);
    const said = await machine().must('apt-get -q -y install /debs/first/*.deb');
    assert.match(said, /set the name in \/etc\/causeway\/causeway\.env, then start it/);
    assert.match(await machine().must('causeway --version'), /^0\.1\.0-git\.20270115080000\./);
    assert.match(
      await machine().must(
        'for user in causeway causeway-db causeway-ca causeway-gateway causeway-vpn; do getent passwd $user; done; stat -c %a /etc/causeway/causeway.env',
      ),
      /\n640\n$/,
    );
  });

  it('run, keep data and configuration over an upgrade, and refuse to be removed while they run', async () => {
    await machine().must("echo 'CAUSEWAY_REGION=eu-central-1' >>/etc/causeway/causeway.env");
    const said = await machine().must(
      `${functions}
      network
      start
      causeway network create 'HQ Network' --subnet 10.0.0.0/18
      curl -fsS --cacert /var/lib/causeway/ca.crt https://192.0.2.1/ | grep -o '<script type="module"' || exit 1
      dpkg -i /debs/second/*.deb
      stop
      echo "version $(causeway --version)"
      start
      causeway network list
      ! dpkg --remove causeway-connector causeway-gateway causeway
      stop
      tail -n 1 /etc/causeway/causeway.env`,
      { seconds: 150 },
    );
    assert.match(said, /^<script type="module"$/m);
    assert.match(said, /^version 0\.1\.0-git\.20270115090000\./m);
    assert.match(said, /HQ Network +10\.0\.0\.0\/18/);
    assert.match(said, /'causeway up' still runs on \/var\/lib\/causeway/);
    assert.match(said, /^CAUSEWAY_REGION=eu-central-1$/m);
  });

  it('run as a service of systemd, whose tunnels an upgrade and a restart leave alone', async (context) => {
    const debs = path.join(machine().root, 'debs');
    const install = (build: string): [string, ...string[]] => [
      'sh',
      '-ec',
      `dpkg --unpack /debs/${build}/causeway_*.deb /debs/${build}/causeway-gateway_*.deb; dpkg --configure --pending`,
    ];
    await using served = await ServedWpc.install(systemd, {
      causeway: '/usr/bin/causeway',
      shared: [`${debs}:/debs`],
      begin: async (must, address) => {
        // Of machines that are made from container images: it forbids packages to start anything.
        await must('rm', '-f', '/usr/sbin/policy-rc.d');
        await must(...install('first'));
        await must('sed', '-i', `s/^#CAUSEWAY_HOSTNAME=.*/CAUSEWAY_HOSTNAME=${address}/`, '/etc/causeway/causeway.env');
        await must('systemctl', 'enable', '--now', 'causeway');
      },
    });
    const before = await served.status();
    assert.deepEqual(
      [before.service?.file, before.service?.enabled, before.running?.ready],
      ['/lib/systemd/system/causeway.service', true, true],
    );
    const { lost, sent, tookMs } = await served.lossDuring(async () => {
      await served.must(...install('second'));
    });
    context.diagnostic(`upgraded in ${String(tookMs)} ms: ${String(lost)} of ${String(sent)} packets lost`);
    assert.equal(lost, 0);
    assert.match(await served.must('causeway', '--version'), /^0\.1\.0-git\.20270115090000\./);
    assert.notEqual((await served.status()).running?.pid, before.running?.pid);
    const backMs = await served.timeUntilBack(async () => {
      await served.machine.cutPower();
      await served.machine.boot();
    });
    context.diagnostic(`power cut: packets passed again after ${String(backMs)} ms`);
    await served.must('dpkg', '--remove', 'causeway-gateway', 'causeway');
    await served.assertOnlyDataLeft(127);
  });

  it('pass the lab without a network, with the connector of the package', async () => {
    const lab = await machine().must('ip link set lo up; causeway lab remote-access', { seconds: 150 });
    assert.match(lab, /^passed: every step was seen\.$/m);
  });

  it('keep the data when they are removed, and leave nothing when they are purged', async () => {
    await machine().must(
      'dpkg --remove causeway-connector causeway-gateway causeway; [ -d /var/lib/causeway/pg ]; getent passwd causeway-db; ! [ -e /usr/lib/causeway ]',
    );
    await machine().must('dpkg --purge causeway-connector causeway-gateway causeway');
    assert.equal(await machine().must(everything), clean);
  });
});
