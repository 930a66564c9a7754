import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AppliedChanges, changeText } from './applied-changes.ts';
import type { Step } from './kernel/kernel-plan.ts';

const route = (prefix: string): Step => ({
  line: `route replace ${prefix} dev cw0-c0 table 9600 proto 187`,
  object: `route ${prefix}`,
  change: 'add',
  device: 'cw0-c0',
});
const element: Step = {
  line: 'add element inet causeway_0 hosts { "cw0-u0" . 100.96.1.1 }',
  object: 'source 100.96.1.1',
  change: 'add',
};
const table: Step = { line: 'table inet causeway_0 {\n  chain a { }\n}', object: 'firewall table causeway_0', change: 'add' };

describe('a revision that came', () => {
  test('is told when the kernel has it, with what the kernel was given', () => {
    const changes = new AppliedChanges();
    changes.received(7, 1_000);
    const change = changes.applied(7, [route('10.0.0.0/18'), route('10.1.0.0/16'), element], 1_250);
    assert.deepEqual(change, {
      revision: 7,
      receivedAt: '1970-01-01T00:00:01.000Z',
      appliedAt: '1970-01-01T00:00:01.250Z',
      tookMs: 250,
      steps: { route: 2, element: 1 },
      commands: [route('10.0.0.0/18').line, route('10.1.0.0/16').line, element.line],
    });
    assert.deepEqual(changes.untold, [change]);
    assert.equal(changeText(change), 'applied revision 7 in 250 ms: 2 routes, 1 element');
  });

  test('is told once, however many passes follow, and one from the disk is never', () => {
    const changes = new AppliedChanges();
    assert.equal(changes.applied(6, [route('10.0.0.0/18')], 500), null, 'nobody has sent it in this life');
    changes.received(7, 1_000);
    assert.notEqual(changes.applied(7, [], 1_010), null);
    assert.equal(changes.applied(7, [route('10.0.0.0/18')], 2_000), null, 'what a session needed later is not of the change');
    changes.received(7, 3_000);
    assert.equal(changes.applied(7, [], 3_010), null, 'the same as a snapshot, after the stream was opened again');
  });

  test('is not told while the kernel has only an earlier one', () => {
    const changes = new AppliedChanges();
    changes.received(7, 1_000);
    changes.received(8, 1_100);
    assert.equal(changes.applied(7, [], 1_200)?.revision, 7);
    assert.equal(changes.applied(7, [], 1_300), null);
    const last = changes.applied(8, [], 1_400);
    assert.deepEqual([last?.revision, last?.tookMs], [8, 300]);
  });

  test('stands for those that came before it and were applied with it: the wait is that of the first', () => {
    const changes = new AppliedChanges();
    for (const revision of [5, 6, 7]) changes.received(revision, 1_000 + revision);
    const change = changes.applied(7, [], 1_105);
    assert.deepEqual([change?.revision, change?.tookMs], [7, 100]);
    assert.equal(changes.untold.length, 1);
  });

  test('has what was written at once, and not what was written before it came', () => {
    const changes = new AppliedChanges();
    changes.wrote([route('10.9.0.0/16')]);
    changes.received(7, 1_000);
    changes.wrote([element]);
    assert.deepEqual(changes.applied(7, [route('10.0.0.0/18')], 1_001)?.steps, { element: 1, route: 1 });
    changes.received(8, 1_002);
    assert.deepEqual(changes.applied(8, [], 1_003)?.steps, {});
  });

  test('that needed nothing says so', () => {
    const changes = new AppliedChanges();
    changes.received(7, 1_000);
    const change = changes.applied(7, [], 1_003);
    assert.ok(change !== null);
    assert.equal(changeText(change), 'applied revision 7 in 3 ms: the kernel had all of it');
  });

  test('is told with its first commands only, each cut, also where one step is a whole table', () => {
    const changes = new AppliedChanges();
    changes.received(7, 1_000);
    const many = Array.from({ length: 100 }, (_, index) => route(`10.${String(index)}.0.0/16`));
    const change = changes.applied(7, [{ ...table, line: `${table.line}\n${'x'.repeat(500)}` }, ...many], 1_001);
    assert.deepEqual(change?.steps, { table: 1, route: 100 });
    assert.equal(change?.commands.length, 20);
    assert.ok(change?.commands.every((command) => command.length <= 200 && !command.includes('\n')));
  });
});

describe('what was told', () => {
  test('is forgotten when it has arrived, and kept until then', () => {
    const changes = new AppliedChanges();
    changes.received(1, 0);
    changes.applied(1, [], 1);
    const sent = [...changes.untold];
    changes.received(2, 2);
    changes.applied(2, [], 3);
    changes.delivered(sent);
    assert.deepEqual(
      changes.untold.map(({ revision }) => revision),
      [2],
    );
  });

  test('is the last hundred after a long time without a controller', () => {
    const changes = new AppliedChanges();
    for (let revision = 1; revision <= 250; revision += 1) {
      changes.received(revision, revision);
      changes.applied(revision, [], revision);
    }
    assert.deepEqual([changes.untold.length, changes.untold.at(0)?.revision, changes.untold.at(-1)?.revision], [100, 151, 250]);
  });
});
