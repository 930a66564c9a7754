import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { EndpointId } from '../core/ids.ts';
import { planCut } from './cut.ts';
import { applyKernel, applySourcesFirst } from './kernel/apply-kernel.ts';
import { describePlan } from './kernel/kernel-plan.ts';
import { observeKernel } from './kernel/observe.ts';
import { kernelOwnership } from './kernel/ownership.ts';
import { planKernel } from './kernel/plan-kernel.ts';
import type { Session } from './session.ts';
import { endpointNamed, exampleConfiguration, exampleDesired, exampleSession, serialOf } from './testing/example.ts';
import type { TestClient } from './testing/gateway-lab.ts';
import { GatewayLab } from './testing/gateway-lab.ts';
import { Namespace, until } from './testing/namespace.ts';

const configuration = exampleConfiguration(1, 2);
const hq = endpointNamed(configuration, 'connector', 0);
const bob = endpointNamed(configuration, 'device', 0);

function withoutCertificate(endpoint: EndpointId): Partial<GatewayConfiguration> {
  const { [serialOf(configuration, endpoint)]: _, ...certificates } = configuration.certificates;
  return { certificates };
}

function suspended(endpoint: EndpointId): Partial<GatewayConfiguration> {
  const found = configuration.endpoints[endpoint];
  assert.ok(found !== undefined);
  return { endpoints: { ...configuration.endpoints, [endpoint]: { ...found, admission: 'suspended' } } };
}

async function connected(lab: GatewayLab): Promise<{ readonly site: TestClient; readonly device: TestClient }> {
  const site = lab.client(hq, 'hq');
  const device = lab.client(bob, 'bob');
  site.host.ip('addr add 10.0.0.20/18 dev lo');
  site.connect(['c0']);
  device.connect(['u0']);
  await Promise.all([site.connected(), device.connected(), lab.untilCarried(hq), lab.untilCarried(bob)]);
  return { site, device };
}

/** Milliseconds that the agent says its last cut took, from the configuration to the firewall and the routes. */
async function cutMs(lab: GatewayLab): Promise<number> {
  return Number((await until('a cut is logged', () => /cut 1 session\(s\) in ([\d.]+) ms/.exec(lab.log)))[1]);
}

describe('cutting an endpoint that is connected', { concurrency: 3 }, () => {
  it('stops an established flow of a revoked device at once, and its client for good', async () => {
    await using lab = await GatewayLab.start(configuration);
    const { device } = await connected(lab);
    const flow = device.pingStream('10.0.0.20', 0.005);
    await until('the flow runs', () => device.ping('10.0.0.20'));
    const tracked = () => lab.gateway.exec('conntrack', '-L').includes('100.96.16.1');
    assert.ok(tracked(), 'the flow is tracked');
    const before = spoofed(lab);
    lab.controller.change(withoutCertificate(bob));
    await until('its packets are dropped by the set, before the tunnel ends', () => spoofed(lab) > before, 1_000);
    assert.equal(await device.ping('10.0.0.20'), false);
    const took = await cutMs(lab);
    assert.ok(took < 500, `the cut took ${String(took)} ms`);
    await until('its connections are forgotten', () => !tracked());
    await until('its client has exited', () => !device.isRunning);
    const { sent, received } = await flow.stop();
    assert.ok(received > 0 && received < sent, `${String(received)} of ${String(sent)} pings came back`);
    const report = await until('the end is reported', () =>
      lab.controller.sessions().find(({ endpoint, state }) => endpoint === bob && state === 'ended'),
    );
    assert.equal(report.reason, 'revoked');
    // The client may not come back either.
    device.connect(['u0'], ['connect-retry-max 1']);
    await device.until(/AUTH_FAILED,this profile is not valid any more/);
    assert.deepEqual(
      lab.controller.sessions().filter(({ endpoint, state }) => endpoint === bob && state === 'established'),
      [],
    );
  });

  it('cuts the other direction too: nothing reaches a revoked connector', async () => {
    await using lab = await GatewayLab.start(configuration);
    const { site, device } = await connected(lab);
    assert.ok(await device.ping('10.0.0.20'));
    lab.controller.change(withoutCertificate(hq));
    await until('the routes are gone', () => !/c0/.test(lab.gateway.ip('route show table 9600')));
    assert.equal(await device.ping('10.0.0.20'), false);
    assert.equal(await site.ping('100.96.16.1'), false);
    assert.ok(await device.ping('100.96.0.1'), 'the others go on');
  });

  it('holds a suspended device off and lets it back when it is admitted again, by itself', async () => {
    await using lab = await GatewayLab.start(configuration);
    const { device } = await connected(lab);
    lab.controller.change(suspended(bob));
    await device.until(/AUTH_FAILED,TEMP/);
    assert.ok(device.isRunning, 'its client goes on trying');
    assert.equal(await device.ping('10.0.0.20'), false);
    const refused = await until('the refusal is reported', () =>
      lab.controller.sessions().find(({ endpoint, state }) => endpoint === bob && state === 'refused'),
    );
    assert.equal(refused.reason, 'endpoint-suspended');
    lab.controller.change({ endpoints: configuration.endpoints });
    await until('it is back', () => device.ping('10.0.0.20'), 15_000);
  });
});

/** Packets that were dropped for their source, or because nobody is attached to their tun. */
function spoofed(lab: GatewayLab): number {
  const rules = lab.gateway.exec('nft', 'list chain inet causeway_0 sources');
  return [...rules.matchAll(/counter packets (\d+) bytes \d+ drop comment "(?:spoofed|closed)"/g)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

describe('the plan of a cut', () => {
  const own = kernelOwnership(5);
  const [site, device] = [exampleSession(configuration, hq), exampleSession(configuration, bob)];
  const desire = (...sessions: readonly Session[]) => exampleDesired(own, configuration, sessions);

  it('works on a kernel that has it, and again on one that has it not (any more)', async () => {
    using host = new Namespace('cut');
    const full = desire(site, device);
    await applyKernel(planKernel(full, await observeKernel(own, host.run), 'nobody'), host.run);
    for (const round of ['first', 'again']) {
      const { failed } = await applySourcesFirst(planCut(full, desire(device)), host.run);
      assert.deepEqual(failed, [], round);
      const left = describePlan(planKernel(desire(device), await observeKernel(own, host.run), 'nobody'));
      assert.equal(
        left,
        'nft delete element inet causeway_5 sites { "cw5-c0" . 10.0.0.0/18 }',
        `${round}: on a closed tun this has time`,
      );
    }
  });
});
