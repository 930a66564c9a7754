import assert from 'node:assert/strict';
import { fstatSync, openSync } from 'node:fs';
import { describe, it } from 'node:test';
import { goesToJournal, priorityOf } from './journal.ts';
import { createLog } from './log.ts';

describe('the journal', () => {
  it('is told how bad a line of a child is', () => {
    const lines: [string, number][] = [
      ['{"level":20,"msg":"x"}', 7],
      ['{"level":30,"msg":"x"}', 6],
      ['{"level":40,"msg":"x"}', 4],
      ['{"level":50,"msg":"x"}', 3],
      ['{"level":60,"msg":"x"}', 2],
      ['{"level":"error","time":"x"}', 3],
      ['LOG:  database system is ready', 6],
      ['FATAL:  the database system is starting up', 3],
      ['2026-11-27 15:00:00 UTC [12] PANIC:  could not write', 2],
      ['warning: cannot report to the controller', 4],
      ['signer ready', 6],
      ['{"text":"an ERROR:  inside"}', 6],
      ['', 6],
    ];
    for (const [line, priority] of lines) assert.equal(priorityOf(line), priority, line);
  });

  it('gets the level and no time; others get the time', () => {
    const written: string[] = [];
    const log = createLog('lane', (text) => written.push(text), true);
    log.warn('ended', { lane: 'u0' });
    log.of('controller').relay('{"level":50}\u001b[2J');
    assert.deepEqual(written, ['<4>lane warn ended lane=u0\n', '<3>controller | {"level":50}\\x1b[2J\n']);
  });

  it('is recognised by device and inode alone', () => {
    const descriptor = openSync('/dev/null', 'r');
    const { dev, ino } = fstatSync(descriptor);
    assert.equal(goesToJournal(`${String(dev)}:${String(ino)}`, descriptor), true);
    assert.equal(goesToJournal(`${String(dev)}:${String(ino + 1)}`, descriptor), false);
    assert.equal(goesToJournal(undefined, descriptor), false);
  });
});
