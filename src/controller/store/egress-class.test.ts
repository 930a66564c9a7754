import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { CausewayError } from '../../contract/errors.ts';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from './model-transaction.ts';
import type { Store } from './store.ts';
import { testDatabase } from './test-database.ts';

async function write(store: Store, ...statements: string[]): Promise<void> {
  await inModelTransaction(store, systemActor, async ({ trx, record }) => {
    for (const statement of statements) await sql.raw(statement).execute(trx);
    record({ entity: 'test', entityId: 'test', action: 'written' });
  });
}

const numbers = async ({ database }: Store): Promise<Record<string, number>> => {
  const rows = await database.selectFrom('egress_class').selectAll().orderBy('number').execute();
  return Object.fromEntries(rows.map(({ key, number }) => [key, number]));
};

const network = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

test('a choice of internet gateways keeps its number while anybody has it, and passes it on when nobody does', async () => {
  await using database = await testDatabase();
  const { store } = database;
  await write(
    store,
    `insert into user_group (name, internet_access) values ('b', 'SPLIT_TUNNEL_OFF'), ('c', 'RESTRICTED_INTERNET')`,
  );
  assert.deepEqual(await numbers(store), { all: 1, restricted: 2 });
  await write(
    store,
    `insert into network (name, internet_access) values ('n', 'SPLIT_TUNNEL_OFF')`,
    `update user_group set internet_access = 'SPLIT_TUNNEL_ON' where name = 'b'`,
  );
  assert.deepEqual(await numbers(store), { all: 1, restricted: 2 }, 'a network has it now');
  await write(
    store,
    `insert into host (name, internet_access, gateways_ids) values ('h', 'SPLIT_TUNNEL_OFF', '{${network(1)}}')`,
  );
  await write(store, `delete from network`);
  assert.deepEqual(await numbers(store), { restricted: 2, [network(1)]: 3 });
  await write(store, `update user_group set internet_access = 'SPLIT_TUNNEL_OFF' where name = 'b'`);
  assert.deepEqual(await numbers(store), { all: 1, restricted: 2, [network(1)]: 3 });
});

test('more different choices than there are numbers are refused as a whole', async () => {
  await using database = await testDatabase();
  const { store } = database;
  const groups = (first: number, last: number) => `insert into user_group (name, internet_access, gateways_ids)
    select 'g' || n, 'SPLIT_TUNNEL_OFF', array[('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid]
    from generate_series(${String(first)}, ${String(last)}) n`;
  await write(store, groups(1, 1022));
  assert.equal(Object.keys(await numbers(store)).length, 1022);
  await assert.rejects(write(store, groups(1023, 1023)), (error: unknown) => {
    assert.ok(error instanceof CausewayError);
    assert.match(error.message, /1023 different choices of internet gateways, and 1022 are possible/);
    return error.status === 409;
  });
  assert.equal(Object.keys(await numbers(store)).length, 1022);
});
