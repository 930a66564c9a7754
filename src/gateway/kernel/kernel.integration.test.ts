import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { LaneId } from '../../core/lanes.ts';
import { endpointNamed, exampleConfiguration, exampleSession } from '../testing/example.ts';
import { Namespace } from '../testing/namespace.ts';
import type { Session } from '../session.ts';
import { applyKernel } from './apply-kernel.ts';
import { describeFailure } from './apply-steps.ts';
import type { DesiredKernel } from './desired-kernel.ts';
import { desiredKernel } from './desired-kernel.ts';
import { describePlan } from './kernel-plan.ts';
import { lintKernel } from './lint-kernel.ts';
import { observeKernel } from './observe.ts';
import { kernelOwnership } from './ownership.ts';
import { planKernel } from './plan-kernel.ts';

const own = kernelOwnership(3);
const configuration = exampleConfiguration();
const hq = endpointNamed(configuration, 'connector', 0);
const bob = endpointNamed(configuration, 'device', 0);

/** Reads a namespace, applies what is missing, and proves that nothing is missing then. Gives the plan as text. */
async function reconcile(host: Namespace, desired: DesiredKernel): Promise<string> {
  assert.deepEqual(lintKernel(desired), []);
  const plan = planKernel(desired, await observeKernel(own, host.run), 'nobody');
  const result = await applyKernel(plan, host.run);
  assert.deepEqual(result.failed.map(describeFailure), []);
  assert.equal(describePlan(planKernel(desired, await observeKernel(own, host.run), 'nobody')), '');
  return describePlan(plan);
}

function desire(
  sessions: readonly Session[],
  changes: Partial<GatewayConfiguration> = {},
  undecided: readonly LaneId[] = [],
): DesiredKernel {
  return desiredKernel({
    own,
    configuration: { ...configuration, ...changes },
    sessions,
    running: new Set(),
    undecided: new Set(undecided),
    owners: new Map(),
    alive: new Set(),
  });
}

function withoutHandles(ruleset: string): string {
  return ruleset.replace(/counter packets \d+ bytes \d+/g, 'counter');
}

describe('gateway kernel, in a real network namespace', () => {
  it('reaches every state from every other, and is then content', async () => {
    using host = new Namespace('walk');
    const states: Record<string, DesiredKernel> = {
      empty: desire([]),
      connector: desire([exampleSession(configuration, hq)]),
      both: desire([exampleSession(configuration, hq), exampleSession(configuration, bob)]),
      'connector on the shared lane': desire([exampleSession(configuration, hq, { lane: 't0', owns: ['10.0.0.0/18' as never] })]),
      'other range': desire([], {
        gateway: { ...configuration.gateway, tunnelRanges: [...configuration.gateway.tunnelRanges, '10.200.0.0/16' as never] },
      }),
      'fewer lanes': desire([], { lanes: Object.fromEntries(Object.entries(configuration.lanes).slice(0, 1)) }),
    };
    const names = Object.keys(states);
    for (const from of names) {
      for (const to of names) {
        const [first, second] = [states[from], states[to]];
        assert.ok(first !== undefined && second !== undefined);
        await reconcile(host, first);
        const plan = await reconcile(host, second);
        if (from === to) assert.equal(plan, '', `${from} to itself changes nothing`);
      }
    }
  });

  it('does the least: one session that comes is one element and its routes', async () => {
    using host = new Namespace('least');
    await reconcile(host, desire([]));
    assert.equal(
      await reconcile(host, desire([exampleSession(configuration, hq)])),
      [
        'nft add element inet causeway_3 open { "cw3-c0" }',
        'nft add element inet causeway_3 hosts { "cw3-c0" . 100.96.0.100 }',
        'nft add element inet causeway_3 sites { "cw3-c0" . 10.0.0.0/18 }',
        'ip route replace 100.96.0.100/32 dev cw3-c0 table 9603 proto 196',
        'ip route replace 10.0.0.0/18 dev cw3-c0 table 9603 proto 196',
      ].join('\n'),
    );
  });

  it('removes orphans of a dead agent in its range and touches nothing else', async () => {
    using host = new Namespace('orphans');
    await reconcile(host, desire([]));
    host.ip('tuntap add dev cw3-c9 mode tun');
    host.ip('tuntap add dev tun7 mode tun');
    host.ip('link set cw3-u0 up');
    host.ip('route add 10.50.0.0/16 dev cw3-u0 table 9603 proto 196');
    host.ip('rule add pref 9603 to 10.60.0.0/16 lookup 9603 protocol 196');
    // What it was before: an older agent's last route, which would hide the egress classes, and what it had of them and of pins.
    host.ip('route add unreachable default metric 4294967295 table 9603 proto 196');
    host.ip('route add default dev cw3-u0 table 32289 proto 196');
    host.ip('rule add pref 9643 fwmark 0xc300001 lookup 32289 protocol 196');
    host.exec('nft', 'add element inet causeway_3 hosts { "cw3-u0" . 10.1.2.3 }');
    host.exec('nft', 'add element inet causeway_3 sites { "cw3-u0" . 10.2.0.0/16 }');
    host.exec('nft', 'add element inet causeway_3 open { "eth7" }');
    // Not ours: another protocol, another table, another preference, another installation's firewall table.
    host.ip('route add 10.51.0.0/16 dev cw3-u0 table 9603 proto 4');
    host.ip('route add 10.52.0.0/16 dev cw3-u0 table 9604 proto 196');
    host.ip('rule add pref 9604 to 10.61.0.0/16 lookup 9603 protocol 196');
    host.exec('nft', 'add table inet causeway_4');
    const foreign = () => [
      host.ip('route show table 9603 proto 4'),
      host.ip('route show table 9604'),
      host.ip('rule show pref 9604'),
      host.exec('nft', 'list table inet causeway_4'),
      host.ip('link show tun7').length > 0,
    ];
    const before = foreign();
    const plan = await reconcile(host, desire([]));
    assert.deepEqual(plan.split('\n').sort(), [
      'ip link del dev cw3-c9',
      'ip route del 0.0.0.0/0 dev cw3-u0 table 32289 proto 196',
      'ip route del 10.50.0.0/16 dev cw3-u0 table 9603 proto 196',
      'ip route del unreachable 0.0.0.0/0 table 9603 proto 196',
      'ip rule del pref 9603 to 10.60.0.0/16 lookup 9603 protocol 196',
      'ip rule del pref 9643 fwmark 0xc300001/0xffffffff lookup 32289 protocol 196',
      'nft delete element inet causeway_3 hosts { "cw3-u0" . 10.1.2.3 }',
      'nft delete element inet causeway_3 open { "eth7" }',
      'nft delete element inet causeway_3 sites { "cw3-u0" . 10.2.0.0/16 }',
    ]);
    assert.deepEqual(foreign(), before);
  });

  for (const [name, harm] of [
    ['flush ruleset', (host: Namespace) => host.exec('nft', 'flush', 'ruleset')],
    ['a rule is added', (host: Namespace) => host.exec('nft', 'insert rule inet causeway_3 sources accept')],
    ['a chain is flushed', (host: Namespace) => host.exec('nft', 'flush chain inet causeway_3 forwarded')],
    ['a policy is changed', (host: Namespace) => host.exec('nft', 'chain inet causeway_3 forwarded { policy drop; }')],
    ['rules are flushed', (host: Namespace) => host.ip('rule flush')],
    ['a tun goes down', (host: Namespace) => host.ip('link set cw3-c0 down')],
    ['a tun is deleted', (host: Namespace) => host.ip('link del cw3-c0')],
    ['an address is lost', (host: Namespace) => host.ip('addr flush dev cw3-c0')],
  ] as const) {
    it(`comes back after: ${name}`, async () => {
      using host = new Namespace('harm');
      const desired = desire([exampleSession(configuration, hq), exampleSession(configuration, bob)]);
      await reconcile(host, desired);
      const before = withoutHandles(host.exec('nft', 'list table inet causeway_3')) + host.ip('route show table 9603');
      harm(host);
      assert.notEqual(await reconcile(host, desired), '');
      assert.equal(withoutHandles(host.exec('nft', 'list table inet causeway_3')) + host.ip('route show table 9603'), before);
    });
  }

  it('keeps what a lane that has not told yet may need, and only that', async () => {
    using host = new Namespace('undecided');
    await reconcile(host, desire([exampleSession(configuration, hq), exampleSession(configuration, bob)]));
    host.exec('nft', 'add element inet causeway_3 sites { "cw3-c0" . 172.16.0.0/16 }');
    const plan = await reconcile(host, desire([], {}, ['c0']));
    assert.deepEqual(plan.split('\n').sort(), [
      'ip route del 100.96.16.1/32 dev cw3-u0 table 9603 proto 196',
      'nft delete element inet causeway_3 hosts { "cw3-u0" . 100.96.16.1 }',
      'nft delete element inet causeway_3 open { "cw3-u0" }',
      'nft delete element inet causeway_3 sites { "cw3-c0" . 172.16.0.0/16 }',
    ]);
    assert.match(host.ip('route show table 9603'), /10\.0\.0\.0\/18 dev cw3-c0/);
  });

  it('goes on after a failed step, names it, and skips what needs it', async () => {
    using host = new Namespace('failed');
    const desired = desire([exampleSession(configuration, hq), exampleSession(configuration, bob)]);
    // A device of another kind has the name: the tun cannot be made.
    host.ip('link add cw3-c0 type veth peer name other0');
    const result = await applyKernel(planKernel(desired, await observeKernel(own, host.run), 'nobody'), host.run);
    assert.deepEqual(
      result.failed.map(({ step, cause }) => [step.object, cause]),
      [['tun cw3-c0', 'ioctl(TUNSETIFF): Device or resource busy']],
    );
    const observed = await observeKernel(own, host.run);
    assert.equal(observed.routes.get('100.96.16.1/32' as never), 'cw3-u0');
    assert.ok(observed.rules.has('pref 9683 to 100.96.0.0/11 unreachable'));
  });

  it('leaves out an element that nft refuses and names it', async () => {
    using host = new Namespace('refused');
    const desired = desire([exampleSession(configuration, hq)]);
    await reconcile(host, desire([]));
    const plan = planKernel(desired, await observeKernel(own, host.run), 'nobody');
    const line = 'add element inet causeway_3 sites { "cw3-c0" . 10.0.0.0/20 }';
    const bad = { line, object: 'a bad element', change: 'add' } as const;
    const result = await applyKernel({ ...plan, nft: [...plan.nft, bad] }, host.run);
    assert.deepEqual(result.failed.map(describeFailure), [
      `setting a bad element: line 4 "${line}": Could not process rule: File exists`,
    ]);
    assert.equal((await observeKernel(own, host.run)).table?.elements.hosts.has('cw3-c0 100.96.0.100/32'), true);
  });

  it('takes what is to be removed and is gone already for done', async () => {
    using host = new Namespace('gone');
    await reconcile(host, desire([exampleSession(configuration, hq), exampleSession(configuration, bob)]));
    const plan = planKernel(desire([exampleSession(configuration, bob)]), await observeKernel(own, host.run), 'nobody');
    host.exec('nft', 'delete element inet causeway_3 open { "cw3-c0" }');
    host.ip('route del 10.0.0.0/18 table 9603');
    const { done, failed } = await applyKernel(plan, host.run);
    assert.deepEqual([done.length, failed], [plan.nft.length + plan.ip.length, []]);
    assert.equal(await reconcile(host, desire([exampleSession(configuration, bob)])), '');
  });

  it('makes a large table anew rather than taking many prefixes out of it, and ends the same', async () => {
    using host = new Namespace('large');
    const large = exampleConfiguration(30, 1, 40);
    const sessions = Array.from({ length: 30 }, (_, index) => exampleSession(large, endpointNamed(large, 'connector', index)));
    const all = (live: readonly Session[]) =>
      desiredKernel({
        own,
        configuration: large,
        sessions: live,
        running: new Set(),
        undecided: new Set(),
        owners: new Map(),
        alive: new Set(),
      });
    await reconcile(host, all(sessions));
    assert.match(await reconcile(host, all(sessions.slice(1))), /^nft table inet causeway_3\n/);
    assert.doesNotMatch(await reconcile(host, all(sessions)), /delete table/);
  });
});
