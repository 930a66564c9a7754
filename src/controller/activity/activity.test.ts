import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ActivityEntry } from '../../contract/api/activity.ts';
import { activityRoutes } from '../../contract/api/activity.ts';
import { networkConnectorRoutes } from '../../contract/api/connector.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { call } from '../routes/test-api.ts';
import { appendEvents } from '../store/model-transaction.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';

let controller: TestController;
before(async () => {
  controller = await testController();
});
after(async () => {
  await controller.close();
});

const line = ({ entity, name, action, who }: ActivityEntry) => `${who?.name ?? '-'} ${entity} ${name ?? '?'} ${action}`;

test('what was done and what happened is one list: each once, newest first, with names, also of what is gone', async () => {
  const hq = await call(controller, networkRoutes.create, { body: { name: 'HQ', connectors: [{ name: 'hq-1' }] } });
  const connector = hq.connectors[0]?.id ?? '';
  await appendEvents(controller.deps.store, [{ topic: 'connector.online', entity: 'connector', entityId: connector }]);
  await call(controller, networkRoutes.update, { id: hq.id, body: { description: 'Berlin' } });
  await appendEvents(controller.deps.store, [{ topic: 'connector.offline', entity: 'connector', entityId: connector }]);
  const list = async (query: Record<string, string> = {}) => await call(controller, activityRoutes.list, { query });

  const all = await list();
  assert.deepEqual(all.entries.map(line), [
    '- connector hq-1 offline',
    'test network HQ updated',
    '- connector hq-1 online',
    'test connector hq-1 created',
    'test network HQ created',
  ]);
  assert.deepEqual(new Set(all.entries.map(({ networkId }) => networkId)), new Set([hq.id]));
  const changed = all.entries[1];
  assert.deepEqual([changed?.before?.['description'], changed?.after?.['description']], ['', 'Berlin']);

  const paged: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const page: Awaited<ReturnType<typeof list>> = await list({ limit: '2', ...(next === '' ? {} : { before: next }) });
    paged.push(...page.entries.map(({ key }) => key));
    next = page.next;
  }
  assert.deepEqual(
    paged,
    all.entries.map(({ key }) => key),
  );

  assert.deepEqual((await list({ entity: 'network' })).entries.map(line), ['test network HQ updated', 'test network HQ created']);
  assert.equal((await list({ entityId: connector })).entries.length, 3);
  assert.equal((await list({ networkId: hq.id })).entries.length, 5, 'the network and its connector');
  assert.equal((await list({ networkId: connector })).entries.length, 3, 'the id of another object is only that object');
  assert.equal((await list({ who: 'api-credential' })).entries.length, 3);
  assert.equal((await list({ who: 'nobody' })).entries.length, 0);
  const between = all.entries[2]?.at ?? '';
  const [from, until] = [await list({ from: between }), await list({ until: between })];
  assert.deepEqual([from.entries.length, until.entries.length], [3, 2]);

  await call(controller, networkConnectorRoutes.remove, { id: connector });
  const [gone] = (await list({ entityId: connector })).entries;
  assert.equal(gone === undefined ? '' : line(gone), 'test connector hq-1 deleted');
});

test('a cursor, limit or time that cannot be is refused', async () => {
  for (const query of [
    'before=x',
    'before=1',
    'limit=0',
    'limit=1001',
    'from=yesterday',
    'networkId=hq',
    `entity=${'x'.repeat(201)}`,
  ]) {
    assert.equal((await controller.request('GET', `/api/causeway/v1/activity?${query}`)).status, 400, query);
  }
});
