import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endpointNamed, exampleConfiguration } from './testing/example.ts';
import { GatewayLab } from './testing/gateway-lab.ts';
import { until } from './testing/namespace.ts';

const configuration = exampleConfiguration(1, 2);
const hq = endpointNamed(configuration, 'connector', 0);
const bob = endpointNamed(configuration, 'device', 0);

describe('gateway with real openvpn', { concurrency: false }, () => {
  it('carries packets between a device and a connector on two lanes', async () => {
    await using lab = await GatewayLab.start(configuration);
    const site = lab.client(hq, 'hq');
    site.host.ip('addr add 10.0.0.20/18 dev lo');
    const device = lab.client(bob, 'bob');
    site.connect(['c0']);
    device.connect(['u0']);
    await site.connected();
    await device.connected();
    await lab.untilCarried(hq);
    await lab.untilCarried(bob);
    assert.ok(device.ping('100.96.0.100'), 'the connector answers');
    assert.ok(device.ping('10.0.0.20'), 'the site behind it answers');
    assert.ok(device.ping('100.96.0.1'), 'the gateway answers');
    assert.ok(site.ping('100.96.16.1', '-I', '10.0.0.20'), 'the site reaches the device');
    await until('no complaint', () => true);
    assert.deepEqual(lab.controller.complaints, []);
    console.log(lab.log);
  });
});
