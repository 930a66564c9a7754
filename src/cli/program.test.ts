import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { backupOptions } from '../contract/cli/backup-options.ts';
import { labOptions } from '../contract/cli/lab-options.ts';
import { upArguments } from '../contract/cli/up-arguments.ts';
import type { UpOptions } from '../contract/cli/up-options.ts';
import { maximumVpnPort, upOptions } from '../contract/cli/up-options.ts';
import type { Ran } from './test-cli.ts';
import { causeway } from './test-cli.ts';

/** 0 or the exit code of a wrong command line. */
interface Outcome extends Ran {
  readonly ended: 'works' | 'usage';
}

async function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const ran = await causeway(args, { environment });
  assert.ok(ran.code === 0 || ran.code === 2, `it ended with ${String(ran.code)}`);
  assert.deepEqual(ran.questions, []);
  return { ...ran, ended: ran.code === 0 ? 'works' : 'usage' };
}

function upOf(outcome: Outcome) {
  assert.equal(outcome.err, '');
  assert.equal(outcome.became?.program, 'src/supervisor/main.ts');
  // The commit is that of whatever is tested.
  const { commit: _commit, ...options } = upOptions.parse(JSON.parse(outcome.became.args[0] ?? ''));
  return options;
}

describe('backup', () => {
  const optionsOf = (outcome: Outcome) => {
    assert.equal(outcome.err, '');
    assert.equal(outcome.became?.program, 'src/backup/main.ts');
    return backupOptions.parse(JSON.parse(outcome.became.args[0] ?? ''));
  };

  it('names a file, or what looks at one', async () => {
    const passphrase = { passphraseFile: '/root/p' };
    assert.deepEqual(optionsOf(await run(['backup', '/srv/x.age', '--data', '/srv/cw', '--passphrase-file', '/root/p'])), {
      action: 'create',
      data: '/srv/cw',
      file: '/srv/x.age',
      ...passphrase,
    });
    assert.deepEqual(optionsOf(await run(['backup', 'verify', '/srv/x.age', '--passphrase-file', '/root/p'])), {
      action: 'verify',
      file: '/srv/x.age',
      ...passphrase,
    });
    assert.deepEqual(optionsOf(await run(['backup', 'show', '/srv/x.age', '--json'])), {
      action: 'show',
      file: '/srv/x.age',
      passphraseFile: null,
      json: true,
    });
    assert.deepEqual(optionsOf(await run(['backup', 'status', '--data', '/srv/cw'])), {
      action: 'status',
      data: '/srv/cw',
      json: false,
    });
  });

  it('sets a schedule and takes it away', async () => {
    const line = 'backup --every 12h --keep 14 --to /srv/backup --passphrase-file /root/p';
    assert.deepEqual(optionsOf(await run(line.split(' '))), {
      action: 'schedule',
      data: '/var/lib/causeway',
      everySeconds: 43_200,
      keep: 14,
      directory: '/srv/backup',
      passphraseFile: '/root/p',
    });
    assert.equal(optionsOf(await run(['backup', '--off'])).action, 'unschedule');
  });

  it('refuses what cannot be meant', async () => {
    for (const [line, because] of [
      ['backup', /name the file to write/],
      ['backup --every 1d --keep 2 --to /srv', /--every needs .*--passphrase-file/],
      ['backup x --every 1d --keep 2 --to /srv --passphrase-file p', /names its files itself/],
      ['backup --every 1min --keep 2 --to /srv --passphrase-file p', /not a time from 15m to 366d/],
      ['backup --every 5m --keep 2 --to /srv --passphrase-file p', /not a time from 15m to 366d/],
      ['backup --every 1d --keep 0 --to /srv --passphrase-file p', /not a number from 1 to 1000/],
      ['backup x --keep 2', /go with --every/],
      ['backup x --off', /stands alone/],
      ['backup x --passphrase secret', /unknown option/],
      ['restore', /missing required argument/],
    ] as const) {
      const outcome = await run(line.split(' '));
      assert.match(outcome.err, because, line);
      assert.equal(outcome.ended, 'usage', line);
    }
  });

  it('restore has the options of its own', async () => {
    const line = 'restore /srv/x.age --data /srv/cw --replace --hostname VPN.example.com --passphrase-file /root/p';
    assert.deepEqual(optionsOf(await run(line.split(' '))), {
      action: 'restore',
      data: '/srv/cw',
      file: '/srv/x.age',
      passphraseFile: '/root/p',
      replace: true,
      hostname: 'vpn.example.com',
      isNew: false,
    });
  });
});

describe('up', () => {
  it('has the defaults of design.md 10', async () => {
    assert.deepEqual(upOf(await run(['up'])), {
      data: '/var/lib/causeway',
      listen: { address: '0.0.0.0', port: 443 },
      hostname: null,
      vpnPort: 1194,
      region: null,
      gateway: true,
      tls: null,
    });
  });

  it('reads back what a service is told to run', async () => {
    const options: UpOptions[] = [
      {
        data: "/srv/it's 100% b",
        listen: { address: '::', port: 8443 },
        hostname: 'vpn.example.com',
        vpnPort: 1300,
        region: 'eu-central-1',
        gateway: false,
        tls: { certificate: '/etc/a.pem', key: '/etc/a key.pem' },
      },
      {
        data: '/d',
        listen: { address: '0.0.0.0', port: 0 },
        hostname: null,
        vpnPort: 1194,
        region: null,
        gateway: true,
        tls: null,
      },
    ];
    for (const wanted of options) assert.deepEqual(upOf(await run(upArguments(wanted))), wanted);
  });

  it('keeps the memory of what runs for months small, with options that this Node knows', async () => {
    const { became } = await run(['up']);
    const options = became?.nodeOptions ?? [];
    assert.match(options.join(' '), /--max-semi-space-size/);
    await promisify(execFile)(process.execPath, [...options, '--eval', '']);
  });

  it('takes every option', async () => {
    const line =
      'up --data /srv/cw/../causeway --listen [::]:0 --hostname VPN.Example.com --vpn-port 1300 --region eu-central-1 --no-gateway';
    assert.deepEqual(upOf(await run([...line.split(' '), '--tls-cert', '/etc/a.pem', '--tls-key', '/etc/a key.pem'])), {
      data: '/srv/causeway',
      listen: { address: '::', port: 0 },
      hostname: 'vpn.example.com',
      vpnPort: 1300,
      region: 'eu-central-1',
      gateway: false,
      tls: { certificate: '/etc/a.pem', key: '/etc/a key.pem' },
    });
  });

  it('takes the environment where no option is given', async () => {
    const environment = {
      CAUSEWAY_DATA: '/srv/e',
      CAUSEWAY_LISTEN: '127.0.0.1:8443',
      CAUSEWAY_HOSTNAME: '192.0.2.10',
      CAUSEWAY_VPN_PORT: '2000',
      CAUSEWAY_REGION: 'us-west-1',
    };
    assert.deepEqual(upOf(await run(['up', '--vpn-port', '2001'], environment)), {
      data: '/srv/e',
      listen: { address: '127.0.0.1', port: 8443 },
      hostname: '192.0.2.10',
      vpnPort: 2001,
      region: 'us-west-1',
      gateway: true,
      tls: null,
    });
  });

  const refusals: readonly { readonly name: string; readonly args: readonly string[]; readonly says: RegExp }[] = [
    { name: 'a data directory of 81 bytes', args: ['--data', `/${'d'.repeat(80)}`], says: /81 bytes and 80 are allowed/ },
    { name: 'a data directory that is long in bytes only', args: ['--data', `/${'ä'.repeat(40)}`], says: /81 bytes/ },
    { name: 'a data directory with a newline', args: ['--data', '/srv/a\nb'], says: /control character/ },
    { name: 'an empty data directory', args: ['--data', ''], says: /It is empty/ },
    { name: 'listen without a port', args: ['--listen', '0.0.0.0'], says: /not an address and a port/ },
    { name: 'listen with a name', args: ['--listen', 'localhost:443'], says: /localhost/ },
    { name: 'listen with IPv6 and no brackets', args: ['--listen', '::1:443'], says: /not an address and a port/ },
    { name: 'listen with IPv4 in brackets', args: ['--listen', '[127.0.0.1]:443'], says: /brackets are for IPv6/ },
    { name: 'listen with port 65536', args: ['--listen', '0.0.0.0:65536'], says: /from 0 to 65535/ },
    { name: 'listen with port 0443', args: ['--listen', '0.0.0.0:0443'], says: /from 0 to 65535/ },
    { name: 'an octet with a leading zero', args: ['--listen', '010.0.0.1:443'], says: /010/ },
    { name: 'a host name with a space', args: ['--hostname', 'vpn example'], says: /neither a host name nor an address/ },
    {
      name: 'a host name that is nearly an address',
      args: ['--hostname', '10.0.0.300'],
      says: /neither a host name nor an address/,
    },
    { name: 'a host name of 254 characters', args: ['--hostname', `${'a.'.repeat(126)}aa`], says: /neither a host name/ },
    { name: 'a label of 64 characters', args: ['--hostname', `${'a'.repeat(64)}.de`], says: /neither a host name/ },
    { name: 'vpn-port 0', args: ['--vpn-port', '0'], says: /from 1 to/ },
    { name: 'a vpn-port without room above', args: ['--vpn-port', String(maximumVpnPort + 1)], says: /from 1 to 64520/ },
    { name: 'a vpn-port in hexadecimal', args: ['--vpn-port', '0x10'], says: /from 1 to/ },
    { name: 'a region with a slash', args: ['--region', '../x'], says: /is not a region; there are: af-south-1,/ },
    {
      name: 'a region that does not exist',
      args: ['--region', 'nowhere'],
      says: /nowhere is not a region; there are: .*eu-central-1/,
    },
    { name: 'a certificate without key', args: ['--tls-cert', 'c'], says: /--tls-cert is given without --tls-key/ },
    { name: 'a key without certificate', args: ['--tls-key', 'k'], says: /--tls-key is given without --tls-cert/ },
    { name: 'an unknown option', args: ['--nope'], says: /unknown option '--nope'/ },
    { name: 'a word too many', args: ['extra'], says: /too many arguments/ },
  ];
  for (const { name, args, says } of refusals) {
    it(`refuses ${name}`, async () => {
      const outcome = await run(['up', ...args]);
      assert.match(outcome.err, says);
      assert.equal(outcome.ended, 'usage');
      assert.equal(outcome.became, undefined);
      assert.equal(outcome.out, '');
    });
  }

  it('names the variable when the value came from the environment', async () => {
    const outcome = await run(['up'], { CAUSEWAY_VPN_PORT: 'many' });
    assert.match(outcome.err, /CAUSEWAY_VPN_PORT/);
    assert.equal(outcome.ended, 'usage');
  });

  it('shows no raw control character of what it refuses', async () => {
    const { err } = await run(['up', '--hostname', 'a\u001b[31mb']);
    assert.match(err, /\\u001b|\\x1b|\\e/);
  });
});

describe('lab', () => {
  const cases = [
    {
      line: ['lab', 'remote-access', '--option', 'static-route', '--fault', 'F1', '--fault', 'F2', '--keep'],
      wanted: { action: 'run', scenario: 'remote-access', option: 'static-route', faults: ['F1', 'F2'], keep: true, json: false },
    },
    { line: ['lab', '--json'], wanted: { action: 'run', scenario: null, option: null, faults: [], keep: false, json: true } },
    { line: ['lab', 'list'], wanted: { action: 'list', json: false } },
  ];
  for (const { line, wanted } of cases) {
    it(line.join(' '), async () => {
      const { became } = await run(line);
      assert.equal(became?.program, 'src/lab/main.ts');
      assert.deepEqual(labOptions.parse(JSON.parse(became.args[0] ?? '')), wanted);
    });
  }
  for (const line of [
    ['lab', 'list', '--keep'],
    ['lab', '../etc'],
    ['lab', 'a', 'b'],
    ['lab', '--fault', 'a b'],
  ]) {
    it(`refuses ${line.join(' ')}`, async () => {
      const outcome = await run(line);
      assert.equal(outcome.ended, 'usage');
      assert.equal(outcome.became, undefined);
    });
  }
});

describe('what-if', () => {
  const refusals: readonly (readonly [line: readonly string[], says: RegExp])[] = [
    [['--nat', 'HQ Network'], /--nat .*"HQ Network" is not NETWORK=MODE/],
    [['--nat', '=routed'], /"=routed" is not NETWORK=MODE/],
    [['--add-network', 'New='], /"New=" is not NAME=PREFIX\[,PREFIX\]/],
    [['--nat', 'HQ Network=snat'], /snat is no NAT mode; allowed: masquerade, routed/],
    [['--internet', 'Staff=on'], /on is no internet access; allowed: SPLIT_TUNNEL_ON, SPLIT_TUNNEL_OFF, RESTRICTED_INTERNET/],
    [['--add-prefix', 'HQ Network=10.0.0.1/18'], /--add-prefix .*10\.0\.0\.1\/18 has host bits set.*10\.0\.0\.0\/18\?/],
    [['--remove-prefix', 'HQ Network=10.0.0.0'], /--remove-prefix .*without a prefix length/],
    [['--add-network', 'New=10.0.0.0/18,'], /is not a prefix.*Give an IPv4 prefix such as 10\.0\.0\.0\/18/],
    [['--egress', 'HQ Network=on'], /unknown option '--egress'/],
    [['HQ Network'], /too many arguments/],
  ];
  for (const [line, says] of refusals) {
    it(`refuses ${line.join(' ')}`, async () => {
      const outcome = await run(['what-if', ...line]);
      assert.match(outcome.err, says);
      assert.deepEqual([outcome.ended, outcome.out], ['usage', '']);
    });
  }
});

describe('bench, test and help', () => {
  it('bench NAME becomes that benchmark', async () => {
    const { became } = await run(['bench', 'forwarding', '--json']);
    assert.deepEqual(became, { program: 'bench/forwarding.ts', args: ['--json'], nodeOptions: [] });
  });

  it('bench names the benchmarks when it does not know one', async () => {
    const outcome = await run(['bench', '../x']);
    assert.match(outcome.err, /give one of compile, crash, forwarding\./);
    assert.equal(outcome.ended, 'usage');
  });

  it('bench hands on the numbers of a benchmark that takes them, and refuses them for the others', async () => {
    const { became } = await run(['bench', 'crash', '--rounds', '10', '--seed', '3']);
    assert.deepEqual(became, { program: 'bench/crash.ts', args: ['--rounds', '10', '--seed', '3'], nodeOptions: [] });
    const refused = await run(['bench', 'forwarding', '--rounds', '10']);
    assert.match(refused.err, /--rounds is for "causeway bench crash" only\./);
    assert.equal(refused.ended, 'usage');
    assert.equal((await run(['bench', 'crash', '--rounds', 'ten'])).ended, 'usage');
  });

  it('package deb becomes the program that makes packages, with an absolute directory', async () => {
    const { became } = await run(['package', 'deb', '--output', '/srv/debs']);
    assert.deepEqual(became, { program: 'packaging/main.ts', args: ['deb', '/srv/debs'], nodeOptions: [] });
  });

  it('test LEVEL becomes the runner', async () => {
    const { became } = await run(['test', 'unit']);
    assert.deepEqual(became, { program: 'test/runner/main.ts', args: ['unit'], nodeOptions: [] });
  });

  it('test refuses an unknown level', async () => {
    const outcome = await run(['test', 'nope']);
    assert.match(outcome.err, /Allowed choices are checks, unit, integration, e2e/);
    assert.equal(outcome.ended, 'usage');
  });

  it('help lists every command on stdout', async () => {
    for (const line of [[], ['help'], ['--help']]) {
      const outcome = await run(line);
      assert.equal(outcome.ended, 'works');
      for (const command of [
        'up',
        'service',
        'setup-link',
        'backup',
        'restore',
        'status',
        'static-routes',
        'network',
        'setting',
        'login',
        'completion',
        'drain',
        'api-credential',
        'lab',
      ]) {
        assert.match(outcome.out, new RegExp(`^ {2}${command} `, 'm'));
      }
    }
  });

  it('an unknown command is named', async () => {
    const outcome = await run(['upp']);
    assert.match(outcome.err, /upp is not a command/);
    assert.equal(outcome.ended, 'usage');
  });
});
