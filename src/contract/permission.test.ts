import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAllowed, permissions } from './permission.ts';
import type { Permission } from './permission.ts';

const cases: readonly { held: readonly Permission[]; wanted: Permission; allowed: boolean }[] = [
  { held: [], wanted: 'network:read', allowed: false },
  { held: ['network:read'], wanted: 'network:read', allowed: true },
  { held: ['network:read'], wanted: 'network:modify', allowed: false },
  { held: ['network:modify'], wanted: 'network:read', allowed: true },
  { held: ['host:modify'], wanted: 'network:read', allowed: false },
  { held: ['all:read'], wanted: 'user-group:read', allowed: true },
  { held: ['all:read'], wanted: 'user-group:modify', allowed: false },
  { held: ['user:modify'], wanted: 'user-group:read', allowed: false },
  { held: ['network:modify'], wanted: 'all:read', allowed: false },
];

for (const { held, wanted, allowed } of cases) {
  test(`${held.join(' and ') || 'nothing'} ${allowed ? 'allows' : 'does not allow'} ${wanted}`, () => {
    assert.equal(isAllowed(held, wanted), allowed);
  });
}

test('one more permission never takes another away', () => {
  const some = fc.subarray([...permissions]);
  fc.assert(
    fc.property(some, fc.constantFrom(...permissions), fc.constantFrom(...permissions), (held, more, wanted) => {
      return !isAllowed(held, wanted) || isAllowed([...held, more], wanted);
    }),
  );
});
