import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClockFacts } from './machine-conditions.ts';
import { clockConditions, diskConditions, roomLevel } from './machine-conditions.ts';

const gib = 1024 ** 3;
const mib = 1024 ** 2;

test('room is judged by what is left, in bytes and in inodes', () => {
  const cases = [
    ['a large disk half full', 500 * gib, 1000 * gib, 1e6, 1e7, 'enough'],
    ['a large disk with a twentieth left, which is a lot', 40 * gib, 1000 * gib, 1e6, 1e7, 'enough'],
    ['a large disk with 1 % left', 9 * gib, 1000 * gib, 1e6, 1e7, 'low'],
    ['less than a GiB', 900 * mib, 100 * gib, 1e6, 1e7, 'low'],
    ['a small disk half full', 300 * mib, 600 * mib, 1e6, 1e7, 'enough'],
    ['nothing left that PostgreSQL could use', 100 * mib, 100 * gib, 1e6, 1e7, 'full'],
    ['bytes, but no inodes', 50 * gib, 100 * gib, 100, 1e7, 'full'],
    ['few inodes', 50 * gib, 100 * gib, 5_000, 1e7, 'low'],
    ['inodes that are made as needed', 50 * gib, 100 * gib, 0, 0, 'enough'],
  ] as const;
  for (const [name, freeBytes, bytes, freeInodes, inodes, level] of cases) {
    const room = { path: '/var/lib/causeway', freeBytes, bytes, freeInodes, inodes };
    assert.equal(roomLevel(room), level, name);
    assert.equal(diskConditions([room])[0]?.level, level === 'enough' ? undefined : level, name);
  }
});

test('a clock is compared with the database, with what was recorded before, and with its own counter', () => {
  const now = Date.parse('2026-11-27T12:00:00Z');
  const year = 365 * 86_400_000;
  const right: ClockFacts = { now, database: now, recordedBefore: now - 1000, jump: null };
  const codes = (facts: Partial<ClockFacts>) =>
    clockConditions({ ...right, ...facts }, 'gw').map(({ code, message }) => [code, message]);
  assert.deepEqual(codes({}), []);
  assert.match(String(codes({ recordedBefore: now + year })), /^clock-behind,.*2026-11-27T12.*2027-11-27T12/);
  assert.match(String(codes({ database: now + 7_200_000 })), /^clock-differs,.* is 2 h behind the database's/);
  assert.match(String(codes({ jump: { at: now - 1000, by_ms: -year } })), /^clock-jumped,.* went back by 365 days/);
  assert.deepEqual(codes({ jump: { at: now - 3_600_001, by_ms: year } }), []);
});
