import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegionId } from './ids.ts';
import { regionsServed, servingGateway } from './serving-gateway.ts';

const region = (text: string) => text as RegionId;
const gatewaysIn = (regions: string) => Array.from(regions, (text) => ({ region: region(text) }));

test('a region without a gateway is served by the default region’s, or by the first one', () => {
  const cases: readonly [of: string, gateways: string, defaultRegion: string, serving: string | undefined][] = [
    ['a', 'ab', 'b', 'a'],
    ['c', 'ab', 'b', 'b'],
    ['c', 'ba', 'd', 'b'],
    ['a', '', 'a', undefined],
  ];
  for (const [of, gateways, defaultRegion, serving] of cases) {
    assert.equal(
      servingGateway(gatewaysIn(gateways), region(of), region(defaultRegion))?.region,
      serving,
      `${of} of ${gateways}`,
    );
  }
});

test('each region of the catalogue is served by one gateway', () => {
  const served = (gateways: string, defaultRegion: string) =>
    [...regionsServed(gatewaysIn(gateways), Array.from('abcd', region), region(defaultRegion))].map(
      ([gateway, regions]) => `${gateway.region}: ${regions.join('')}`,
    );
  assert.deepEqual(served('ab', 'b'), ['a: a', 'b: bcd']);
  assert.deepEqual(served('ab', 'd'), ['a: acd', 'b: b']);
  assert.deepEqual(served('z', 'a'), ['z: zabcd']);
  assert.deepEqual(served('', 'a'), []);
});
