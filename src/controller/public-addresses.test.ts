import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModel } from './store/load-model.ts';
import { Metrics } from './metrics/metrics.ts';
import { systemActor } from './principal.ts';
import { keepPublicAddresses, refreshPublicAddresses } from './public-addresses.ts';
import type { ResolveIpv4 } from './public-addresses.ts';
import { inModelTransaction } from './store/model-transaction.ts';
import type { Store } from './store/store.ts';
import { testDatabase } from './store/test-database.ts';

const installation = { hostname: 'vpn.example.com' };
const log = { info: () => undefined, warn: () => undefined };
const unresolvable: ResolveIpv4 = async (name) => Promise.reject(new Error(`getaddrinfo ENOTFOUND ${name}`));

async function addGateways(store: Store, ...hostnames: (string | null)[]): Promise<void> {
  await inModelTransaction(store, systemActor, async ({ trx, record }) => {
    // One gateway for each region.
    const regions = await trx.selectFrom('region').select('id').orderBy('id').limit(hostnames.length).execute();
    for (const [index, { id: region }] of regions.entries()) {
      const name = `g${String(index)}`;
      await trx
        .insertInto('gateway')
        .values({ name, hostname: hostnames[index] ?? null, region })
        .execute();
      record({ entity: 'gateway', entityId: name, action: 'created' });
    }
  });
}

/** What compile is told, and the revision of it. */
async function addresses(store: Store): Promise<{ revision: number; of: string }> {
  const { model, sites } = await loadModel(store.database);
  return {
    revision: model.revision,
    of: sites
      .map(({ publicAddresses }) => publicAddresses.join('+'))
      .toSorted()
      .join(' '),
  };
}

test('a gateway’s name is resolved, an address stands for itself, and who has no name is reached by the installation’s', async () => {
  await using database = await testDatabase();
  const { store } = database;
  await addGateways(store, 'fra.example.com', '203.0.113.9', '2001:db8::1', null);
  const asked: string[] = [];
  await refreshPublicAddresses({ store, installation, log }, async (name) => {
    asked.push(name);
    return Promise.resolve(name === 'vpn.example.com' ? ['198.51.100.1'] : ['198.51.100.20', '198.51.100.3', '198.51.100.20']);
  });
  assert.deepEqual(asked.toSorted(), ['fra.example.com', 'vpn.example.com']);
  assert.equal((await addresses(store)).of, ' 198.51.100.1 198.51.100.3+198.51.100.20 203.0.113.9');
});

test('only other addresses are a change of the model; their order, and a name that cannot be resolved, are none', async () => {
  await using database = await testDatabase();
  const { store } = database;
  await addGateways(store, 'fra.example.com');
  const refresh = async (resolve: ResolveIpv4) => refreshPublicAddresses({ store, installation, log }, resolve);
  await refresh(unresolvable);
  const first = await addresses(store);
  assert.equal(first.of, '');
  await refresh(async () => Promise.resolve(['198.51.100.1', '198.51.100.2']));
  const known = await addresses(store);
  assert.deepEqual(known, { revision: first.revision + 1, of: '198.51.100.1+198.51.100.2' });
  await refresh(async () => Promise.resolve(['198.51.100.2', '198.51.100.1']));
  await refresh(unresolvable);
  assert.deepEqual(await addresses(store), known);
  await refresh(async () => Promise.resolve(['198.51.100.2']));
  assert.deepEqual(await addresses(store), { revision: known.revision + 1, of: '198.51.100.2' });
});

test('one name that cannot be resolved keeps no other gateway from being looked up, and the loop ends in order', async () => {
  await using database = await testDatabase();
  const { store } = database;
  await addGateways(store, 'gone.example.com', 'fra.example.com');
  const stop = keepPublicAddresses({ store, installation, log, job: new Metrics().job('gateway-addresses') }, async (name) =>
    name === 'gone.example.com' ? unresolvable(name) : Promise.resolve(['198.51.100.1']),
  );
  await stop();
  assert.equal((await addresses(store)).of, ' 198.51.100.1');
});

test('the system’s own look-up knows localhost', async () => {
  await using database = await testDatabase();
  await addGateways(database.store, 'localhost');
  await refreshPublicAddresses({ store: database.store, installation, log });
  assert.equal((await addresses(database.store)).of, '127.0.0.1');
});
