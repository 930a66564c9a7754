import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { secretBox } from './secret-box.ts';
import { testDatabase } from './test-database.ts';

test('a secret comes back as it was, is not in the database in the clear, and is made only once', async () => {
  await using database = await testDatabase();
  const { database: db } = database.store;
  const box = secretBox(randomBytes(32));
  const value = Buffer.from('the tls-crypt-v2 server key');
  assert.equal(await box.read(db, 'a'), undefined);
  const made = await Promise.all(
    Array.from(
      { length: 10 },
      async (_, index) => await box.readOrCreate(db, 'a', () => Buffer.from(`${value.toString()} ${String(index)}`)),
    ),
  );
  assert.equal(new Set(made.map(String)).size, 1);
  assert.deepEqual(await box.read(db, 'a'), made[0]);
  const rows = await db.selectFrom('secret').selectAll().execute();
  assert.equal(rows.length, 1);
  assert.equal(rows[0]?.ciphertext.includes('tls-crypt'), false);
});

test('two secrets of the same value share neither nonce nor ciphertext', async () => {
  await using database = await testDatabase();
  const { database: db } = database.store;
  const box = secretBox(randomBytes(32));
  for (const name of ['a', 'b']) await box.readOrCreate(db, name, () => Buffer.from('same'));
  const rows = await db.selectFrom('secret').selectAll().execute();
  assert.equal(new Set(rows.map(({ nonce }) => nonce.toString('hex'))).size, 2);
  assert.equal(new Set(rows.map(({ ciphertext }) => ciphertext.toString('hex'))).size, 2);
});

test('another key, a changed row, or one secret in the place of another is refused', async () => {
  await using database = await testDatabase();
  const { database: db } = database.store;
  const box = secretBox(randomBytes(32));
  await box.readOrCreate(db, 'a', () => Buffer.from('one'));
  await box.readOrCreate(db, 'b', () => Buffer.from('two'));
  await assert.rejects(secretBox(randomBytes(32)).read(db, 'a'), /reading the secret a: it was encrypted with another key/);
  const b = await db.selectFrom('secret').select(['nonce', 'ciphertext']).where('name', '=', 'b').executeTakeFirstOrThrow();
  await db.updateTable('secret').set(b).where('name', '=', 'a').execute();
  await assert.rejects(box.read(db, 'a'), /reading the secret a/);
  b.ciphertext[0] = (b.ciphertext[0] ?? 0) ^ 1;
  await db.updateTable('secret').set(b).where('name', '=', 'b').execute();
  await assert.rejects(box.read(db, 'b'), /reading the secret b/);
});

test('a key of the wrong length is refused', () => {
  assert.throws(() => secretBox(randomBytes(16)), /has 16 bytes; 32 are expected/);
});

test('a sealed value opens under its own name only, and a changed one not at all', () => {
  const box = secretBox(randomBytes(32));
  const sealed = box.seal('totp:1', Buffer.from('secret of an app'));
  assert.equal(sealed.includes('secret of an app'), false);
  assert.equal(box.open('totp:1', sealed).toString(), 'secret of an app');
  assert.throws(() => box.open('totp:2', sealed), /another key/);
  const changed = Buffer.from(sealed);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  assert.throws(() => box.open('totp:1', changed), /another key/);
  assert.notDeepEqual(box.seal('totp:1', Buffer.from('same')), box.seal('totp:1', Buffer.from('same')));
});
