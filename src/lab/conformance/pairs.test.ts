import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeKinds } from '../../core/trace/words.ts';
import { everyPair, pairNamed, rightFirst } from './pair.ts';
import { chosenPairs, drawPairs } from './pairs.ts';

test('pairs that make one change, have two flows, or show to nobody do not stand together', () => {
  for (const name of [
    'FWD-OFF+FWD-IFACE',
    'FWD-OFF+SRV-FIREWALL',
    'FWD-OFF+IF-MISSING-ROUTE',
    'FWD-OFF+CLI-NO-ROUTE',
    'FWD-OFF+FWD-NOT-PERSISTED',
    'HFW-FORWARD-DROP+HFW-FORWARD-DROP-IPTABLES',
    'NAT-OFF-NO-ROUTE+RTR-STATEFUL',
    'FWD-OFF+FWD-OFF',
    'FWD-OFF+NONSENSE',
    'FWD-OFF+MARTIAN+DUP-IP',
    'FWD-OFF',
  ])
    assert.equal(pairNamed(name), undefined, name);
});

test('the fault is right that the packet meets first, there and then back', () => {
  for (const [name, right] of [
    ['FWD-OFF+CLI-OFFLINE', ['CLI-OFFLINE']],
    ['FWD-OFF+HFW-FORWARD-DROP', ['FWD-OFF', 'HFW-FORWARD-DROP']],
    ['FWD-IFACE+SRV-NO-LISTENER', ['SRV-NO-LISTENER']],
    ['MULTI-NIC-RULES+NEIGH-FAIL', ['NEIGH-FAIL']],
    ['NAT-OFF-NO-ROUTE+SRV-WRONG-GW', ['SRV-WRONG-GW']],
    ['RPF-STRICT+SITE-ROUTE-ONE-WAY', ['SITE-ROUTE-ONE-WAY']],
  ] as const) {
    const pair = pairNamed(name);
    assert.ok(pair !== undefined, name);
    assert.deepEqual(
      rightFirst(pair).map(({ code }) => code),
      right,
      name,
    );
  }
});

test('the usual sample has a fault on every machine that can be at fault', () => {
  const met = new Set<string>(chosenPairs.flatMap(({ faults }) => faults.map(({ expect }) => expect.hop)));
  const without = Object.keys(nodeKinds).filter((kind) => !met.has(kind));
  assert.deepEqual(without, ['mesh', 'cloud-router', 'internet']);
});

test('a seed draws as many others, the same again, and another seed other ones', () => {
  const names = (seed: number) => drawPairs(seed).map(({ name }) => name);
  assert.equal(new Set(names(7)).size, chosenPairs.length);
  assert.deepEqual(names(7), names(7));
  assert.notDeepEqual(names(7), names(8));
  const usual = new Set(chosenPairs.map(({ name }) => name));
  assert.ok(everyPair().length > 2 * chosenPairs.length);
  assert.ok(names(7).every((name) => !usual.has(name) && pairNamed(name) !== undefined));
});
