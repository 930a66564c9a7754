import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regionIds } from '../../core/region-ids.ts';
import { testDatabase } from '../store/test-database.ts';
import { listRegions } from './regions.ts';

test('the catalogue in the database has the regions that core knows', async () => {
  await using database = await testDatabase();
  assert.deepEqual(
    (await listRegions(database.store.database)).map(({ id }) => id),
    regionIds,
  );
});
