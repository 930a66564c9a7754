import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { hostRoutes } from '../../contract/api/host.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { call } from './test-api.ts';

/** What a call costs the database does not grow with the number of things in it: no query per item, neither read nor written. */
let controller: TestController;
let group = '';
before(async () => {
  controller = await testController();
  group = (await call(controller, userGroupRoutes.create, { body: { name: 'many devices', maxDevice: 200 } })).id;
});
after(async () => {
  await controller.close();
});

async function queriesOf(t: TestContext, action: () => Promise<unknown>): Promise<number> {
  const counted = t.mock.method(pg.Client.prototype, 'query');
  try {
    await action();
    // The poll for changes and their announcement come in between by the clock.
    return counted.mock.calls.filter(({ arguments: [query] }) => !/pg_notify|"event_seq" from "wpc"$/.test(textOf(query))).length;
  } finally {
    counted.mock.restore();
  }
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  return typeof query === 'object' && query !== null && 'text' in query ? String(query.text) : '';
}

const names = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `n${String(index)}` }));
const prefixes = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ value: `10.${String(first)}.${String(index)}.0/24` }));

const writes: Readonly<Record<string, (round: number, count: number) => Promise<unknown>>> = {
  'a network with prefixes and connectors': (round, count) =>
    call(controller, networkRoutes.create, {
      body: { name: `w${String(round)}`, routes: prefixes(round, count), connectors: names(count) },
    }),
  'a host with connectors': (round, count) =>
    call(controller, hostRoutes.create, { body: { name: `h${String(round)}`, connectors: names(count) } }),
  'a user with devices': (round, count) =>
    call(controller, userRoutes.create, { body: { username: `u${String(round)}`, groupId: group, devices: names(count) } }),
};

describe('the number of queries', () => {
  for (const [what, write] of Object.entries(writes)) {
    test(`is the same for ${what}, two of them or ninety`, async (t) => {
      // The first call opens the connections.
      await write(0, 1);
      const few = await queriesOf(t, async () => await write(1, 2));
      const many = await queriesOf(t, async () => await write(2, 90));
      assert.ok(few > 5, String(few));
      assert.equal(many, few);
    });
  }

  for (const [what, list] of Object.entries({ networks: networkRoutes.list, hosts: hostRoutes.list, users: userRoutes.list })) {
    test(`is the same for a page of one of the ${what} and for one of all`, async (t) => {
      const ask = (size: string) => async () => await call(controller, list, { query: { page: '0', size } });
      // A full page counts the list, which one that is not full need not.
      const one = await queriesOf(t, ask('1'));
      const all = await queriesOf(t, ask('3'));
      assert.ok(one > 1, String(one));
      assert.equal(all, one);
    });
  }
});
