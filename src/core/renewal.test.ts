import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expiryLevel, renewalDue } from './renewal.ts';

const day = 86_400_000;

test('a life is renewed when two thirds of it are over', () => {
  const begin = Date.parse('2026-01-01');
  const cases = [
    [59.9, false],
    [60, true],
    [89, true],
    [91, true],
  ] as const;
  for (const [days, due] of cases) assert.equal(renewalDue(begin, begin + 90 * day, begin + days * day), due, String(days));
});

test('an end is told 30, 7 and 1 days before, and when it is over', () => {
  const end = Date.parse('2026-06-01');
  const cases = [
    [31, undefined],
    [30, '30 days'],
    [7.5, '30 days'],
    [7, '7 days'],
    [1.1, '7 days'],
    [1, '1 days'],
    [0.001, '1 days'],
    [0, 'ended'],
    [-5, 'ended'],
  ] as const;
  for (const [days, level] of cases) assert.equal(expiryLevel(end, end - days * day), level, String(days));
});
