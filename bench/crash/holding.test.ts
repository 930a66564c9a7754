import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seeded } from '../chaos/random.ts';
import { drawChange } from './change.ts';
import type { Holding, Holdings } from './holding.ts';
import { settle } from './holding.ts';

/** A store that does what it is asked, with ids of its own: what the API and the database are to a writer. */
function perform(before: Holdings, after: Holdings): Holdings {
  const told = new Map<string, Holding>();
  for (const [name, holding] of after) {
    const parts = new Map([...holding.parts].map(([part, id]) => [part, id === 'unknown' ? `id-of-${part}` : id]));
    const id = holding.id === 'unknown' ? (before.get(name)?.id ?? `id-of-${name}`) : holding.id;
    told.set(name, { ...holding, id, parts });
  }
  return told;
}

const history = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 80 })).map(([seed, changes]) => {
  const random = seeded(seed);
  const states: Holdings[] = [new Map()];
  const whats: string[] = [];
  for (let count = 1; count <= changes; count += 1) {
    const before = states.at(-1) ?? new Map();
    const change = drawChange(random, { number: 1, group: 'group' }, before, count);
    whats.push(change.what);
    states.push(perform(before, change.after(undefined)));
  }
  const last = states.at(-1) ?? new Map();
  const pending = drawChange(random, { number: 1, group: 'group' }, last, changes + 1);
  return { states, whats, last, pending: { what: pending.what, after: pending.after(undefined) } };
});

test('what was acknowledged is accepted, and a change without an answer is accepted done as a whole or not at all', () => {
  fc.assert(
    fc.property(history, ({ last, pending }) => {
      assert.equal(settle(last, last, null).kind, 'as-acknowledged');
      assert.equal(settle(last, last, pending).kind, 'as-acknowledged');
      assert.equal(settle(perform(last, pending.after), last, pending).kind, 'pending-applied');
    }),
  );
});

test('a change that was acknowledged and is not there is a violation, with or without one that is pending', () => {
  fc.assert(
    fc.property(history, ({ states, last, pending }) => {
      const before = states.at(-2) ?? new Map();
      const lost = settle(before, last, null);
      assert.equal(lost.kind, 'violated');
      assert.ok(lost.kind === 'violated' && lost.differences.length > 0);
      // Unless the pending change takes back the very one that is missing.
      if (settle(before, pending.after, null).kind === 'violated') assert.equal(settle(before, last, pending).kind, 'violated');
    }),
  );
});

test('half of a pending change, and another id than the one that was told, are violations', () => {
  const held: Holding = { kind: 'network', id: 'n1', name: 'w1-net-1', text: '', parts: new Map([['10.101.1.0/24', 'r1']]) };
  const acknowledged: Holdings = new Map([[held.name, held]]);
  const added: Holding = { ...held, id: 'unknown', name: 'w1-net-2', parts: new Map([['10.101.2.0/24', 'unknown']]) };
  const pending = { what: 'add network w1-net-2', after: new Map([...acknowledged, [added.name, added]]) };
  const half = new Map([...acknowledged, [added.name, { ...added, id: 'n2', parts: new Map<string, string>() }]]);
  const halfDone = settle(half, acknowledged, pending);
  assert.deepEqual(halfDone, {
    kind: 'violated',
    differences: [
      'network w1-net-2 is there and should not be',
      'network w1-net-2 has no 10.101.2.0/24 (if "add network w1-net-2" was done)',
    ],
  });
  const other = settle(new Map([[held.name, { ...held, id: 'n9' }]]), acknowledged, null);
  assert.deepEqual(other, { kind: 'violated', differences: ['network w1-net-1 has the id n9, not n1'] });
});

test('writers keep a handful of things, whatever is drawn', () => {
  fc.assert(
    fc.property(history, ({ states }) => {
      for (const state of states) {
        const counts = { network: 0, user: 0 };
        for (const { kind, parts } of state.values()) {
          counts[kind] += 1;
          assert.ok(parts.size <= 4);
        }
        assert.ok(counts.network <= 2 && counts.user <= 2);
      }
    }),
  );
});
