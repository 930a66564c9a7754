import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cellText, costTable, withTable } from './cost-table.ts';

const nothing = { lost: 0, sent: 900, longestGapMs: 8, back: true };

describe('the table of what changes cost', () => {
  test('has a line for each change and a cell for each column', () => {
    const table = costTable({ own: 'own lane', stock: 'stock client' }, [
      { change: 'prefix added', cells: { own: nothing, stock: { lost: 400, sent: 900, longestGapMs: 2010, back: true } } },
      { change: 'moved', notMeasured: 'the API said a|b\nand more' },
    ]);
    assert.equal(
      table,
      [
        '| Change | own lane | stock client |',
        '| --- | --- | --- |',
        '| prefix added | 0 (8 ms) | **400** (2.0 s) |',
        '| moved | not measured: the API said a\\|b |  |',
      ].join('\n'),
    );
  });

  test('a flow that did not come back is not passed off as one that did', () => {
    assert.equal(cellText({ lost: 8000, sent: 9000, longestGapMs: 40_000, back: false }), '**8000** (not back after 40 s)');
  });

  test('replaces what stands between its marks and nothing else, however often', () => {
    const text = 'before\n<!-- cost: written by bench -->\nold\n<!-- end of cost -->\nafter\n';
    const once = withTable(text, 'cost', 'new');
    assert.equal(once, 'before\n<!-- cost: written by bench -->\n\nnew\n\n<!-- end of cost -->\nafter\n');
    assert.equal(withTable(once, 'cost', 'new'), once);
    assert.throws(() => withTable('no marks', 'cost', 'new'), /has no lines "<!-- cost/);
  });
});
