import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compile } from './compile.ts';
import { exampleGateway, exampleId, exampleWpc } from './example-wpc.ts';
import type { NetworkId } from './ids.ts';
import { address4, formatAddress, strictAddress } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
import { containsAddress, formatPrefix, overlaps, prefixOf, strictPrefix } from './ip/prefix.ts';
import { aggregate, subtract } from './ip/prefix-set.ts';
import { gatewayPlaces, pushedRoutes, routedWpc } from './pushed-routes.ts';

const network = (number: number) => exampleId(1, number) as NetworkId;
const wpcOf = (networks: number, prefixesPerNetwork = 1) =>
  routedWpc(compile(exampleWpc({ networks, prefixesPerNetwork, devices: 0 }), exampleGateway));

describe('pushedRoutes', () => {
  test('a device gets the WPC range and every site (RA-8)', () => {
    assert.deepEqual(pushedRoutes(wpcOf(1), null), ['10.0.0.0/18', '100.96.0.0/11']);
  });
  test('the only connector gets the WPC range alone (RA-4)', () => {
    assert.deepEqual(pushedRoutes(wpcOf(1), network(0)), ['100.96.0.0/11']);
  });
  test("Branch's connector gets HQ's prefix and not its own (SS-13)", () => {
    assert.deepEqual(pushedRoutes(wpcOf(2), network(1)), ['10.0.0.0/18', '100.96.0.0/11']);
  });
  test('neighbouring prefixes become one route', () => {
    const wpc = wpcOf(0);
    const prefixes = { '10.1.0.0/24': { network: network(0) }, '10.1.1.0/24': { network: network(1) } };
    assert.deepEqual(pushedRoutes({ ...wpc, prefixes }, null), ['10.1.0.0/23', '100.96.0.0/11']);
  });
  test('a network that holds an address of the gateway is reached around it (the tunnel must not go through itself)', () => {
    const wpc = { ...wpcOf(0), prefixes: { '203.0.113.0/29': { network: network(0) } } };
    assert.deepEqual(pushedRoutes(wpc, null), ['100.96.0.0/11', '203.0.113.0/32', '203.0.113.2/31', '203.0.113.4/30']);
  });
  test('law: routes are what is wanted without the addresses of the gateway', () => {
    const places = fc.array(fc.tuple(fc.nat(255), fc.integer({ min: 24, max: 32 })), { maxLength: 20 });
    const addresses = fc.uniqueArray(fc.nat(255), { maxLength: 6 });
    fc.assert(
      fc.property(places, addresses, (prefixesAt, addressesAt) => {
        const prefixes: Record<PrefixText, { network: NetworkId }> = {};
        for (const [at, length] of prefixesAt)
          prefixes[formatPrefix(prefixOf(address4(0xcb00_7100 + at), length))] = { network: network(0) };
        const publicAddresses = addressesAt.map((at) => formatAddress(address4(0xcb00_7100 + at)));
        const wpc = { tunnelRanges: ['100.96.0.0/11' as PrefixText], prefixes, publicAddresses };
        const wanted = [...wpc.tunnelRanges, ...Object.keys(prefixes)].map(strictPrefix);
        const routes = pushedRoutes(wpc, null).map(strictPrefix);
        for (const address of publicAddresses)
          assert.ok(!routes.some((route) => containsAddress(route, strictAddress(address))), `${address} is covered`);
        assert.deepEqual(
          aggregate([...routes, ...subtract(gatewayPlaces(wpc), subtract(gatewayPlaces(wpc), wanted))]),
          aggregate(wanted),
        );
      }),
    );
  });
  test('law: no route covers a prefix of its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 4 }), fc.nat(), (networks, each, pick) => {
        const wpc = wpcOf(networks, each);
        const own = network(pick % networks);
        const routes = pushedRoutes(wpc, own).map(strictPrefix);
        for (const [prefix, site] of Object.entries(wpc.prefixes)) {
          if (site.network === own)
            assert.ok(!routes.some((route) => overlaps(route, strictPrefix(prefix))), `${prefix} is covered`);
          else
            assert.ok(
              routes.some((route) => overlaps(route, strictPrefix(prefix))),
              `${prefix} is missing`,
            );
        }
      }),
    );
  });
});
