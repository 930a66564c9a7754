/**
 * Needs an OpenVPN 2.7 beside the machine's own: CAUSEWAY_TEST_OPENVPN27 is the path of its program (a script that starts it with its own
 * libraries will do). Debian 12 has 2.6 only. Without it the tests are skipped, and say so.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { AddressText } from '../core/ip/address.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import { endpointNamed, exampleConfiguration } from './testing/example.ts';
import { GatewayLab, quickSettings } from './testing/gateway-lab.ts';
import type { TestClient } from './testing/gateway-lab.ts';
import { until } from './testing/namespace.ts';

const openvpn27 = process.env['CAUSEWAY_TEST_OPENVPN27'];
const skip =
  openvpn27 === undefined ? 'NOT TESTED: updates of OpenVPN 2.7 clients; set CAUSEWAY_TEST_OPENVPN27 to a 2.7 program' : false;

const configuration = exampleConfiguration(1, 2);
const hq = endpointNamed(configuration, 'connector', 0);
const bob = endpointNamed(configuration, 'device', 0);
const [site] = Object.values(configuration.prefixes);
assert.ok(site !== undefined);

/** Prefixes of HQ that do not merge, as many as fill several commands. */
function withPrefixes(count: number): GatewayConfiguration['prefixes'] {
  const more = Array.from({ length: count }, (_, index) => [`10.${String(100 + index)}.2.0/24`, site] as const);
  return { ...configuration.prefixes, ...Object.fromEntries(more) };
}

async function connected(openvpn: string): Promise<{ readonly lab: GatewayLab; readonly device: TestClient }> {
  const lab = await GatewayLab.start(configuration, quickSettings, openvpn);
  const connector = lab.client(hq, 'hq');
  const device = lab.client(bob, 'bob');
  connector.host.ip('addr add 10.0.0.20/18 dev lo');
  connector.connect(['c0'], ['setenv UV_CAUSEWAY_AGENT 1']);
  device.connect(['u0'], ['connect-retry 1 1']);
  await Promise.all([connector.connected(), device.connected(), lab.untilCarried(hq), lab.untilCarried(bob)]);
  return { lab, device };
}

function routes(client: TestClient): string {
  return client.host.ip('route show');
}

describe('a client that takes updates, on a lane that can send them', { skip, concurrency: 1 }, () => {
  it('learns many routes in several commands, loses them again, and never connects anew', async () => {
    const { lab, device } = await connected(openvpn27 ?? '');
    await using _ = lab;
    const pings = device.pingStream('10.0.0.20', 0.02);
    await until('pings pass', () => device.ping('10.0.0.20'));
    lab.controller.change({ prefixes: withPrefixes(20) });
    await until('the last route is there', () => routes(device).includes('10.119.2.0/24 via 100.96.0.1 dev tun0'));
    for (let index = 0; index < 20; index += 1)
      assert.match(routes(device), new RegExp(`^10\\.${String(100 + index)}\\.2\\.0/24 `, 'm'));
    assert.ok(routes(device).includes('10.0.0.0/18 '), 'and the first ones still are');
    await until('packets pass', () => device.ping('10.0.0.20'));
    const { lost, sent, longestGapMs } = await pings.stop();
    console.log(
      `an update of 21 routes: longest gap ${longestGapMs.toFixed(0)} ms, ${String(lost)} of ${String(sent)} pings at 20 ms lost`,
    );
    assert.equal(device.log.match(/Closing tun\/tap interface/g)?.length, 1, 'all commands together are one change of its tun');
    assert.equal(device.log.match(/PUSH_REPLY/g)?.length, 1, 'it did not connect again');
    assert.equal(lab.controller.sessions().filter(({ endpoint }) => endpoint === bob).length, 1);
  });

  it('learns that everything goes into the tunnel, what does not, and its resolver, and forgets it again', async () => {
    const { lab, device } = await connected(openvpn27 ?? '');
    await using _ = lab;
    const before = routes(device);
    const internet = { kind: 'tunnel', class: 'e1', bypass: ['198.51.100.0/24' as PrefixText] } as const;
    const { [bob]: endpoint } = configuration.endpoints;
    assert.ok(endpoint !== undefined);
    lab.controller.change({
      endpoints: { ...configuration.endpoints, [bob]: { ...endpoint, internet } },
      gateway: { ...configuration.gateway, dnsServers: ['10.0.0.53' as AddressText] },
    });
    await until('the default is by the tunnel', () => routes(device).includes('128.0.0.0/1 via 100.96.0.1 dev tun0'));
    assert.match(routes(device), /^198\.51\.100\.0\/24 via 192\.0\.2\.1 dev wan0 metric 1000/m);
    assert.match(device.host.ip('-6 route show'), /^2000::\/4 dev tun0/m);
    await until('packets pass', () => device.ping('10.0.0.20'));
    lab.controller.change({ endpoints: configuration.endpoints, gateway: configuration.gateway });
    await until('all is as it was', () => routes(device) === before);
    assert.doesNotMatch(device.host.ip('-6 route show'), /2000::\/4/);
    await until('packets pass again', () => device.ping('10.0.0.20'));
    assert.equal(device.log.match(/PUSH_REPLY/g)?.length, 1, 'it did not connect again');
  });
});

describe('a client that takes updates, on a lane that cannot send them', { skip }, () => {
  it('is told to connect again', async () => {
    await using lab = await GatewayLab.start(configuration);
    const device = lab.client(bob, 'bob');
    device.connect(['u0'], ['connect-retry 1 1'], 'tun0', openvpn27);
    await Promise.all([device.connected(), lab.untilCarried(bob)]);
    lab.controller.change({ prefixes: withPrefixes(1) });
    await until('the route is there', () => routes(device).includes('10.100.2.0/24'), 15_000);
    assert.match(device.log, /Connection reset command was pushed by server/);
  });
});
