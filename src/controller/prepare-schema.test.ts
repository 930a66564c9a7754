import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { BackedUp, BackUpFirst, ControllerStart, ControllerToSupervisor } from '../contract/controller-start.ts';
import { prepareSchema, StartRefused } from './prepare-schema.ts';
import { openPool } from './store/database.ts';
import { migrate, readMigrations } from './store/migrate.ts';
import { testDatabase } from './store/test-database.ts';
import type { SupervisorLink } from './supervisor-link.ts';

type Supervised = { readonly link: SupervisorLink; readonly told: ControllerToSupervisor[]; readonly asked: BackUpFirst[] };

function supervisor(answer: BackedUp): Supervised {
  const told: ControllerToSupervisor[] = [];
  const asked: BackUpFirst[] = [];
  const backUp = async (request: BackUpFirst): Promise<BackedUp> => {
    asked.push(request);
    return await Promise.resolve(answer);
  };
  return { link: { tell: (message) => void told.push(message), backUp }, told, asked };
}

const backedUp = { kind: 'backed-up', file: '/backups/one' } as const;
const noRoom = { kind: 'not-backed-up', why: 'there is no room.' } as const;

/** On a database that lacks the last of our migrations, as the version before left it; `tables` is what it has of the last one. */
async function onOlderDatabase(
  upgrade: ControllerStart['upgrade'],
  { link }: Supervised,
  check: (outcome: Awaited<ReturnType<typeof prepareSchema>> | StartRefused, names: readonly string[]) => void,
  before: (pool: ReturnType<typeof openPool>) => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  await using database = await testDatabase({ template: 'empty' });
  const pool = openPool({ connectionString: database.connectionString, maxConnections: 1 });
  try {
    await migrate(pool, (await readMigrations()).slice(0, -1));
    await before(pool);
    const outcome = await prepareSchema({
      start: { database: database.connectionString, ...(upgrade === undefined ? {} : { upgrade }) },
      supervisor: link,
      log: pino({ level: 'silent' }),
      signal: new AbortController().signal,
    }).catch((error: unknown) => (error instanceof StartRefused ? error : Promise.reject(error)));
    const { rows } = await pool.query<{ name: string }>('select name from schema_migration order by number');
    check(
      outcome,
      rows.map(({ name }) => name),
    );
  } finally {
    await pool.end();
  }
}

const names = (await readMigrations()).map(({ name }) => name);
const [last = '', beforeLast = ''] = names.toReversed();

test('an older database is backed up first, then brought to the new schema, and the supervisor is told', async () => {
  const supervised = supervisor(backedUp);
  await onOlderDatabase({ backUpFirst: true, previousVersion: '0.0.9' }, supervised, (outcome, applied) => {
    assert.deepEqual(outcome, { previousVersion: '0.0.9', migrations: [last], backup: '/backups/one' });
    assert.deepEqual(applied, names);
  });
  assert.deepEqual(supervised.asked, [{ kind: 'back-up-first', pending: [last], schema: beforeLast }]);
  const [told] = supervised.told;
  assert.ok(told?.kind === 'schema' && /^1[5-9]\./.test(told.server), JSON.stringify(told));
  assert.deepEqual([told.schema, told.applied], [last, [last]]);
});

test('without its backup the database is left as it is, with the reason and the way out', async () => {
  await onOlderDatabase({ backUpFirst: true, previousVersion: null }, supervisor(noRoom), (outcome, applied) => {
    assert.ok(outcome instanceof StartRefused);
    assert.match(outcome.message, /nothing was changed \(there is no room\).*--migrate-without-backup$/);
    assert.deepEqual(applied, names.slice(0, -1));
  });
});

test('whoever wants no backup gets none, and a supervisor of an earlier version, which makes none, is no reason to go without', async () => {
  const wanted = supervisor(noRoom);
  await onOlderDatabase({ backUpFirst: false, previousVersion: null }, wanted, (outcome, applied) => {
    assert.deepEqual(outcome, { previousVersion: null, migrations: [last], backup: null });
    assert.deepEqual(applied, names);
  });
  assert.deepEqual(wanted.asked, []);
  await onOlderDatabase(undefined, supervisor(backedUp), (outcome, applied) => {
    assert.ok(outcome instanceof StartRefused);
    assert.match(outcome.message, /supervisor is of an earlier version.*stop "causeway up" and start it again$/);
    assert.deepEqual(applied, names.slice(0, -1));
  });
});

test('a newer breaking schema is refused with the last migration that this program knows', async () => {
  const newer = "insert into schema_migration (number, name, sha256, breaking) values (9000, '9000_later.sql', '', true)";
  await onOlderDatabase(
    { backUpFirst: true, previousVersion: null },
    supervisor(backedUp),
    (outcome) => {
      assert.ok(outcome instanceof StartRefused);
      assert.deepEqual([outcome.told.code, 'schema' in outcome.told && outcome.told.schema], ['newer-schema', last]);
    },
    async (pool) => await pool.query(newer),
  );
});
