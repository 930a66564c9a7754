import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nothingSaid, routerIs, serverIs } from './fault.ts';
import { contradicts, mergedStatement } from './merged-statement.ts';

const address = '10.0.0.20';
const routes = [{ destination: '100.96.0.0/11', nextHop: '10.0.0.10' }];

test('several statements about one site are one', () => {
  assert.equal(mergedStatement([]), undefined);
  assert.deepEqual(mergedStatement([nothingSaid('hq')]), nothingSaid('hq').lan);
  assert.deepEqual(
    mergedStatement([
      serverIs('hq', { address, runsTailscale: true }),
      routerIs('hq', { routes }),
      routerIs('hq', { routes: [], stateful: true }),
      serverIs('hq', { address, gateway: '10.0.0.2' }),
    ]),
    {
      router: { platform: null, routes, stateful: true, redirects: null, natSources: null },
      servers: [{ address, gateway: '10.0.0.2', admits: null, runsTailscale: true }],
    },
  );
});

test('silence about a router contradicts words about it, at one site', () => {
  const stated = routerIs('hq', { stateful: true });
  assert.ok(contradicts(nothingSaid('hq'), stated) && contradicts(stated, nothingSaid('hq')));
  assert.ok(!contradicts(nothingSaid('branch'), stated));
  assert.ok(!contradicts(nothingSaid('hq'), serverIs('hq', { address })));
  assert.ok(!contradicts(undefined, stated));
});
