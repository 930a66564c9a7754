import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { TestCa } from './testing/certificates.ts';
import { endpointNamed, exampleConfiguration } from './testing/example.ts';
import { GatewayLab, quickSettings } from './testing/gateway-lab.ts';
import { until } from './testing/namespace.ts';

const configuration = exampleConfiguration(1, 3);
const hq = endpointNamed(configuration, 'connector', 0);
const bob = endpointNamed(configuration, 'device', 0);

it('lanes take up another CA without losing a packet of who is connected, and the gateway says when all believe both', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gw-next-ca-'));
  try {
    const next = new TestCa(directory, 'next');
    await using lab = await GatewayLab.start(configuration, { ...quickSettings, identityMs: 300 });
    const [site, device] = [lab.client(hq, 'hq'), lab.client(bob, 'bob')];
    site.host.ip('addr add 10.0.0.20/18 dev lo');
    site.connect(['c0']);
    device.connect(['u0']);
    await Promise.all([site.connected(), device.connected(), lab.untilCarried(hq), lab.untilCarried(bob)]);
    const last = () => lab.controller.reports.at(-1);
    const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256;
    const old = lab.controller.authority;
    await until('the first CA is reported', () => last()?.trusts.join() === fingerprint(old));

    const pings = device.pingStream('10.0.0.20', 0.02);
    lab.controller.authority = old + next.caPem;
    const startedAnew = () => new Set([...lab.log.matchAll(/lane (\w+) is started anew/g)].map(([, lane]) => lane));
    const idle = () =>
      last()
        ?.lanes.filter(({ id }) => id !== 'c0' && id !== 'u0')
        .map(({ id }) => id) ?? [];
    await until(
      'every lane on which nobody is has been started anew and is up',
      () =>
        idle().length > 0 &&
        idle().every((lane) => startedAnew().has(lane)) &&
        last()?.lanes.every(({ state }) => state === 'up') === true,
      20_000,
    );
    const { sent, lost } = await pings.stop();
    assert.ok(sent > 20, `${String(sent)} pings were sent`);
    assert.equal(lost, 0, `${String(lost)} of ${String(sent)} pings were lost`);
    assert.deepEqual(
      [...startedAnew()].filter((lane) => lane === 'c0' || lane === 'u0'),
      [],
    );
    assert.deepEqual(last()?.trusts, [], 'two lanes believe the first CA alone');

    await Promise.all([site.end(), device.end()]);
    const both = [old, next.caPem].map(fingerprint).join();
    await until('all lanes believe both', () => last()?.trusts.join() === both, 20_000);
    device.connect(['u0']);
    await device.connected();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
