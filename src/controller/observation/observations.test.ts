import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { testController } from '../test-controller.ts';

const network = '00000000-0000-4000-8000-000000000002';
const connector = '00000000-0000-4000-8000-000000000003';
const url = (id: string): string => `/api/causeway/v1/connectors/${id}/observations`;

test('the latest text of each section is read as it was received, and goes with its connector', async () => {
  await using controller = await testController();
  const { store } = controller.deps;
  const raw = '[{"dst":"default"}]\n$(reboot) \u{1F600} "quoted"\n';
  await inModelTransaction(store, systemActor, async (change) => {
    for (const statement of [
      `insert into network (id, name) values ('${network}', 'HQ')`,
      `insert into connector (id, name, network_id, region) values ('${connector}', 'hq-1', '${network}', 'us-mia')`,
      `insert into tunnel_address (address, connector_id) values ('100.96.0.100', '${connector}')`,
    ]) {
      await sql.raw(statement).execute(change.trx);
    }
    change.record({ entity: 'test', entityId: 'test', action: 'written' });
  });
  assert.deepEqual((await controller.request('GET', url(connector))).json(), []);
  for (const section of ['route', 'address']) {
    await store.database
      .insertInto('observation')
      .values({ connector_id: sql`${connector}::uuid`, section, body: raw, observed_at: new Date('2026-01-31T12:00:00Z') })
      .execute();
  }
  assert.deepEqual((await controller.request('GET', url(connector))).json(), [
    { section: 'address', observedAt: '2026-01-31T12:00:00.000Z', body: raw },
    { section: 'route', observedAt: '2026-01-31T12:00:00.000Z', body: raw },
  ]);
  for (const unknown of ['00000000-0000-4000-8000-000000000009', 'no-uuid']) {
    const answer = await controller.request('GET', url(unknown));
    assert.equal(answer.status, 404);
    assert.match(answer.text, /not found/);
  }
  await inModelTransaction(store, systemActor, async (change) => {
    await change.trx.deleteFrom('network').execute();
    change.record({ entity: 'network', entityId: network, action: 'deleted' });
  });
  assert.equal((await controller.request('GET', url(connector))).status, 404);
  assert.deepEqual(await store.database.selectFrom('observation').selectAll().execute(), []);
});
