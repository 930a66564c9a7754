import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LastHour } from '../../contract/api/traffic.ts';
import { linesOf } from './chart-lines.ts';
import { formatBytes, formatRate } from './format-bytes.ts';

const from = '2026-01-31T12:00:00.000Z';
const hour = (parts: LastHour['parts'], connectors: LastHour['connectors'] = null): LastHour => ({
  from,
  sampleSeconds: 60,
  parts,
  connectors,
});

describe('lines of an hour', () => {
  it('are rates, of networks and hosts together, and gaps where nothing is known', () => {
    const { times, lines } = linesOf(
      hour([
        { part: 'people', samples: [{ bytesIn: 60, bytesOut: 600 }, null] },
        { part: 'network', samples: [{ bytesIn: 6, bytesOut: 60 }, null] },
        { part: 'host', samples: [{ bytesIn: 0, bytesOut: 54 }, null] },
      ]),
    );
    assert.deepEqual(times, [Date.parse(from) / 1_000, Date.parse(from) / 1_000 + 60]);
    assert.deepEqual(
      lines.map(({ key, values }) => [key, values]),
      [
        ['fromPeople', [1, null]],
        ['toPeople', [10, null]],
        ['sites', [2, null]],
      ],
    );
  });

  it('of a network are its two directions, and what may not be read has none', () => {
    const samples = [{ bytesIn: 60, bytesOut: 120 }];
    assert.deepEqual(
      linesOf(hour([{ part: 'network', samples }], [])).lines.map(({ key, values }) => [key, values]),
      [
        ['fromNetwork', [1]],
        ['toNetwork', [2]],
      ],
    );
    assert.deepEqual(
      linesOf(hour([{ part: 'host', samples }])).lines.map(({ key }) => key),
      ['sites'],
    );
    assert.deepEqual(linesOf(hour([])), { times: [], lines: [] });
  });
});

describe('amounts', () => {
  it('take the unit that keeps them short', () => {
    assert.equal(formatBytes(0, 'en'), '0 byte');
    assert.equal(formatBytes(999.96, 'en'), '1 kB');
    assert.equal(formatBytes(1_250_000, 'en'), '1.3 MB');
    assert.equal(formatRate(43_500, 'en'), '43.5 kB/s');
    assert.equal(formatRate(2e15, 'en'), '2,000 TB/s');
  });
});
