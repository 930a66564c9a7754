import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planCut, planMove } from './cut.ts';
import { desiredKernel } from './kernel/desired-kernel.ts';
import { describePlan } from './kernel/kernel-plan.ts';
import { kernelOwnership } from './kernel/ownership.ts';
import type { PoolId } from '../core/failover/pool.ts';
import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { EndpointId } from '../core/ids.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import type { Session } from './session.ts';
import { endpointNamed, exampleConfiguration, exampleDesired, exampleSession } from './testing/example.ts';

const own = kernelOwnership(5);
const configuration = exampleConfiguration(1, 2);
const hq = exampleSession(configuration, endpointNamed(configuration, 'connector', 0));
const bob = exampleSession(configuration, endpointNamed(configuration, 'device', 0));

const desire = (...sessions: readonly Session[]) => exampleDesired(own, configuration, sessions);

describe('planMove', () => {
  const two = { ...configuration, networks: mapNetworks(configuration, [hq.endpoint, bob.endpoint]) };
  const pool: PoolId = `network:${Object.keys(two.networks)[0] ?? ''}` as PoolId;
  const owned = (...owners: readonly EndpointId[]) =>
    desiredKernel({
      own,
      configuration: two,
      sessions: [hq, { ...bob, owns: ['10.0.0.0/18' as PrefixText] }],
      running: new Set(),
      undecided: new Set(),
      owners: new Map([[pool, owners]]),
      alive: new Set(owners),
    });

  it('replaces the routes of the pool whose owner changed, and lets flows go that stayed with one that died', () => {
    assert.equal(
      describePlan(planMove(owned(hq.endpoint), owned(bob.endpoint))),
      [
        'nft add element inet causeway_5 pinned { 0x0c580000 }',
        'nft delete element inet causeway_5 pinned { 0x0c580000 }',
        'ip route replace 10.0.0.0/18 dev cw5-u0 table 9605 proto 196',
      ].join('\n'),
    );
  });

  it('shares by one route with several ways', () => {
    assert.equal(
      describePlan(planMove(owned(hq.endpoint), owned(hq.endpoint, bob.endpoint))),
      'ip route replace 10.0.0.0/18 table 9605 proto 196 nexthop dev cw5-c0 nexthop dev cw5-u0',
    );
    assert.equal(describePlan(planMove(owned(hq.endpoint), owned(hq.endpoint))), '');
  });
});

/** Whoever they are, they serve every network. */
function mapNetworks({ networks }: GatewayConfiguration, connectors: readonly EndpointId[]): GatewayConfiguration['networks'] {
  return Object.fromEntries(Object.entries(networks).map(([id, network]) => [id, { ...network, connectors }]));
}

describe('planCut', () => {
  it('takes the sources before the routes, and only of those who go', () => {
    assert.equal(
      describePlan(planCut(desire(hq, bob), desire(bob))),
      [
        'nft add element inet causeway_5 open { "cw5-c0" }',
        'nft delete element inet causeway_5 open { "cw5-c0" }',
        'nft add element inet causeway_5 hosts { "cw5-c0" . 100.96.0.100 }',
        'nft delete element inet causeway_5 hosts { "cw5-c0" . 100.96.0.100 }',
        'ip route del 100.96.0.100/32 dev cw5-c0 table 9605 proto 196',
        'ip route del 10.0.0.0/18 dev cw5-c0 table 9605 proto 196',
      ].join('\n'),
    );
    assert.equal(describePlan(planCut(desire(hq, bob), desire(hq, bob))), '');
  });

  it('takes the prefixes of a connector that shared its lane at once: the lane stays open', () => {
    const onShared = { lane: 't0', owns: ['10.0.0.0/18' as PrefixText] } as const;
    const shared = exampleSession(configuration, hq.endpoint, onShared);
    const other = exampleSession(configuration, bob.endpoint, { lane: 't0' });
    assert.match(
      describePlan(planCut(desire(shared, other), desire(other))),
      /delete element inet causeway_5 sites \{ "cw5-t0" \. 10\.0\.0\.0\/18 \}/,
    );
  });
});
