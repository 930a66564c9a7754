import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFpingLine } from './fping-line.ts';

describe('readFpingLine', () => {
  it('reads answers and misses as fping 5.1 prints them', () => {
    const address = '100.96.0.100';
    const read = (text: string) => readFpingLine(text);
    assert.deepEqual(read('100.96.0.100 : [0], 64 bytes, 0.204 ms (0.204 avg, 0% loss)'), {
      kind: 'answered',
      address,
      roundTripMs: 0.204,
    });
    assert.deepEqual(read('100.96.0.100 : [12], timed out (NaN avg, 100% loss)'), { kind: 'missed', address });
    assert.deepEqual(read('10.0.0.1     : [3], 64 bytes, 1.2e+03 ms (20 avg, 3% loss)'), {
      kind: 'answered',
      address: '10.0.0.1',
      roundTripMs: 1200,
    });
  });

  it('takes nothing for a result that is none', () => {
    for (const text of [
      '',
      'fping: cannot bind source address : Cannot assign requested address',
      'somewhere : [0], 64 bytes, 0.204 ms (0.204 avg, 0% loss)',
      // The machine's clock was set by an hour while the probe was under way.
      '127.0.0.2 : [72], 64 bytes, -3.6e+06 ms (945 avg, 0% loss)',
      '127.0.0.2 : [72], 64 bytes, 3.6e+06 ms (945 avg, 0% loss)',
      '127.0.0.2 : [72], 64 bytes, nan ms (945 avg, 0% loss)',
    ]) {
      assert.equal(readFpingLine(text), null, text);
    }
  });
});
