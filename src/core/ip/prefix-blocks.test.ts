import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { address4 } from './address.ts';
import { PrefixBlocks } from './prefix-blocks.ts';
import type { Prefix, PrefixText } from './prefix.ts';
import { formatPrefix, prefixOf, strictPrefix } from './prefix.ts';
import { aggregate, subtract } from './prefix-set.ts';

/** Small ones in one /20, so that many touch, merge and hold each other. */
const prefix = fc
  .tuple(fc.integer({ min: 0, max: 0xfff }), fc.integer({ min: 22, max: 32 }))
  .map(([place, length]): Prefix => prefixOf(address4(0x0a00_0000 + place), length));
const prefixes = fc.array(prefix, { maxLength: 40 });

describe('PrefixBlocks', () => {
  it('without some is what subtracting them gives', () => {
    fc.assert(
      fc.property(prefixes, prefixes, (all, removed) => {
        assert.deepEqual(new PrefixBlocks(all).without(removed), subtract(all, removed).map(formatPrefix));
      }),
    );
  });

  it('exceptions lead from the whole to the rest, and say nothing that is in both', () => {
    fc.assert(
      fc.property(prefixes, prefixes, (all, removed) => {
        const blocks = new PrefixBlocks(all);
        const { without, instead } = blocks.exceptions(removed);
        const rest = [...blocks.texts.filter((text) => !without.has(text)), ...instead];
        assert.deepEqual(aggregate(rest.map((text) => strictPrefix(text))).map(formatPrefix), blocks.without(removed));
        assert.deepEqual(
          instead.filter((text) => without.has(text)),
          [],
        );
      }),
    );
  });

  it('keeps both families apart', () => {
    const texts = ['10.0.0.0/8', '2001:db8::/32'] as PrefixText[];
    const blocks = new PrefixBlocks(texts.map((text) => strictPrefix(text)));
    assert.deepEqual(blocks.without([strictPrefix('2001:db8::/33')]), ['10.0.0.0/8', '2001:db8:8000::/33']);
  });
});
