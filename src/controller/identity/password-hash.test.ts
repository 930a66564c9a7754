import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, passwordMatches } from './password-hash.ts';

test('a password is known again by its hash, another one and none are not', async () => {
  const stored = await hashPassword('correct horse battery');
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await passwordMatches('correct horse battery', stored), true);
  assert.equal(await passwordMatches('correct horse batterz', stored), false);
  assert.equal(await passwordMatches('', stored), false);
  assert.equal(await passwordMatches('correct horse battery', undefined), false);
});

test('the same password has another hash each time', async () => {
  assert.notEqual(await hashPassword('correct horse battery'), await hashPassword('correct horse battery'));
});

test('a letter with its accent is the same however a keyboard sends it', async () => {
  assert.equal(await passwordMatches('Mu\u0308ller geht heim', await hashPassword('M\u00fcller geht heim')), true);
});

test('the hash is that of the reference implementation', async () => {
  // echo -n password | argon2 somesaltsomesalt -id -t 2 -k 19456 -p 1 -l 32 -e
  const reference = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$K13EBUiG7JV+9ZxztmHFTdb7J0WQsnj2V8bZaqyPptE';
  assert.equal(await passwordMatches('password', reference), true);
});
