import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TestCa } from './testing/certificates.ts';
import { endpointNamed, exampleConfiguration, serialOf } from './testing/example.ts';
import { GatewayLab } from './testing/gateway-lab.ts';
import { until } from './testing/namespace.ts';

const configuration = exampleConfiguration(2, 2);
const hq = endpointNamed(configuration, 'connector', 0);
const branch = endpointNamed(configuration, 'connector', 1);
const bob = endpointNamed(configuration, 'device', 0);

describe('who is let in', { concurrency: 3 }, () => {
  it('takes no certificate of another CA, although its serial is known', async () => {
    await using lab = await GatewayLab.start(configuration);
    const directory = join(lab.directory, 'foreign');
    mkdirSync(directory);
    const foreign = lab.clientWith(new TestCa(directory, 'foreign').client(serialOf(configuration, bob)), 'foreign');
    foreign.connect(['u0']);
    await until('the lane has seen it', () => /tls-crypt-v2|TLS Error|VERIFY ERROR/.test(lab.keeper.logOf('u0')));
    await foreign.until(/TLS|Restart|restart/);
    assert.equal(lab.controller.sessions().length, 0);
    assert.equal(/Initialization Sequence Completed/.test(foreign.log), false);
  });

  for (const [kind, endpoint, lane] of [
    ['device', bob, 'u0'],
    ['connector', hq, 'c0'],
  ] as const)
    it(`holds off a second machine with the profile of a ${kind} that is alive, says so, and lets it in when the first is silent`, async () => {
      await using lab = await GatewayLab.start(configuration);
      const first = lab.client(endpoint, 'first');
      const second = lab.client(endpoint, 'second');
      first.connect([lane]);
      await first.connected();
      await lab.untilCarried(endpoint);
      second.connect([lane]);
      await second.until(/AUTH_FAILED,TEMP\[backoff 3\]:this profile is in use on another machine/);
      const problem = await until('it is reported as a problem', () =>
        lab.controller.reports.at(-1)?.problems.find(({ code }) => code === 'profile-in-use-twice'),
      );
      assert.match(problem.message, new RegExp(`^${kind} ".+": its profile is used on two machines \\(192\\.0\\.2\\.2\\)`));
      assert.ok(await first.ping('100.96.0.1'), 'the first goes on');
      assert.ok(second.isRunning, 'the second goes on trying');
      // Silent, not gone: it says no goodbye.
      await first.end('SIGKILL');
      await second.connected(15_000);
      await until('the second passes', () => second.ping('100.96.0.1'));
    });

  it('lets a reconnect from the same machine take over at once', async () => {
    await using lab = await GatewayLab.start(configuration);
    const device = lab.client(bob, 'bob');
    device.connect(['u0']);
    await device.connected();
    await lab.untilCarried(bob);
    await device.end('SIGKILL');
    device.connect(['u1']);
    await device.connected(5_000);
    await until('it passes on the other lane', () => device.ping('100.96.0.1'), 5_000);
    assert.match(lab.gateway.ip('route show table 9600'), /100\.96\.16\.1 dev cw0-u1/);
    // The DISCONNECT of the dead session comes later; it must not take the route along.
    await until(
      'the dead session has ended',
      () => lab.controller.sessions().some(({ endpoint, state }) => endpoint === bob && state === 'ended'),
      10_000,
    );
    assert.ok(await device.ping('100.96.0.1'));
  });

  it('sends a connector away from the lane of another', async () => {
    await using lab = await GatewayLab.start(configuration);
    const site = lab.client(branch, 'branch');
    site.connect(['c0', 'c1']);
    await site.until(/AUTH_FAILED,TEMP\[backoff 1,advance remote\]:this port belongs to another connector/);
    await site.connected(15_000);
    await lab.untilCarried(branch);
    assert.match(lab.gateway.ip('route show table 9600'), /192\.168\.0\.0\/22 dev cw0-c1/);
    assert.equal(
      lab.controller.sessions().some(({ endpoint }) => endpoint === hq),
      false,
    );
  });
});
