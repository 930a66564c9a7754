import assert from 'node:assert/strict';
import { it } from 'node:test';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { testController } from '../test-controller.ts';
import { ConfigurationSource } from './configuration-source.ts';

it('tells the streams of a revision before those who wait for that, and holds nobody up where it cannot', async () => {
  await using controller = await testController();
  const { store, wakeUp } = controller.deps;
  const troubles: unknown[] = [];
  const source = new ConfigurationSource(store, wakeUp, (error) => troubles.push(error));
  try {
    await source.told(1_000_000);
    const heard: boolean[] = [];
    const unsubscribe = source.subscribe(() => heard.push(source.compiled));
    const { revision } = await inModelTransaction(store, systemActor, async ({ trx, revision: next, record }) => {
      await trx.insertInto('network').values({ name: 'new' }).execute();
      record({ entity: 'network', entityId: 'new', action: 'created' });
      return { revision: next };
    });
    await wakeUp.waitBeyond({ revision: revision - 1 }, 10_000);
    await source.told(revision);
    assert.equal(heard.at(-1), true);
    unsubscribe();

    const closing = await testController();
    const failing = new ConfigurationSource(closing.deps.store, wakeUp, (error) => troubles.push(error));
    await closing.close();
    failing.subscribe(() => undefined);
    await failing.told(revision);
    assert.equal(troubles.length, 1, 'its database is away');
    await failing.close();
  } finally {
    await source.close();
  }
});
