import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { octetString } from './der.ts';
import { readElements } from './der-reader.ts';

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');

describe('readElements', () => {
  it('law: what was encoded is read as it was, one after the other', () => {
    const contents = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 5 });
    fc.assert(
      fc.property(contents, (list) => {
        const encoded = list.map((content) => octetString(content));
        const read = readElements(Buffer.concat(encoded));
        assert.deepEqual(
          read?.map(({ tag, content, whole }) => [tag, Buffer.from(content), Buffer.from(whole)]),
          list.map((content, index) => [4, Buffer.from(content), Buffer.from(encoded[index] ?? [])]),
        );
      }),
    );
  });

  for (const [what, hex] of Object.entries({
    'a tag without length': '30',
    'a value that is cut off': '300501',
    'an indefinite length': '30800000',
    'a length with a leading zero': `04820001${'00'}`,
    'a long form where the short one fits': '048105aaaaaaaaaa',
    'a length of more bytes than there are': '0484ffff',
    'a length beyond everything': '0488ffffffffffffffff',
    'a tag of several bytes': '1f8101',
    'something behind the last value': '040100ff',
  })) {
    it(`refuses ${what}`, () => {
      assert.equal(readElements(bytes(hex)), undefined);
    });
  }

  it('law: never fails on arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (random) => void readElements(random)));
  });
});
