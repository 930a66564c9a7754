import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LaneId } from '../core/lanes.ts';
import { laneToRenew, trustedByAll } from './lane-renewal.ts';

const day = 86_400_000;
const changedAt = Date.parse('2026-11-27');
const held = { trusts: ['AA', 'BB'], changedAt, isReplaced: false };

function lane(id: string, startedAt: number, clients: number) {
  return { lane: id as LaneId, startedAt, clients };
}

test('a lane takes up a new certificate when nobody is on it, one at a time, and after two weeks in any case', () => {
  const [before, after] = [changedAt - day, changedAt + 1];
  const renew = (lanes: ReturnType<typeof lane>[], now: number, isReplaced = false) =>
    laneToRenew(lanes, { ...held, isReplaced }, now);
  const busy = [lane('u0', before, 9), lane('u1', before, 3), lane('c0', after, 1)];
  assert.equal(renew(busy, changedAt + day), undefined);
  assert.equal(renew([...busy, lane('c1', before, 0)], changedAt + day), 'c1');
  assert.equal(renew(busy, changedAt + 15 * day), 'u1', 'the one with the fewest first');
  assert.equal(renew(busy, changedAt, true), 'u1', 'what a replaced CA has signed is of no use');
  assert.equal(renew([lane('u0', after, 0)], changedAt + 15 * day), undefined);
});

test('roots are believed by the gateway when every lane has read them', () => {
  assert.deepEqual(trustedByAll([lane('u0', changedAt, 1), lane('c0', changedAt + 1, 0)], held), ['AA', 'BB']);
  assert.deepEqual(trustedByAll([lane('u0', changedAt, 1), lane('c0', changedAt - 1, 0)], held), []);
  assert.deepEqual(trustedByAll(undefined, held), []);
});
