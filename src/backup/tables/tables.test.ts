import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { readMigrations, migrateWithin } from '../../controller/store/migrate.ts';
import { testDatabase } from '../../controller/store/test-database.ts';
import type { Dump } from './dump-tables.ts';
import { withClient, withDump } from './dump-tables.ts';
import { TableLoader } from './load-tables.ts';
import { dropJudges, fillEveryTable } from '../testing/fill-database.ts';

const network = '00000000-0000-4000-8000-000000000001';
const connector = '00000000-0000-4000-8000-0000000000c1';

const terminateOthers = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;

const schemaQueries = {
  constraints: `select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
    where connamespace = 'public'::regnamespace order by 1, 2`,
  triggers: `select tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(oid) from pg_trigger
    where not tgisinternal order by 1, 2`,
  indexes: `select indexdef from pg_indexes where schemaname = 'public' order by 1`,
};

test('every table is loaded row for row, whatever its types', async () => {
  await using from = await testDatabase();
  await using into = await testDatabase({ template: 'empty' });
  await fillEveryTable(from.connectionString);
  await withDump(from.connectionString, async (dump) => {
    const empty = dump.tables.filter(({ rows }) => rows === 0).map(({ table }) => table);
    assert.deepEqual(empty, [], 'tables that the test does not fill, and so does not try');
    await load(into.connectionString, dump, dropJudges);
    await withDump(into.connectionString, async (loaded) => {
      assert.deepEqual(loaded.tables, dump.tables);
      assert.deepEqual(loaded.sequences, dump.sequences);
    });
  });
});

test('afterwards the schema is as migrations make it: constraints, triggers, indexes', async () => {
  await using from = await testDatabase();
  await using into = await testDatabase({ template: 'empty' });
  await rowsOf(
    from.connectionString,
    `begin; select set_config('causeway.model_transaction', 'on', true);
     insert into network (id, name) values ('${network}', 'HQ');
     insert into network_route (network_id, prefix) values ('${network}', '10.0.0.0/18');
     insert into connector (id, name, network_id, region) values ('${connector}', 'c1', '${network}', 'eu-central-1');
     insert into tunnel_address (address, connector_id) values ('100.96.0.100', '${connector}');
     commit`,
  );
  await withDump(from.connectionString, async (dump) => load(into.connectionString, dump));
  for (const [what, query] of Object.entries(schemaQueries)) {
    assert.deepEqual(await rowsOf(into.connectionString, query), await rowsOf(from.connectionString, query), what);
  }
  const next = `begin; select set_config('causeway.model_transaction', 'on', true);
    insert into network (name) values ('next') returning number; commit`;
  const numbers = await Promise.all([from, into].map(({ connectionString }) => rowsOf(connectionString, next)));
  assert.deepEqual(numbers[1], numbers[0], 'numbers go on where they were');
  await assert.rejects(
    rowsOf(into.connectionString, `insert into network (name) values ('outside of a model transaction')`),
    /belongs to the model/,
  );
});

test('rows that contradict each other are not loaded', async () => {
  await using from = await testDatabase();
  await using into = await testDatabase({ template: 'empty' });
  await fillEveryTable(from.connectionString);
  await withDump(from.connectionString, async (dump) => {
    await assert.rejects(load(into.connectionString, dump), /violates check constraint/);
  });
});

test('what is committed before the snapshot is in it, and what comes later is not', async () => {
  await using database = await testDatabase();
  const insert = `insert into audit (principal_kind, principal_name, action, entity, entity_id) values ('system', 's', 'a', 'e', 'i')`;
  await rowsOf(database.connectionString, insert);
  const rows = await withDump(database.connectionString, async (dump) => {
    const audit = dump.tables.find(({ table }) => table === 'audit');
    assert.ok(audit !== undefined);
    for (let count = 0; count < 50; count += 1) await rowsOf(database.connectionString, insert);
    const pieces: Buffer[] = [];
    for await (const piece of dump.rows(audit)) pieces.push(piece);
    assert.equal(Buffer.concat(pieces).length, audit.bytes, 'the second reading is the first');
    return audit.rows;
  });
  assert.equal(rows, 1);
});

test('a connection that breaks in the middle of a table ends the dump', async () => {
  await using database = await testDatabase();
  await rowsOf(
    database.connectionString,
    `insert into audit (principal_kind, principal_name, action, entity, entity_id)
     select 'system', repeat('s', 1000), 'a', 'e', n::text from generate_series(1, 20000) n`,
  );
  const broken = withDump(database.connectionString, async (dump) => {
    const audit = dump.tables.find(({ table }) => table === 'audit');
    assert.ok(audit !== undefined);
    let pieces = 0;
    for await (const _piece of dump.rows(audit)) {
      pieces += 1;
      if (pieces === 1) await rowsOf(database.connectionString, terminateOthers);
    }
  });
  await assert.rejects(broken, /terminat|connection/i);
});

test('a table that the schema has and the dump has not is refused', async () => {
  await using database = await testDatabase();
  await withDump(database.connectionString, async (dump) => {
    await using other = await testDatabase();
    await withClient(other.connectionString, async (client) => {
      await client.query('begin');
      await assert.rejects(new TableLoader(client).open(dump.tables.slice(1)), /its tables are not those of the schema/);
    });
  });
});

test('an empty database has nothing to dump', async () => {
  await using database = await testDatabase({ template: 'empty' });
  assert.equal(await withDump(database.connectionString, () => Promise.resolve(1)), undefined);
});

async function load(
  connectionString: string,
  dump: Dump,
  before: (client: pg.ClientBase) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await withClient(connectionString, async (client) => {
    await client.query('begin');
    await migrateWithin(client, await readMigrations());
    await before(client);
    const loader = new TableLoader(client);
    await loader.open(dump.tables);
    for (const table of dump.tables) await loader.load(table, dump.rows(table));
    await loader.close(dump.sequences);
    await client.query('commit');
  });
}

async function rowsOf(connectionString: string, query: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    // Of several statements the driver gives several results.
    const results: unknown = await client.query(query);
    return (Array.isArray(results) ? results : [results]).flatMap(({ rows }: pg.QueryResult) => rows);
  } finally {
    await client.end();
  }
}
