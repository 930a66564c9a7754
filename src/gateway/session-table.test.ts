import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { endpointNamed, exampleConfiguration, exampleSession } from './testing/example.ts';
import type { NewSession } from './session-table.ts';
import { SessionTable } from './session-table.ts';

const configuration = exampleConfiguration(1, 2);
const bob = endpointNamed(configuration, 'device', 0);

function begin(cid: number, changes: Partial<NewSession> = {}): NewSession {
  const { key: _key, order: _order, ...session } = exampleSession(configuration, bob);
  return { ...session, cid, state: 'accepted', startedAt: 5_000, ...changes };
}

describe('session table', () => {
  it('supersedes the older sessions when a newer one is up, not before', () => {
    const table = new SessionTable();
    const old = table.add(begin(1));
    table.establish(old.key, {});
    const next = table.add(begin(2, { lane: 't0' }));
    assert.equal(table.byKey(old.key)?.state, 'established');
    assert.deepEqual(
      table.establish(next.key, { version: '2.6' })?.superseded.map(({ key }) => key),
      [old.key],
    );
    assert.equal(table.byKey(old.key)?.state, 'superseded');
    assert.equal(table.byKey(next.key)?.peer.version, '2.6');
    assert.equal(table.establish(old.key, {}), null, 'a superseded session does not come back');
  });

  it('gives the older session back when the newer one ends first, if it is still heard of', () => {
    const table = new SessionTable();
    const old = table.add(begin(1, { heardAt: 900 }));
    table.establish(old.key, {});
    const next = table.add(begin(2, { lane: 't0' }));
    table.establish(next.key, {});
    assert.equal(table.reinstate(bob, 0), undefined, 'not while the newer one is there');
    table.remove(next.key);
    assert.equal(table.reinstate(bob, 901), undefined, 'silent for too long');
    assert.equal(table.reinstate(bob, 900)?.key, old.key);
    assert.equal(table.byKey(old.key)?.state, 'established');
  });

  it('takes the one that was let in last for the newest, although the clock went back', () => {
    const table = new SessionTable();
    const old = table.add(begin(1, { startedAt: 9_000 }));
    table.establish(old.key, {});
    const next = table.add(begin(2, { startedAt: 1_000 }));
    assert.equal(table.establish(next.key, {})?.superseded.length, 1);
  });

  it('orders sessions that are found in running daemons by their start', () => {
    const table = new SessionTable();
    const newer = table.add(begin(1, { state: 'established', startedAt: 9_000 }));
    const older = table.add(begin(2, { state: 'established', startedAt: 8_000, lane: 't0' }));
    assert.equal(table.establish(older.key, {})?.superseded.length, 0);
    assert.deepEqual(
      table.establish(newer.key, {})?.superseded.map(({ key }) => key),
      [older.key],
    );
  });

  it('counts bytes from the client alone as a sign of life', () => {
    const table = new SessionTable();
    const { key } = table.add(begin(1, { heardAt: 100, bytesIn: 5, bytesOut: 5 }));
    table.bytes(key, 5, 900, 200);
    assert.deepEqual([table.byKey(key)?.heardAt, table.byKey(key)?.bytesOut], [100, 900]);
    table.bytes(key, 6, 900, 300);
    assert.equal(table.byKey(key)?.heardAt, 300);
  });

  it('keeps its indexes equal to its sessions whatever is done in whatever order', () => {
    const operation = fc.record({
      what: fc.constantFrom('add', 'establish', 'remove'),
      cid: fc.nat(5),
      lane: fc.constantFrom('u0' as const, 't0' as const),
      endpoint: fc.nat(1),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const table = new SessionTable();
        for (const { what, cid, lane, endpoint } of operations) {
          const known = table.get(lane, '1000', cid);
          if (what === 'add' && known === undefined)
            table.add(begin(cid, { lane, endpoint: endpointNamed(configuration, 'device', endpoint) }));
          if (what === 'establish' && known !== undefined) table.establish(known.key, {});
          if (what === 'remove' && known !== undefined) assert.equal(table.remove(known.key), known);
          const all = [...table.all()].map(({ key }) => key).sort();
          assert.equal(table.size, all.length);
          assert.deepEqual(
            (['u0', 't0'] as const)
              .flatMap((name) => table.onLane(name))
              .map(({ key }) => key)
              .sort(),
            all,
          );
          assert.deepEqual(
            [0, 1]
              .flatMap((index) => table.ofEndpoint(endpointNamed(configuration, 'device', index)))
              .map(({ key }) => key)
              .sort(),
            all,
          );
          for (const index of [0, 1]) {
            const up = table
              .ofEndpoint(endpointNamed(configuration, 'device', index))
              .filter(({ state }) => state === 'established');
            assert.ok(up.length <= 1, 'at most one session of an endpoint is established');
          }
        }
      }),
    );
  });
});
