import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import type { PrefixText } from '../core/ip/prefix.ts';
import { endpointNamed, exampleConfiguration } from './testing/example.ts';
import type { TestClient } from './testing/gateway-lab.ts';
import { GatewayLab, quickSettings } from './testing/gateway-lab.ts';
import { until } from './testing/namespace.ts';

const configuration = exampleConfiguration(1, 2);
const hq = endpointNamed(configuration, 'connector', 0);
const bob = endpointNamed(configuration, 'device', 0);

/** A site whose host 10.0.0.20 answers, and Bob, both connected. */
async function withSiteAndBob(
  settings = quickSettings,
): Promise<{ readonly lab: GatewayLab; readonly site: TestClient; readonly device: TestClient }> {
  const lab = await GatewayLab.start(configuration, settings);
  const site = lab.client(hq, 'hq');
  const device = lab.client(bob, 'bob');
  site.host.ip('addr add 10.0.0.20/18 dev lo');
  site.connect(['c0']);
  device.connect(['u0']);
  await Promise.all([site.connected(), device.connected(), lab.untilCarried(hq), lab.untilCarried(bob)]);
  return { lab, site, device };
}

/** Packets that the rule has dropped. */
function dropped(lab: GatewayLab, rule: string): number {
  const found = new RegExp(`counter packets (\\d+) bytes \\d+ drop comment "${rule}"`).exec(
    lab.gateway.exec('nft', 'list table inet causeway_0'),
  );
  assert.ok(found !== null, `the rule ${rule} is there`);
  return Number(found[1]);
}

describe('gateway with real openvpn', { concurrency: 3 }, () => {
  it('carries packets between a device and a connector on two lanes, and reports what it carries', async () => {
    const { lab, site, device } = await withSiteAndBob();
    await using _ = lab;
    assert.ok(await device.ping('100.96.0.100'), 'the connector answers');
    assert.ok(await device.ping('10.0.0.20'), 'the site behind it answers');
    assert.ok(await device.ping('100.96.0.1'), 'the gateway answers');
    assert.ok(await site.ping('100.96.16.1', '-I', '10.0.0.20'), 'the site reaches the device');
    const session = await until('bytes are reported', () =>
      lab.controller.sessions().find(({ endpoint, bytesIn }) => endpoint === bob && bytesIn > 2000),
    );
    assert.equal(session.clientAddress, '192.0.2.2');
    assert.equal(session.platform, 'linux');
    assert.match(session.clientVersion ?? '', /^2\./);
    const lanes = lab.controller.reports.at(-1)?.lanes ?? [];
    assert.deepEqual(lanes.map(({ id, state, clients }) => `${id} ${state} ${String(clients)}`).sort(), [
      'c0 up 1',
      'h0 up 0',
      't0 up 0',
      'u0 up 1',
      'u1 up 0',
    ]);
    await device.end();
    await until('the end is reported', () =>
      lab.controller.sessions().some(({ endpoint, state }) => endpoint === bob && state === 'ended'),
    );
    await until('the route is gone', () => !lab.gateway.ip('route show table 9600').includes('100.96.16.1'));
    assert.deepEqual(lab.controller.complaints, []);
  });

  it('drops what a connector sends with the address of somebody else, and counts it', async () => {
    const { lab, site, device } = await withSiteAndBob();
    await using _ = lab;
    assert.equal(dropped(lab, 'spoofed'), 0);
    // Its own lane is the one place where openvpn believes a connector everything (openvpn.md 12.3).
    for (const stolen of ['100.96.16.2', '10.0.64.1', '192.0.2.2']) {
      site.host.ip(`addr add ${stolen}/32 dev lo`);
      const before = dropped(lab, 'spoofed');
      assert.equal(await site.ping('100.96.16.1', '-I', stolen), false, `${stolen} is not believed`);
      assert.ok(dropped(lab, 'spoofed') > before, `${stolen} is counted`);
    }
    assert.ok(await device.ping('10.0.0.20'), 'the others go on');
  });

  it('keeps the gateway itself and its other networks out of reach', async () => {
    const { lab, site, device } = await withSiteAndBob();
    await using _ = lab;
    const server = spawn('ip', [
      'netns',
      'exec',
      lab.gateway.name,
      process.execPath,
      '-e',
      'require("net").createServer().listen(7070, "0.0.0.0", () => console.log("listens"))',
    ]);
    await new Promise((resolve) => server.stdout.once('data', resolve));
    try {
      device.host.ip('route add 192.0.1.0/24 dev tun0');
      const connects = (address: string) => {
        try {
          device.host.exec('timeout', '1', 'bash', '-c', `echo > /dev/tcp/${address}/7070`);
          return true;
        } catch {
          return false;
        }
      };
      assert.equal(connects('192.0.2.1'), true, 'the server runs: it answers outside the tunnel');
      const before = dropped(lab, 'refused');
      assert.equal(connects('100.96.0.1'), false, 'and not on the tunnel address');
      assert.ok(dropped(lab, 'refused') > before);
      assert.equal(await device.ping('192.0.1.2'), false, 'the connector cannot be reached around its tunnel');
      site.host.ip('route add 100.96.16.1/32 via 192.0.1.1');
      const entered = dropped(lab, 'entering');
      assert.equal(await site.ping('100.96.16.1', '-I', 'wan0'), false, 'nobody gets into the overlay from outside');
      assert.ok(dropped(lab, 'entering') > entered);
    } finally {
      server.kill();
    }
  });

  it('keeps a session whose client changes its address', async () => {
    const { lab, device } = await withSiteAndBob();
    await using _ = lab;
    const pings = device.pingStream('10.0.0.20', 0.02);
    await until('pings pass', () => device.ping('10.0.0.20'));
    device.host.sysctl('net.ipv4.conf.wan0.promote_secondaries', '1');
    device.host.ip('addr add 192.0.2.77/24 dev wan0');
    device.host.ip('addr del 192.0.2.2/24 dev wan0');
    const moved = await until('the new address is reported', () =>
      lab.controller.sessions().find(({ endpoint, clientAddress }) => endpoint === bob && clientAddress === '192.0.2.77'),
    );
    assert.equal(moved.state, 'established');
    const { sent, received } = await pings.stop();
    assert.ok(received > 0 && sent - received < 50, `${String(sent - received)} of ${String(sent)} pings were lost`);
    assert.equal(lab.controller.sessions().filter(({ endpoint }) => endpoint === bob).length, 1, 'it is the same session');
  });

  it('serves clients whose UDP is blocked, connectors too, on the TCP lane', async () => {
    await using lab = await GatewayLab.start(configuration);
    const site = lab.client(hq, 'hq');
    const device = lab.client(bob, 'bob');
    site.host.ip('addr add 10.0.0.20/18 dev lo');
    for (const { host } of [site, device])
      host.exec(
        'nft',
        'add table ip f; add chain ip f o { type filter hook output priority 0; }; add rule ip f o udp dport 1000-2000 drop',
      );
    site.connect(['c0', 't0']);
    device.connect(['u0', 't0']);
    await Promise.all([
      site.connected(15_000),
      device.connected(15_000),
      lab.untilCarried(hq, 15_000),
      lab.untilCarried(bob, 15_000),
    ]);
    assert.ok(await device.ping('10.0.0.20'));
    assert.match(lab.gateway.ip('route show table 9600'), /10\.0\.0\.0\/18 dev cw0-t0/);
  });

  it('hands a connector over to another lane without losing a packet', async () => {
    // Time for the test to move the site's routes before its first tunnel is ended.
    const { lab, site, device } = await withSiteAndBob({ ...quickSettings, supersededMs: 3_000 });
    await using _ = lab;
    const pings = device.pingStream('10.0.0.20', 0.005);
    // A second tunnel of the same machine, as the connector's agent makes it: another tun, routes replaced when it is up.
    const other = site.secondTunnel('tun1', '100.96.0.100', ['t0']);
    await other.connected();
    await until('the routes have moved', () => lab.gateway.ip('route show table 9600').includes('10.0.0.0/18 dev cw0-t0'));
    site.host.ip('route replace 100.96.0.0/11 dev tun1 src 100.96.0.100');
    await until(
      'the first tunnel was ended',
      () =>
        lab.controller
          .sessions()
          .some(({ endpoint, state, reason }) => endpoint === hq && state === 'ended' && reason === 'superseded'),
      10_000,
    );
    assert.ok(await device.ping('10.0.0.20'));
    const { sent, lost, longestGapMs } = await pings.stop();
    assert.ok(sent > 200, `${String(sent)} pings were sent`);
    assert.equal(lost, 0, `${String(lost)} of ${String(sent)} pings were lost, longest gap ${String(longestGapMs)} ms`);
    await other.end();
  });

  it('gives a client the route of a network that is added while it is connected', async () => {
    const { lab, device } = await withSiteAndBob();
    await using _ = lab;
    assert.equal(device.host.ip('route show').includes('10.77.0.0/16'), false);
    const site = Object.values(configuration.prefixes)[0];
    assert.ok(site !== undefined);
    lab.controller.change({ prefixes: { ...configuration.prefixes, ['10.77.0.0/16' as PrefixText]: site } });
    await until('the route is there', () => device.host.ip('route show').includes('10.77.0.0/16'), 10_000);
    // Its connector may still be on its way back with the same change.
    await until(
      'the gateway routes it',
      () => /10\.77\.0\.0\/16 dev cw0-c0/.test(lab.gateway.ip('route show table 9600')),
      10_000,
    );
  });
});
