import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageInWords } from './age-in-words.ts';

test('an age has the unit in which it is short', () => {
  const second = 1000;
  const hour = 3600 * second;
  const cases = [
    [-5 * second, 'now'],
    [2 * second, 'now'],
    [12 * second, '12 s ago'],
    [119 * second, '119 s ago'],
    [120 * second, '2 min ago'],
    [2 * hour, '2 h ago'],
    [47 * hour, '47 h ago'],
    [48 * hour, '2 days ago'],
  ] as const;
  for (const [age_ms, words] of cases) assert.equal(ageInWords(age_ms), words);
});
