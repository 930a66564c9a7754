import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import type { UpOptions } from '../contract/cli/up-options.ts';
import { createScratch } from './testing/scratch.ts';
import { standIns, UpRun, upOptionsFor } from './testing/up-run.ts';

describe('before anything is changed, up', () => {
  const scratch = createScratch();
  after(() => scratch.remove());
  let runs = 0;

  /** Runs `up` after a piece of shell in its namespaces (ip netns exec gives it a mount namespace of its own). */
  async function refusal(
    setUp: string,
    changes: Partial<UpOptions> = {},
  ): Promise<{ code: number | string; said: string[]; data: string }> {
    runs += 1;
    const options = upOptionsFor(path.join(scratch.directory, `data-${String(runs)}`), changes);
    const shell = ['ip', 'netns', 'exec', scratch.namespace, 'sh', '-ec', `${setUp}\nexec "$@"`, 'sh'];
    const up = new UpRun(standIns(options, shell));
    const code = await up.exit();
    assert.equal(up.stdout, '');
    const said = up.stderr.trim().split('\n');
    return { code, said, data: options.data };
  }

  async function assertRefused(setUp: string, changes: Partial<UpOptions>, code: number, ...sentences: RegExp[]): Promise<void> {
    const refused = await refusal(setUp, changes);
    assert.equal(refused.code, code, refused.said.join('\n'));
    assert.equal(refused.said.length, sentences.length, refused.said.join('\n'));
    for (const sentence of sentences) {
      assert.ok(
        refused.said.some((line) => sentence.test(line)),
        `${refused.said.join('\n')}\ndoes not say ${String(sentence)}`,
      );
    }
    // One sentence each, with its remedy after the colon.
    for (const line of refused.said) assert.match(line, /^causeway up: [^\n]+: [^\n]+\.$/);
    if (changes.data === undefined) assert.ok(!existsSync(refused.data), 'the data directory was made');
  }

  it('says that it is not root', () =>
    assertRefused(
      'set -- setpriv --reuid 65534 --regid 65534 --clear-groups "$@"',
      {},
      4,
      /does not run as root.*: start it with sudo/,
    ));

  it('says that /dev/net/tun is missing', () =>
    assertRefused('mount -t tmpfs none /dev/net', {}, 4, /there is no \/dev\/net\/tun, .*: load it with "modprobe tun"/));

  it('names every program that is missing and its package', () =>
    assertRefused(
      'for name in nft conntrack; do mount --bind /dev/null "$(readlink -f "$(command -v $name)")"; done',
      {},
      4,
      /the program nft is missing.*: install the package nftables/,
      /the program conntrack is missing.*: install the package conntrack/,
    ));

  it('says that openvpn is too old', () =>
    assertRefused(
      `printf '#!/bin/sh\\necho "OpenVPN 2.5.1 x86_64-pc-linux-gnu"\\n' >${scratch.directory}/old; chmod 755 ${scratch.directory}/old
       mount --bind ${scratch.directory}/old "$(command -v openvpn)"`,
      {},
      4,
      /openvpn is 2\.5, and 2\.6 is the oldest that works: install/,
    ));

  it('asks for nothing that only a gateway needs with --no-gateway', () =>
    // The hostname is the one thing that is wrong here.
    assertRefused('mount -t tmpfs none /dev/net', { gateway: false, hostname: '-x' }, 2, /--hostname -x is neither/));

  for (const [transport, changes, wanted] of [
    [
      'tcp',
      { listen: { address: '0.0.0.0', port: 443 } },
      /TCP port 443 for the portal is in use by node \(process (\d+)\): .*--listen/,
    ],
    ['udp', { vpnPort: 443 }, /UDP port 443 for tunnels is in use by node \(process (\d+)\): .*--vpn-port/],
  ] as const) {
    it(`names the process that holds a ${transport} port`, async () => {
      const open =
        transport === 'tcp'
          ? "require('net').createServer().listen(443, up)"
          : "require('dgram').createSocket('udp4').bind(443, up)";
      const holder = spawn(
        'ip',
        ['netns', 'exec', scratch.namespace, process.execPath, '--eval', `const up = () => console.log('up'); ${open}`],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      try {
        for await (const line of createInterface({ input: holder.stdout })) if (line === 'up') break;
        await assertRefused('', changes, 1, new RegExp(wanted.source.replace('(\\d+)', String(holder.pid))));
      } finally {
        holder.kill('SIGKILL');
      }
    });
  }

  it('says that portal and tunnels want the same port', () =>
    assertRefused('', { listen: { address: '0.0.0.0', port: 1194 } }, 2, /both want TCP port 1194: choose another/));

  it('says that an address is not of this machine', () =>
    assertRefused(
      '',
      { listen: { address: '203.0.113.9', port: 443 } },
      2,
      /this machine has no address 203\.0\.113\.9: give one of its own/,
    ));

  it('refuses a hostname that is none, and asks for one where there is no default route', async () => {
    await assertRefused('', { hostname: 'a b"\n' }, 2, /--hostname "a b\\"\\u000a" is neither a DNS name nor an IP address: /);
    await assertRefused('', { hostname: '10.0.0.300' }, 2, /--hostname 10\.0\.0\.300 is neither/);
    await assertRefused(
      'ip() { command ip "$@"; }; unshare --net true; set -- unshare --net "$@"',
      { gateway: false },
      2,
      /no default route, .*: give the name/,
    );
  });

  describe('about the data directory', () => {
    const inScratch = (name: string) => path.join(scratch.directory, name);

    it('says that it is too long', () =>
      assertRefused('', { data: `/tmp/${'x'.repeat(76)}` }, 2, /is 81 bytes long, and 80 are allowed.*: choose a shorter one/));

    it('says that its file system is read-only', () => {
      mkdirSync(inScratch('read-only'));
      return assertRefused(
        `mount -t tmpfs -o ro none ${inScratch('read-only')}`,
        { data: inScratch('read-only/data') },
        1,
        /cannot be written \(its file system is read-only\): /,
      );
    });

    it('says that its file system is full, or has no room for more files', async () => {
      mkdirSync(inScratch('full'));
      await assertRefused(
        `mount -t tmpfs -o size=20m none ${inScratch('full')}`,
        { data: inScratch('full') },
        1,
        /has 20 MiB free, and 200 MiB are needed to start: free some space/,
      );
      await assertRefused(
        `mount -t tmpfs -o nr_inodes=100 none ${inScratch('full')}`,
        { data: inScratch('full') },
        1,
        /has room for \d+ more files, and 3000 are needed/,
      );
    });

    it('says which directory the system users cannot enter', () => {
      mkdirSync(inScratch('closed'), { mode: 0o700 });
      return assertRefused(
        '',
        { data: inScratch('closed/data') },
        1,
        new RegExp(`${inScratch('closed')} may not be entered .*: run "chmod o\\+x`),
      );
    });

    it('refuses a directory of another user', () => {
      mkdirSync(inScratch('of-nobody'));
      chownSync(inScratch('of-nobody'), 65_534, 65_534);
      return assertRefused(
        '',
        { data: inScratch('of-nobody') },
        1,
        /of-nobody belongs to user 65534.*: look at what it holds and run "chown root/,
      );
    });

    it('refuses a file, and a directory with other things in it', async () => {
      writeFileSync(inScratch('file'), '');
      await assertRefused('', { data: inScratch('file') }, 1, /file is not a directory: /);
      await assertRefused('', { data: inScratch('file/below') }, 1, /file is not a directory: /);
      mkdirSync(inScratch('foreign'));
      writeFileSync(inScratch('foreign/thesis.txt'), '');
      await assertRefused('', { data: inScratch('foreign') }, 1, /holds other things \(thesis\.txt\) and no installation/);
    });
  });

  it('refuses a certificate that is none, and a key of another certificate', async () => {
    const make = (name: string) =>
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:P-256',
          '-nodes',
          '-subj',
          '/CN=x',
          '-keyout',
          `${name}.key`,
          '-out',
          `${name}.crt`,
        ],
        {
          cwd: scratch.directory,
          stdio: 'ignore',
        },
      );
    make('one');
    make('two');
    const file = (name: string) => path.join(scratch.directory, name);
    await assertRefused(
      '',
      { tls: { certificate: file('one.crt'), key: file('two.key') } },
      2,
      /two\.key does not belong to the certificate/,
    );
    await assertRefused(
      '',
      { tls: { certificate: file('one.key'), key: file('absent') } },
      2,
      /--tls-cert .* is not a certificate/,
      /--tls-key .* cannot be read/,
    );
  });

  it('says everything at once', () =>
    assertRefused(
      'mount -t tmpfs none /dev/net',
      { hostname: '-', listen: { address: '203.0.113.9', port: 443 } },
      2,
      /--hostname/,
      /\/dev\/net\/tun/,
      /203\.0\.113\.9/,
    ));
});

describe('a start that fails half-way', () => {
  const scratch = createScratch();
  after(() => scratch.remove());

  it('says that the disk is full, stops what it had started, and succeeds once there is room', async () => {
    const data = path.join(scratch.directory, 'data');
    mkdirSync(data);
    // Too small for the database; preflight, which would say so, is skipped.
    const start = 'unshare --mount --propagation private "$@" private';
    const script = `mount -t tmpfs -o size=24m none ${data}; ${start} && exit 99; echo "first: $?"; ls ${data}/pg
                    mount -o remount,size=300m ${data}; exec ${start}`;
    const up = new UpRun(standIns(upOptionsFor(data), ['ip', 'netns', 'exec', scratch.namespace, 'sh', '-c', script, 'sh']));
    await up.eventually('the second start is ready', () => up.stdout.includes('\nready '));
    assert.match(up.stdout, /^first: 1\n/);
    assert.doesNotMatch(up.stdout, /^data/m, 'a half-made cluster was left');
    assert.match(up.stderr, /causeway up: the file system of .* is full .*: free some space and start again/);
    assert.equal(await up.stop(), 0);
  });
});
