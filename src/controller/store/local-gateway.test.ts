import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSecret } from '../http/secret-hash.ts';
import { findGateway } from '../http/find-principal.ts';
import { ensureLocalGateway, withdrawLocalGateway } from './local-gateway.ts';
import { testDatabase } from './test-database.ts';

const wanted = { hostname: 'vpn.example.org', vpnPort: 1194, region: 'it-mxp', tokenSha256: hashSecret('token') };

test('the first start makes the gateway and its region the default one; the next one changes nothing', async () => {
  await using database = await testDatabase();
  const { store } = database;
  await ensureLocalGateway(store, wanted);
  await ensureLocalGateway(store, wanted);
  const wpc = await store.database.selectFrom('wpc').select(['revision', 'default_region', 'vpn_port']).executeTakeFirstOrThrow();
  assert.deepEqual(wpc, { revision: 1, default_region: 'it-mxp', vpn_port: 1194 });
  assert.equal((await store.database.selectFrom('gateway').selectAll().execute()).length, 1);
});

test('another port, host name or token is one change of the same gateway; the default region stays what was chosen', async () => {
  await using database = await testDatabase();
  const { store } = database;
  await ensureLocalGateway(store, wanted);
  await ensureLocalGateway(store, {
    ...wanted,
    vpnPort: 1300,
    hostname: '192.0.2.1',
    region: null,
    tokenSha256: hashSecret('new'),
  });
  const [gateway, ...others] = await store.database.selectFrom('gateway').selectAll().execute();
  assert.deepEqual([gateway?.vpn_port, gateway?.hostname, gateway?.region, others], [1300, '192.0.2.1', 'it-mxp', []]);
  assert.equal(await findGateway(store.database, 'token'), undefined);
  assert.equal((await findGateway(store.database, 'new'))?.kind, 'gateway');
});

test('an installation started without its gateway lets nobody in with the old token', async () => {
  await using database = await testDatabase();
  const { store } = database;
  await withdrawLocalGateway(store);
  await ensureLocalGateway(store, wanted);
  await withdrawLocalGateway(store);
  assert.equal(await findGateway(store.database, 'token'), undefined);
});

test('a region that is not in the catalogue is refused', async () => {
  await using database = await testDatabase();
  await assert.rejects(
    ensureLocalGateway(database.store, { ...wanted, region: 'atlantis-1' }),
    /region: "atlantis-1" is not a region/,
  );
});
