import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endpointNamed, exampleConfiguration, exampleDesired, exampleSession } from '../testing/example.ts';
import { FakeKernel } from '../testing/fake-kernel.ts';
import type { DesiredKernel } from './desired-kernel.ts';
import { describePlan } from './kernel-plan.ts';
import { kernelOwnership } from './ownership.ts';
import { planKernel } from './plan-kernel.ts';
import { undone } from './undone.ts';

const own = kernelOwnership(1);
const configuration = exampleConfiguration(1, 2);
const hq = exampleSession(configuration, endpointNamed(configuration, 'connector', 0));
const bob = exampleSession(configuration, endpointNamed(configuration, 'device', 0));
const site = exampleDesired(own, configuration, [hq]);
const both = exampleDesired(own, configuration, [hq, bob]);

const route = 'route del 10.0.0.0/18 dev cw1-c0 table 9601 proto 196';
const restored = 'ip route replace 10.0.0.0/18 dev cw1-c0 table 9601 proto 196';

/** What is told of a pass that wants `desired`, after one that made the kernel as `settled` and whatever somebody did to it. */
function told(
  settled: DesiredKernel,
  desired: DesiredKernel,
  foreign: readonly string[] = [],
  known: DesiredKernel | null = settled,
): string {
  const kernel = new FakeKernel(own.table);
  kernel.apply(planKernel(settled, kernel.observe(), 'nobody'), settled);
  kernel.apply({ nft: [], ip: foreign.map((line) => ({ line, object: '', change: 'remove' as const })) }, settled);
  const observed = kernel.observe();
  const plan = planKernel(desired, observed, 'nobody');
  return describePlan(undone({ desired, observed, plan }, known, 'nobody'));
}

describe('what somebody else undid', () => {
  for (const [name, text, expected] of [
    ['nothing changed', told(both, both), ''],
    ['somebody who comes is our own change', told(site, both), ''],
    ['and one who goes', told(both, site), ''],
    ['what is gone is told', told(both, both, [route]), restored],
    ['also when somebody came in the same moment', told(site, both, [route]), restored],
    ['and when somebody went', told(both, site, [route]), restored],
    [
      'a rule that is not ours is taken away',
      told(site, both, ['rule add pref 9601 to 10.9.0.0/16 lookup 9601 protocol 196']),
      'ip rule del pref 9601 to 10.9.0.0/16 lookup 9601 protocol 196',
    ],
    ['what is not wanted any more is nobody’s', told(both, exampleDesired(own, configuration, [bob]), [route]), ''],
    ['of a kernel that nothing is known of, nothing is', told(both, both, [route], null), ''],
  ] as const) {
    it(name, () => assert.equal(text, expected));
  }
});
