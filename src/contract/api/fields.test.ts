import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { z } from 'zod';
import { descriptionText, optionalChoice, optionalCount, optionalList, optionalText, requiredText } from './fields.ts';
import { networkUpdate } from './network.ts';
import { pathTo } from './route.ts';

const emoji = '👩‍👩‍👧‍👦';

/** What came out, or the first message. */
function outcome(schema: z.ZodType, input: unknown): unknown {
  const result = schema.safeParse(input);
  return result.success ? result.data : `refused: ${result.error.issues[0]?.message ?? ''}`;
}

describe('fields of requests', () => {
  const table: [string, z.ZodType, unknown, unknown][] = [
    ['a name is kept', requiredText(40), 'HQ Network', 'HQ Network'],
    ['200 family emoji are a name', requiredText(2_000), emoji.repeat(200), emoji.repeat(200)],
    ['quotes, newlines and $() are text', requiredText(40), '"a"\n$(b)\'', '"a"\n$(b)\''],
    ['an empty name', requiredText(40), '', 'refused: is empty; allowed: text of 1 to 40 characters'],
    ['a limit counts code points', requiredText(2), '😀😀', '😀😀'],
    ['one more is too long', requiredText(2), '😀😀😀', 'refused: has 3 characters; allowed: at most 2'],
    [
      'a NUL',
      requiredText(40),
      'a\0b',
      'refused: contains a NUL or half of a surrogate pair, which cannot be stored; allowed: any other text',
    ],
    [
      'half an emoji',
      requiredText(40),
      'a\ud83d',
      'refused: contains a NUL or half of a surrogate pair, which cannot be stored; allowed: any other text',
    ],
    ['empty text is not given', optionalText(40), '', undefined],
    ['null is not given', optionalText(40), null, undefined],
    ['an empty description is one', descriptionText(), '', ''],
    ['no description is none', descriptionText(), undefined, undefined],
    ['a word', optionalChoice(['A', 'B']), 'B', 'B'],
    ['an empty word is not given', optionalChoice(['A', 'B']), '', undefined],
    ['another word', optionalChoice(['A', 'B']), 'C', 'refused: is not allowed; allowed: A, B'],
    ['a null count is not given', optionalCount(1, 3), null, undefined],
    ['a null list is not given', optionalList(requiredText(3)), null, undefined],
  ];
  for (const [name, schema, input, expected] of table) test(name, () => assert.deepEqual(outcome(schema, input), expected));
});

test('an update drops read-only fields and nulls, as the Go client sends them', () => {
  const sent = {
    id: 'x',
    name: 'n',
    description: '',
    egress: false,
    routes: null,
    connectors: null,
    systemSubnets: null,
    connectionStatus: '',
  };
  const { success, data } = networkUpdate.safeParse(sent);
  assert.ok(success);
  assert.deepEqual(JSON.parse(JSON.stringify(data)), { name: 'n', description: '', egress: false });
});

test('pathTo escapes parameters and misses none', () => {
  assert.equal(pathTo('/api/v1/hosts/:id/x', { id: 'a/b' }), '/api/v1/hosts/a%2Fb/x');
  assert.throws(() => pathTo('/api/v1/hosts/:id'), RangeError);
});
