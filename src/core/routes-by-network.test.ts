import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { NetworkId } from './ids.ts';
import { exampleId } from './example-wpc.ts';
import { address4, formatAddress } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
import { formatPrefix, prefixOf } from './ip/prefix.ts';
import { pushedRoutes } from './pushed-routes.ts';
import { routesByNetwork } from './routes-by-network.ts';

const network = (number: number) => exampleId(1, number) as NetworkId;
const range = formatPrefix(prefixOf(address4(0x6460_0000), 11));

describe('routesByNetwork', () => {
  it('gives for every network what pushedRoutes gives', () => {
    // Neighbouring /28s in one /20, so that many of them merge, and owners that lie anywhere in between.
    const owners = fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 5 })), { maxLength: 120 });
    const gateways = fc.array(fc.integer({ min: 0, max: 0xfff }), { maxLength: 4 });
    fc.assert(
      fc.property(owners, gateways, (entries, gatewaysAt) => {
        const prefixes: Record<PrefixText, { network: NetworkId }> = {};
        for (const [place, owner] of entries) {
          prefixes[formatPrefix(prefixOf(address4(0x0a00_0000 + place * 16), 28))] = { network: network(owner) };
        }
        const publicAddresses = gatewaysAt.map((at) => formatAddress(address4(0x0a00_0000 + at)));
        const wpc = { tunnelRanges: [range], prefixes, publicAddresses };
        const routes = routesByNetwork(wpc);
        for (const own of [null, ...Array.from({ length: 7 }, (_, number) => network(number))]) {
          assert.deepEqual(routes(own), pushedRoutes(wpc, own));
        }
      }),
    );
  });
});
