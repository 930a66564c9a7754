import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointInternet, GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { EndpointId } from '../core/ids.ts';
import type { AddressText } from '../core/ip/address.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import { endpointNamed, exampleConfiguration } from './testing/example.ts';
import type { TestClient } from './testing/gateway-lab.ts';
import { GatewayLab } from './testing/gateway-lab.ts';
import { until } from './testing/namespace.ts';

const base = exampleConfiguration(1, 2);
const bob = endpointNamed(base, 'device', 0);
const eve = endpointNamed(base, 'device', 1);

/** Somebody on the IPv6 internet, and on the IPv4 internet that goes around the tunnel. */
const sixBeyond = '2001:db8:f::9';
const bypass = '198.51.100.0/24' as PrefixText;

const local: EndpointInternet = { kind: 'local' };
const tunnel: EndpointInternet = { kind: 'tunnel', class: 'e1', bypass: [bypass] };
const configuration: GatewayConfiguration = {
  ...base,
  gateway: { ...base.gateway, dnsServers: ['10.0.0.53' as AddressText] },
  egress: { e1: { destinations: ['0.0.0.0/0' as PrefixText], candidates: [] } },
};

function withInternet(internet: EndpointInternet, ...endpoints: readonly EndpointId[]): GatewayConfiguration {
  const changed = endpoints.map((id) => [id, { ...configuration.endpoints[id], internet }] as const);
  return { ...configuration, endpoints: { ...configuration.endpoints, ...Object.fromEntries(changed) } };
}

/** A client whose line has both families: the gateway's machine is its router, and counts what comes from it for the IPv6 internet. */
function dualStack(lab: GatewayLab, endpoint: EndpointId, label: string): TestClient {
  const client = lab.client(endpoint, label);
  client.host.ip('addr add 2001:db8:1::2/64 dev wan0 nodad');
  client.host.ip('route add default via 2001:db8:1::1');
  lab.gateway.ip('addr add 2001:db8:1::1/64 dev to1 nodad');
  lab.gateway.ip(`addr add ${sixBeyond}/128 dev lo`);
  lab.gateway.exec(
    'nft',
    `add table ip6 underlay; add chain ip6 underlay seen { type filter hook prerouting priority -400; }; add rule ip6 underlay seen iifname to1 ip6 daddr ${sixBeyond} counter`,
  );
  return client;
}

function seenOnUnderlay(lab: GatewayLab): number {
  return Number(/counter packets (\d+)/.exec(lab.gateway.exec('nft', 'list chain ip6 underlay seen'))?.[1]);
}

/** What a TCP connection comes to, and after how many milliseconds. */
function connects(client: TestClient, address: string): { readonly code: string; readonly ms: number } {
  const program = `const began = performance.now();
    const socket = require('net').connect({ host: ${JSON.stringify(address)}, port: 443 });
    const end = (code) => { console.log(JSON.stringify({ code, ms: performance.now() - began })); process.exit(); };
    socket.on('error', ({ code }) => end(code)).on('connect', () => end('connected'));
    setTimeout(() => end('hangs'), 3000);`;
  return JSON.parse(client.host.exec(process.execPath, '-e', program)) as { code: string; ms: number };
}

function deviceTo(client: TestClient, address: string): string | undefined {
  return / dev (\S+)/.exec(client.host.ip(`route get ${address}`))?.[1];
}

function restarts(client: TestClient): number {
  return client.log.match(/Connection reset command was pushed by server/g)?.length ?? 0;
}

describe('internet access of a stock client', { concurrency: 1 }, () => {
  it('by the tunnel: all of IPv4 but its exceptions, and IPv6 is refused at once and not leaked', async () => {
    await using lab = await GatewayLab.start(withInternet(tunnel, bob));
    const device = dualStack(lab, bob, 'bob');
    assert.equal(connects(device, sixBeyond).code, 'ECONNREFUSED', 'without a tunnel it gets there');
    const before = seenOnUnderlay(lab);
    assert.ok(before > 0, 'and that is seen');
    device.connect(['u0']);
    await Promise.all([device.connected(), lab.untilCarried(bob)]);
    assert.equal(/Completed With Errors/.test(device.log), false, device.log);
    assert.equal(deviceTo(device, '203.0.113.9'), 'tun0');
    assert.equal(deviceTo(device, '10.0.0.20'), 'tun0');
    assert.equal(deviceTo(device, '192.0.1.1'), 'wan0', 'the tunnel itself goes around itself');
    assert.equal(deviceTo(device, '198.51.100.7'), 'wan0', 'what its group lets out goes by its own line');
    assert.match(device.log, /PUSH_REPLY,.*dhcp-option DNS 10\.0\.0\.53/);
    for (const address of [sixBeyond, '2a00:1450:4001::5', '64:ff9b::808:808', 'fd12::1']) {
      const { code, ms } = connects(device, address);
      assert.deepEqual([address, code], [address, 'ENETUNREACH']);
      assert.ok(ms < 1_000, `${address} is refused after ${String(ms)} ms`);
    }
    assert.equal(await device.ping(sixBeyond), false);
    assert.equal(seenOnUnderlay(lab), before, 'nothing of it leaves by the line');
    assert.ok(await device.ping('2001:db8:1::1'), 'its own LAN stays');
  });

  it('by the tunnel, where IPv6 is switched off: the client goes on all the same', async () => {
    await using lab = await GatewayLab.start(withInternet(tunnel, bob));
    const device = lab.client(bob, 'bob');
    for (const which of ['all', 'default']) device.host.sysctl(`net.ipv6.conf.${which}.disable_ipv6`, '1');
    device.connect(['u0']);
    await Promise.all([device.connected(), lab.untilCarried(bob)]);
    assert.ok(await device.ping('100.96.0.1'));
    assert.equal(deviceTo(device, '203.0.113.9'), 'tun0');
  });

  it('by the local line: IPv6 and IPv4 stay as they were, and resolvers are told', async () => {
    await using lab = await GatewayLab.start(configuration);
    const device = dualStack(lab, bob, 'bob');
    device.connect(['u0']);
    await Promise.all([device.connected(), lab.untilCarried(bob)]);
    assert.equal(deviceTo(device, '203.0.113.9'), 'wan0');
    assert.equal(deviceTo(device, '10.0.0.20'), 'tun0');
    assert.equal(connects(device, sixBeyond).code, 'ECONNREFUSED');
    assert.match(device.log, /PUSH_REPLY,.*dhcp-option DNS 10\.0\.0\.53/);
  });

  it('changes with one restart of those whose group is changed, and of nobody else', async () => {
    await using lab = await GatewayLab.start(configuration);
    const device = dualStack(lab, bob, 'bob');
    const other = lab.client(eve, 'eve');
    for (const client of [device, other]) client.connect(['u0']);
    await Promise.all([device.connected(), other.connected(), lab.untilCarried(bob), lab.untilCarried(eve)]);
    lab.controller.change({ endpoints: withInternet(tunnel, bob).endpoints });
    await until('the default is by the tunnel', () => deviceTo(device, '203.0.113.9') === 'tun0');
    assert.equal(connects(device, sixBeyond).code, 'ENETUNREACH');
    // Another internet gateway for the same people: nothing that they would notice.
    const elsewhere: EndpointInternet = { ...tunnel, class: 'e2' };
    lab.controller.change({ endpoints: withInternet(elsewhere, bob).endpoints });
    await until(
      'the change has arrived',
      () => lab.controller.reports.at(-1)?.appliedRevision === lab.controller.configuration.revision,
    );
    assert.equal(restarts(device), 1);
    lab.controller.change({ endpoints: withInternet(local, bob).endpoints });
    await until('and by the line again', () => restarts(device) === 2 && deviceTo(device, '203.0.113.9') === 'wan0');
    await until('IPv6 works again', () => connects(device, sixBeyond).code === 'ECONNREFUSED');
    assert.equal(restarts(other), 0);
    assert.ok(await other.ping('100.96.0.1'));
  });
});
