import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { endpointNamed, exampleConfiguration, serialOf } from './testing/example.ts';
import type { TestClient } from './testing/gateway-lab.ts';
import { GatewayLab } from './testing/gateway-lab.ts';
import { until } from './testing/namespace.ts';

const configuration = exampleConfiguration(1, 3);
const hq = endpointNamed(configuration, 'connector', 0);
const bob = endpointNamed(configuration, 'device', 0);
const eve = endpointNamed(configuration, 'device', 1);

async function connected(
  lab: GatewayLab,
  options: readonly string[] = [],
): Promise<{ readonly site: TestClient; readonly device: TestClient }> {
  const site = lab.client(hq, 'hq');
  const device = lab.client(bob, 'bob');
  site.host.ip('addr add 10.0.0.20/18 dev lo');
  site.connect(['c0']);
  device.connect(['u0'], options);
  await Promise.all([site.connected(), device.connected(), lab.untilCarried(hq), lab.untilCarried(bob)]);
  return { site, device };
}

describe('restarts', { concurrency: 3 }, () => {
  it('loses no packet when the agent is killed and started again, and answers who came meanwhile', async () => {
    await using lab = await GatewayLab.start(configuration);
    const { device } = await connected(lab);
    const pings = device.pingStream('10.0.0.20', 0.01);
    await until('pings pass', () => device.ping('10.0.0.20'));
    await lab.killAgent('SIGKILL');
    const late = lab.client(eve, 'eve');
    late.connect(['u1']);
    await late.until(/VERIFY OK: depth=0/);
    lab.controller.reports.length = 0;
    lab.startAgent();
    await lab.untilReady();
    await late.connected();
    await until('the one that came meanwhile passes', () => late.ping('10.0.0.20'));
    await until('all three are reported', () =>
      [hq, bob, eve].every((wanted) =>
        lab.controller.sessions().some(({ endpoint, state }) => endpoint === wanted && state === 'established'),
      ),
    );
    const { sent, lost, longestGapMs } = await pings.stop();
    assert.ok(sent > 50, `${String(sent)} pings were sent`);
    assert.equal(lost, 0, `${String(lost)} of ${String(sent)} pings were lost, longest gap ${String(longestGapMs)} ms`);
    assert.equal(lab.controller.opened.at(-1), String(configuration.revision), 'the stream goes on from the revision on disk');
  });

  it('answers a renegotiation that came while the agent was away, without a gap', async () => {
    await using lab = await GatewayLab.start(configuration);
    const { device } = await connected(lab, ['reneg-sec 4']);
    await device.until(/TLS: soft reset/, 8_000);
    await until('the first renegotiation is done', () => count(device, /Control Channel: TLSv1/g) >= 2);
    const pings = device.pingStream('10.0.0.20', 0.02);
    await lab.killAgent('SIGKILL');
    const before = count(device, /TLS: soft reset/g);
    await until('it asks again while nobody is there', () => count(device, /TLS: soft reset/g) > before, 8_000);
    await until('and the lane waits for an answer', () => count(device, /Control Channel: TLSv1/g) >= 3, 4_000);
    lab.startAgent();
    await lab.untilReady();
    const then = count(device, /TLS: soft reset/g);
    await until('it renegotiates once more', () => count(device, /TLS: soft reset/g) > then, 8_000);
    const { sent, received } = await pings.stop();
    assert.ok(sent - received <= 25, `${String(sent - received)} of ${String(sent)} pings at 20 ms were lost`);
    assert.equal(/AUTH_FAILED|Restart/.test(device.log), false, device.log);
  });

  it('cuts at its start whoever was revoked while it was away, and removes their routes', async () => {
    await using lab = await GatewayLab.start(configuration);
    const { device, site } = await connected(lab);
    await lab.killAgent('SIGKILL');
    const { [serialOf(configuration, bob)]: _, ...certificates } = configuration.certificates;
    lab.controller.change({ certificates });
    lab.startAgent();
    await until('the route is gone', () => !lab.gateway.ip('route show table 9600').includes('100.96.16.1'));
    assert.equal(await device.ping('10.0.0.20'), false);
    assert.ok(await site.ping('100.96.0.1'), 'the others go on');
  });

  it('needs no controller: known endpoints connect, and the agent starts from disk', async () => {
    await using lab = await GatewayLab.start(configuration);
    const { device } = await connected(lab);
    await lab.controller.stop();
    await lab.killAgent('SIGKILL');
    lab.startAgent();
    await lab.untilReady();
    const late = lab.client(eve, 'eve');
    late.connect(['u1']);
    await late.connected();
    await until('it passes', () => late.ping('10.0.0.20'));
    assert.ok(await device.ping('10.0.0.20'));
    lab.controller.reports.length = 0;
    await lab.controller.start();
    await until(
      'all is told when the controller is back',
      () => lab.controller.reports.some(({ full, sessions }) => full && sessions.length === 3),
      30_000,
    );
  });

  it('brings a lane back that was killed, and its clients return', async () => {
    await using lab = await GatewayLab.start(configuration);
    const { device } = await connected(lab);
    const pid = lab.keeper.pidOf('u0');
    lab.keeper.kill('u0', 'SIGKILL');
    await until('the lane runs again', () => lab.keeper.pidOf('u0') !== undefined && lab.keeper.pidOf('u0') !== pid, 3_000);
    await until('the dead sessions are reported', () =>
      lab.controller.sessions().some(({ endpoint, reason }) => endpoint === bob && reason === 'lane-ended'),
    );
    await until('the client is back', () => device.ping('10.0.0.20'), 15_000);
  });

  it('mends what somebody else changed, and says who may have done it', async () => {
    await using lab = await GatewayLab.start(configuration);
    const { device } = await connected(lab);
    await until('the state is settled', () => device.ping('10.0.0.20'));
    lab.gateway.exec('nft', 'flush ruleset');
    lab.gateway.ip('route flush table 9600');
    await until('packets pass again', () => device.ping('10.0.0.20'), 5_000);
    await until('it is logged', () => /somebody \(.*\) changed what this gateway needs in the kernel; restored:/.test(lab.log));
    lab.gateway.ip('link del cw0-u1');
    await until(
      'a lane whose tun was removed is started again',
      () => lab.gateway.ip('-br link show').match(/cw0-u1 +(UNKNOWN|UP)/) !== null,
      10_000,
    );
  });

  it('reports what the keeper could not set in the kernel, for as long as it is so', async () => {
    await using lab = await GatewayLab.start(configuration);
    const told = () => lab.controller.reports.at(-1)?.problems.map(({ code, message }) => `${code}: ${message}`) ?? [];
    lab.keeper.tell({ kind: 'machine-settings', problem: { code: 'forwarding-off', message: 'ip_forward is 0' } });
    for (const lane of ['u0', 'u1'])
      lab.keeper.tell({ kind: 'device-settings-done', device: `cw0-${lane}`, error: 'rp_filter is 1' });
    const expected = ['forwarding-off: ip_forward is 0', 'tunnel-settings: rp_filter is 1 (and alike for 1 more)'];
    await until('both are reported', () => isDeepStrictEqual(told(), expected));
    lab.keeper.tell({ kind: 'machine-settings', problem: null });
    for (const lane of ['u0', 'u1']) lab.keeper.tell({ kind: 'device-settings-done', device: `cw0-${lane}` });
    await until('neither is', () => told().length === 0);
  });

  it('does not fall for a broken configuration on disk or an older one from the controller', async () => {
    await using lab = await GatewayLab.start(configuration);
    const { device } = await connected(lab);
    const file = join(lab.directory, 'gateway/configuration.json');
    await until('the configuration is on disk', () => readFileSync(file, 'utf8').startsWith('{'));
    lab.controller.sendRaw(
      `event: snapshot\nid: 0\ndata: ${JSON.stringify({ ...configuration, revision: 0, certificates: {} })}\n\n`,
    );
    await until('the older one is refused', () => lab.log.includes('the older one is refused'));
    lab.controller.sendRaw('event: delta\nid: 9\ndata: {"from":7,"to":9}\n\n');
    await until('a gap brings a snapshot', () => lab.controller.opened.at(-1) === null && lab.controller.opened.length >= 2);
    assert.ok(await device.ping('10.0.0.20'));
    await lab.killAgent('SIGKILL');
    writeFileSync(file, '{"revision": 5, "gateway": {"id": "; rm -rf"}}');
    lab.startAgent();
    await lab.untilReady();
    assert.match(lab.log, /configuration\.json cannot be used; waiting for the controller: gateway\.id is "; rm -rf"/);
    assert.ok(await device.ping('10.0.0.20'));
  });
});

function count(client: TestClient, pattern: RegExp): number {
  return client.log.match(pattern)?.length ?? 0;
}
