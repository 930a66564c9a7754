import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { newPassword } from '../../contract/api/person.ts';
import { networkRequest } from '../../contract/api/network.ts';
import { prefixField } from '../pages/networks/prefix-field.ts';
import { problemsByField } from './field-problems.ts';

const schema = z.object({ name: networkRequest.shape.name, password: newPassword, prefix: prefixField, code: z.string().min(6) });
const labels = { name: 'Name', password: 'Password', prefix: 'Prefix', code: 'Code' };
const good = { name: 'HQ', password: 'long enough for anybody', prefix: '10.0.0.0/18', code: '123456' };

test('what fits has no problem', () => {
  assert.deepEqual(problemsByField(schema, good, labels), {});
});

const cases: readonly { readonly given: Partial<typeof good>; readonly says: Readonly<Record<string, string>> }[] = [
  { given: { name: '' }, says: { name: 'Name is empty; allowed: text of 1 to 2000 characters.' } },
  { given: { password: 'short' }, says: { password: 'Password is too short; allowed: 12 to 128 characters.' } },
  { given: { code: '1' }, says: { code: 'Code is too short; allowed: at least 6 characters.' } },
  { given: { prefix: '' }, says: { prefix: 'Prefix is empty.' } },
  {
    given: { prefix: 'fd00::/8' },
    says: { prefix: 'Prefix cannot be used: fd00::/8 is IPv6, which this version does not carry.' },
  },
  {
    given: { prefix: '10.0.0.1/18' },
    says: { prefix: 'Prefix cannot be used: 10.0.0.1/18 has host bits set; did you mean 10.0.0.0/18?' },
  },
];
for (const { given, says } of cases) {
  test(`${JSON.stringify(given)} is said in one sentence`, () => {
    assert.deepEqual(problemsByField(schema, { ...good, ...given }, labels), says);
  });
}

test('of several fields each has its own', () => {
  assert.deepEqual(Object.keys(problemsByField(schema, { ...good, name: '', code: '' }, labels)), ['name', 'code']);
});
