import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Serial } from '../core/ids.ts';
import { Strangers } from './strangers.ts';

const serial = 'a'.repeat(32) as Serial;
const other = 'b'.repeat(32) as Serial;

describe('Strangers', () => {
  it('is patient with a serial for a while, counted from when it first asked', () => {
    const strangers = new Strangers();
    assert.equal(strangers.mayBecomeKnown(serial, 1_000), true);
    assert.equal(strangers.mayBecomeKnown(serial, 10_999), true);
    assert.equal(strangers.mayBecomeKnown(serial, 11_000), false);
    assert.equal(strangers.mayBecomeKnown(other, 11_000), true);
  });

  it('is not patient with one that was known before', () => {
    const strangers = new Strangers();
    strangers.dismiss(serial);
    assert.equal(strangers.mayBecomeKnown(serial, 1_000), false);
  });
});
