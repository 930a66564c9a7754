import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scheduledName, stampOf, surplusBackups } from './backup-name.ts';

const id = '3fa92b1c'.padEnd(64, '0');
const day = (number: number) => new Date(Date.UTC(2026, 10, number, 3, 4, 5, 678));

test('names are in the order of time', () => {
  assert.equal(stampOf(day(7)), '20261107T030405Z');
  assert.equal(scheduledName(id, day(7)), 'causeway-3fa92b1c-20261107T030405Z.age');
});

test('the oldest beyond what is kept go, and nothing that is not called so', () => {
  const own = [1, 2, 3, 4].map((number) => scheduledName(id, day(number)));
  const foreign = [
    scheduledName('4'.repeat(64), day(1)),
    'causeway-3fa92b1c-20261101T030405Z.age.old',
    'my-causeway-3fa92b1c-20261101T030405Z.age',
    'causeway-3fa92b1c-before-the-move.age',
    '.causeway-3fa92b1c-20261101T030405Z.age.0a1b2c3d.part',
    'notes',
  ];
  assert.deepEqual(surplusBackups([...foreign, ...own.toReversed()], id, 2), own.slice(0, 2));
  assert.deepEqual(surplusBackups([...foreign, ...own], id, 4), []);
  assert.deepEqual(surplusBackups(foreign, id, 1), []);
});
