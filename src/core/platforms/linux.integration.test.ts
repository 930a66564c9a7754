import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { formatPrefix } from '../ip/prefix.ts';
import type { PlatformId } from './catalogue.ts';
import { routerCommands } from './router-commands.ts';
import { checked, exampleRequest } from './test-example.ts';

/** A namespace with the LAN of the example on eth0; it is gone with the last test, whatever happened in them. */
const name = `cwplatforms${String(process.pid)}`;
const run = (program: string, ...args: readonly string[]): string =>
  execFileSync('ip', ['netns', 'exec', name, program, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
/** What an operator does: the text is pasted into a shell as it is. */
const paste = (text: string): string => run('sh', '-euc', text);
const routes = (): string[] =>
  run('ip', '-4', 'route', 'show')
    .split('\n')
    .filter((line) => line.includes(' via '))
    .map((line) => line.split(' ').slice(0, 3).join(' '))
    .toSorted();
const wanted = exampleRequest.destinations
  .filter(({ length }) => length > 0)
  .map((destination) => `${formatPrefix(destination)} via 10.0.0.10`)
  .toSorted();

describe('texts that a shell of this machine runs', () => {
  let directory = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'cwplatforms-'));
    execFileSync('ip', ['netns', 'add', name]);
    run('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
    run('ip', 'link', 'set', 'eth1', 'up');
    run('ip', 'addr', 'add', '10.0.0.1/18', 'dev', 'eth0');
    run('ip', 'link', 'set', 'eth0', 'up');
  });
  after(() => {
    execFileSync('ip', ['netns', 'del', name]);
    rmSync(directory, { recursive: true });
  });

  const commandsOf = (id: PlatformId, network = exampleRequest.network) =>
    routerCommands(checked(id), { ...exampleRequest, network });

  it('linux adds exactly the routes, shows them, and takes them back', () => {
    const { add, remove, verify } = commandsOf('linux');
    assert.deepEqual(routes(), []);
    paste(add);
    assert.deepEqual(routes(), wanted);
    paste(add);
    assert.deepEqual(routes(), wanted, 'a second time is the same as once');
    const ways = paste(verify)
      .split('\n')
      .filter((line) => line.includes(' via '));
    assert.equal(ways.length, wanted.length);
    for (const way of ways) assert.match(way, / via 10\.0\.0\.10 dev eth0 /);
    paste(remove);
    assert.deepEqual(routes(), []);
  });

  it('a network that is called like a command runs none', () => {
    const marker = join(directory, 'ran');
    for (const network of [
      `"; touch ${marker}`,
      `x\ntouch ${marker}`,
      `$(touch ${marker})`,
      `\`touch ${marker}\``,
      `'; touch ${marker} #`,
    ]) {
      const { add, remove } = commandsOf('linux', network);
      paste(add);
      paste(remove);
    }
    assert.throws(() => readFileSync(marker), { code: 'ENOENT' });
  });

  it('ifupdown and Alpine lines do the same when the interface comes up and goes down', () => {
    for (const id of ['ifupdown', 'alpine'] as const) {
      const { add, remove } = commandsOf(id);
      const lines = (word: string) =>
        add
          .split('\n')
          .flatMap((line) => (line.trim().startsWith(`${word} `) ? [line.trim().slice(word.length + 1)] : []))
          .join('\n');
      paste(lines('up'));
      assert.deepEqual(routes(), wanted);
      paste(lines('down'));
      assert.deepEqual(routes(), []);
      paste(lines('up'));
      paste(remove);
      assert.deepEqual(routes(), []);
    }
  });

  it('network scripts of RHEL get the lines, and lose just these', () => {
    const file = join(directory, 'route-eth0');
    const { add, remove } = commandsOf('rhel-legacy');
    const here = (text: string) => text.replaceAll('/etc/sysconfig/network-scripts/route-eth0', file);
    writeFileSync(file, '10.55.0.0/16 via 10.0.0.9\n');
    paste(here(add));
    assert.deepEqual(routes(), wanted);
    assert.deepEqual(
      readFileSync(file, 'utf8').trim().split('\n').toSorted(),
      ['10.55.0.0/16 via 10.0.0.9', ...wanted].toSorted(),
    );
    paste(here(remove));
    assert.equal(readFileSync(file, 'utf8'), '10.55.0.0/16 via 10.0.0.9\n');
    assert.deepEqual(routes(), []);
  });

  it('every text for a shell is read by sh without an error', () => {
    const shells: readonly PlatformId[] = [
      'aws',
      'azure',
      'gcp',
      'oci',
      'digitalocean',
      'hetzner',
      'alibaba',
      'macos',
      'network-manager',
      'openwrt',
    ];
    for (const id of shells) {
      const { add, remove, verify } = commandsOf(id, '"; reboot');
      for (const text of [add, remove, verify]) run('sh', '-n', '-c', text);
    }
  });

  it('a real systemd-networkd takes the drop-in and sets the routes', async () => {
    const { add } = commandsOf('systemd-networkd', '[Match]\nName=*');
    writeFileSync(join(directory, 'causeway.conf'), add);
    // Mounts of its own; with /sys read-only it waits for no udev.
    const script = `
      mount -t tmpfs none /etc/systemd/network
      mount -t tmpfs none /run/systemd
      mount -o remount,ro,bind /sys
      mkdir -p /run/systemd/netif/links /run/systemd/netif/leases /etc/systemd/network/lan.network.d
      chown -R systemd-network:systemd-network /run/systemd/netif
      printf '[Match]\nName=eth0\n[Network]\nAddress=10.0.0.1/18\n' >/etc/systemd/network/lan.network
      cp "$1" /etc/systemd/network/lan.network.d/causeway.conf
      exec /lib/systemd/systemd-networkd`;
    const daemon = spawn(
      'ip',
      ['netns', 'exec', name, 'unshare', '-m', 'sh', '-euc', script, 'sh', join(directory, 'causeway.conf')],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    daemon.stdout.on('data', (data: Buffer) => void (said += data.toString()));
    daemon.stderr.on('data', (data: Buffer) => void (said += data.toString()));
    try {
      const until = performance.now() + 10_000;
      while (JSON.stringify(routes()) !== JSON.stringify(wanted)) {
        assert.ok(
          performance.now() < until && daemon.exitCode === null,
          `routes are ${routes().join(', ')}; networkd said ${said}`,
        );
        await setTimeout(50);
      }
    } finally {
      daemon.kill();
      if (daemon.exitCode === null) await once(daemon, 'exit');
      run('ip', 'route', 'flush', 'proto', 'static');
    }
  });
});

describe('route rules of Oracle', () => {
  const other = {
    destination: '10.50.0.0/16',
    'destination-type': 'CIDR_BLOCK',
    'network-entity-id': 'ocid1.drg.oc1..x',
    description: null,
  };
  const theirDefault = { ...other, destination: '0.0.0.0/0', 'network-entity-id': 'ocid1.internetgateway.oc1..x' };

  /** Runs the jq of a text on what the CLI would have answered. */
  function rulesAfter(text: string, rules: readonly object[]): { destination: string; networkEntityId: string }[] {
    const line = /^jq (.*) causeway-rt\.json >/m.exec(text)?.[1] ?? '';
    const directory = mkdtempSync(join(tmpdir(), 'cworacle-'));
    try {
      const file = join(directory, 'rt.json');
      writeFileSync(file, JSON.stringify({ data: { 'route-rules': rules }, etag: 'x' }));
      const answer: unknown = JSON.parse(execFileSync('sh', ['-euc', `jq ${line} "$1"`, 'sh', file], { encoding: 'utf8' }));
      return answer as { destination: string; networkEntityId: string }[];
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  it('keep what others have set, also for the same destination, and are the same after a second time', () => {
    const { add, remove } = routerCommands(checked('oci'), exampleRequest);
    const once = rulesAfter(add, [other, theirDefault]);
    assert.deepEqual(
      once.map(({ destination }) => destination),
      ['10.50.0.0/16', '0.0.0.0/0', ...exampleRequest.destinations.map((each) => formatPrefix(each))],
    );
    const asAnswered = once.map(({ destination, networkEntityId }) => ({
      destination,
      'destination-type': 'CIDR_BLOCK',
      'network-entity-id': networkEntityId,
      description: 'causeway',
    }));
    assert.deepEqual(
      rulesAfter(add, asAnswered).map(({ destination }) => destination),
      once.map(({ destination }) => destination),
    );
    assert.deepEqual(
      rulesAfter(remove, asAnswered).map(({ destination }) => destination),
      ['10.50.0.0/16', '0.0.0.0/0'],
    );
  });
});
