import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointId } from '../core/ids.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import type { LaneId } from '../core/lanes.ts';
import { endpointNamed, exampleConfiguration } from './testing/example.ts';
import type { TestClient } from './testing/gateway-lab.ts';
import { GatewayLab, quickSettings } from './testing/gateway-lab.ts';
import { until } from './testing/namespace.ts';

const configuration = exampleConfiguration(2, 2);
const hq = endpointNamed(configuration, 'connector', 0);
const branch = endpointNamed(configuration, 'connector', 1);
const bob = endpointNamed(configuration, 'device', 0);
const hqAddress = '100.96.0.100';

/** As the connector's agent says it. */
const asAgent = ['setenv UV_CAUSEWAY_AGENT 1'];
const busy = /AUTH_FAILED,TEMP\[backoff 2\]:another connector is handing over/;

async function withSiteAndBob(
  changes: Partial<typeof quickSettings> = {},
): Promise<{ readonly lab: GatewayLab; readonly site: TestClient; readonly device: TestClient }> {
  const lab = await GatewayLab.start(configuration, { ...quickSettings, ...changes });
  const site = lab.client(hq, 'hq');
  const device = lab.client(bob, 'bob');
  site.host.ip('addr add 10.0.0.20/18 dev lo');
  site.connect(['c0'], asAgent);
  device.connect(['u0']);
  await Promise.all([site.connected(), device.connected(), lab.untilCarried(hq), lab.untilCarried(bob)]);
  return { lab, site, device };
}

/** The next tunnel of the site, with its routes moved to it when both ends have it. */
async function moveTo(lab: GatewayLab, site: TestClient, lane: LaneId, device: string): Promise<TestClient> {
  const next = site.secondTunnel(device, hqAddress, [lane], asAgent);
  await next.connected();
  await untilRouted(lab, lane);
  site.host.ip(`route replace 100.96.0.0/11 dev ${device} src ${hqAddress}`);
  return next;
}

/** Tunnels of a site to one lane come from another public address than the rest of it. */
function translateTunnels(lab: GatewayLab, { host }: TestClient, lane: LaneId, address: string): void {
  host.ip(`addr add ${address}/24 dev wan0`);
  const port = String(lab.portOf(lane).port);
  host.exec(
    'nft',
    `table ip pool {
      chain nat { type nat hook postrouting priority 100; udp dport ${port} snat to ${address}; }
    }`,
  );
}

function untilRouted(lab: GatewayLab, lane: LaneId): Promise<boolean> {
  return until(`HQ is reached by ${lane}`, () =>
    lab.gateway.ip('route show table 9600').includes(`10.0.0.0/18 dev cw0-${lane} `),
  );
}

function reasons(lab: GatewayLab, endpoint: EndpointId): (string | undefined)[] {
  return lab.controller
    .sessions()
    .filter((session) => session.endpoint === endpoint && session.state !== 'established')
    .map(({ lane, reason }) => `${lane} ${reason ?? ''}`);
}

describe('the hand-over lane', { concurrency: 1 }, () => {
  it('takes a connector from its lane to its lane without losing a packet, where a NAT gives each tunnel another address', async () => {
    const { lab, site, device } = await withSiteAndBob();
    await using _ = lab;
    translateTunnels(lab, site, 'h0', '192.0.1.3');
    const pings = device.pingStream('10.0.0.20', 0.005);
    await until('pings pass', () => device.ping('10.0.0.20'));
    const between = await moveTo(lab, site, 'h0', 'tun1');
    await site.end();
    const after = await moveTo(lab, site, 'c0', 'tun2');
    await between.end();
    await until('both older tunnels have ended', () => reasons(lab, hq).length === 2);
    assert.ok(await device.ping('10.0.0.20'));
    const { sent, lost, longestGapMs } = await pings.stop();
    assert.ok(sent > 400, `${String(sent)} pings were sent`);
    assert.equal(lost, 0, `${String(lost)} of ${String(sent)} pings were lost, longest gap ${String(longestGapMs)} ms`);
    assert.deepEqual(reasons(lab, hq), ['c0 superseded', 'h0 superseded']);
    const from = lab.controller.sessions().filter(({ endpoint, lane }) => endpoint === hq && lane === 'h0');
    assert.deepEqual([...new Set(from.map(({ clientAddress }) => clientAddress))], ['192.0.1.3']);
    assert.ok(after.isRunning);
  });

  it('takes one connector after the other, and no device', async () => {
    const { lab, site, device } = await withSiteAndBob();
    await using _ = lab;
    const other = lab.client(branch, 'branch');
    other.connect(['c1'], asAgent);
    await Promise.all([other.connected(), lab.untilCarried(branch)]);
    const between = await moveTo(lab, site, 'h0', 'tun1');
    const waiting = other.secondTunnel('tun1', '100.96.0.101', ['h0'], asAgent);
    await waiting.until(busy);
    assert.ok(waiting.isRunning, 'it tries again');
    await moveTo(lab, site, 'c0', 'tun2');
    await between.end();
    await waiting.connected(15_000);
    await device.end();
    device.connect(['h0', 'u0']);
    await device.until(/AUTH_FAILED,TEMP\[backoff 1,advance remote\]:this port belongs to another connector/);
    await device.connected();
    assert.equal(
      lab.controller.sessions().some(({ lane, endpoint, state }) => lane === 'h0' && endpoint === bob && state === 'established'),
      false,
    );
  });

  it('gives the tunnel before it back to a connector whose hand-over fails', async () => {
    // Its agent may still send by the older tunnel, so that is not ended soon.
    const { lab, site, device } = await withSiteAndBob({ supersededMs: 500, handoverMs: 10_000 });
    await using _ = lab;
    const between = await moveTo(lab, site, 'h0', 'tun1');
    assert.ok(await device.ping('10.0.0.20'));
    lab.keeper.kill('h0', 'SIGKILL');
    await untilRouted(lab, 'c0');
    // What the agent does when its probe is not answered any more.
    site.host.ip(`route replace 100.96.0.0/11 dev tun0 src ${hqAddress}`);
    await until('packets pass by the lane before', () => device.ping('10.0.0.20'), 3_000);
    await between.end('SIGKILL');
    assert.ok(site.isRunning);
    const next = await moveTo(lab, site, 'h0', 'tun2');
    await until('the next hand-over works', () => device.ping('10.0.0.20'));
    await next.end();
  });

  it('is taken from a connector that does not move on, which may not come back at once', async () => {
    const { lab, site } = await withSiteAndBob({ handoverStayMs: 2_000 });
    await using _ = lab;
    const stuck = await moveTo(lab, site, 'h0', 'tun1');
    await site.end();
    await stuck.until(busy);
    // A daemon keeps a client that was told to go, or says that it goes, for 5 s more.
    await until('the tunnel there is reported as ended, and why', () => reasons(lab, hq).includes('h0 handover-overdue'));
    assert.match(lab.log, /connector "hq-0" did not move on from lane h0 within 2000 ms/);
  });
});

describe('a shared lane', { concurrency: 1 }, () => {
  const [first] = Object.values(configuration.prefixes);
  assert.ok(first !== undefined);
  const prefixes: typeof configuration.prefixes = { ...configuration.prefixes, ['10.77.0.0/16' as PrefixText]: first };

  const hqEndpoint = configuration.endpoints[hq];
  assert.ok(hqEndpoint?.kind === 'connector');
  /** Only who has no lane of its own is asked to hand over. */
  const laneless = { ...configuration, endpoints: { ...configuration.endpoints, [hq]: { ...hqEndpoint, lane: null } } };

  it('gives our agent time to hand over by itself when its network has another prefix', async () => {
    const lab = await GatewayLab.start(laneless, { ...quickSettings, handoverMs: 4_000 });
    await using _ = lab;
    const site = lab.client(hq, 'hq');
    site.connect(['t0'], asAgent);
    await Promise.all([site.connected(), lab.untilCarried(hq)]);
    lab.controller.change({ prefixes: prefixes });
    const between = await moveTo(lab, site, 'h0', 'tun1');
    await site.end();
    await until('the first tunnel has ended', () => reasons(lab, hq).length === 1);
    const after = await moveTo(lab, site, 't0', 'tun2');
    await between.end();
    await until('the new prefix is served', () => lab.gateway.ip('route show table 9600').includes('10.77.0.0/16 dev cw0-t0 '));
    assert.deepEqual(reasons(lab, hq)[0], 't0 superseded');
    for (const { log } of [site, between, after]) assert.equal(/Connection reset command/.test(log), false, log);
  });

  it('has our agent connect again if it does not', async () => {
    const lab = await GatewayLab.start(laneless, { ...quickSettings, handoverMs: 1_000 });
    await using _ = lab;
    const site = lab.client(hq, 'hq');
    site.connect(['t0'], asAgent);
    await Promise.all([site.connected(), lab.untilCarried(hq)]);
    const asked = Date.now();
    lab.controller.change({ prefixes: prefixes });
    await site.until(/Connection reset command was pushed by server|SIGUSR1\[soft,server-pushed-connection-reset\]/);
    assert.ok(Date.now() - asked >= 1_000, 'not before it had the time');
    await until('the new prefix is served', () => lab.gateway.ip('route show table 9600').includes('10.77.0.0/16 dev cw0-t0 '));
    assert.ok(reasons(lab, hq).includes('t0 prefixes-changed') || reasons(lab, hq).includes('t0 superseded'));
  });
});
