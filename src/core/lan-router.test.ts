import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PrefixText } from './ip/prefix.ts';
import { lanRouterOf } from './lan-router.ts';

const own = ['10.0.0.0/18', '192.168.9.0/24'] as PrefixText[];
const addr = (ifname: string, local: string, prefixlen: number): string =>
  JSON.stringify([{ ifname, addr_info: [{ family: 'inet', local, prefixlen, scope: 'global' }] }]);
const route = (...routes: object[]): string => JSON.stringify(routes);
const lan = addr('eth0', '10.0.0.10', 24);
const byDefault = (gateway: string, more: object = {}) => ({ dst: 'default', gateway, dev: 'eth0', ...more });

const cases: readonly [string, { addr?: string | undefined; route?: string | undefined }, string | null][] = [
  ['the next hop of the default route', { addr: lan, route: route(byDefault('10.0.0.1')) }, '10.0.0.1'],
  [
    'the one with the lowest metric',
    { addr: lan, route: route(byDefault('10.0.0.2', { metric: 200 }), byDefault('10.0.0.1', { metric: 100 })) },
    '10.0.0.1',
  ],
  [
    'not one outside the network’s own prefixes',
    { addr: addr('eth0', '203.0.113.9', 24), route: route(byDefault('203.0.113.1')) },
    null,
  ],
  ['not one of another network, which the connector has no say in', { addr: lan, route: route(byDefault('172.16.0.1')) }, null],
  ['not one of another table', { addr: lan, route: route(byDefault('10.0.0.1', { table: '100' })) }, null],
  ['not our tunnel', { addr: lan, route: route(byDefault('10.0.0.1', { dev: 'causeway0' })) }, null],
  ['none where the default route has no next hop', { addr: lan, route: route({ dst: 'default', dev: 'ppp0' }) }, null],
  ['none where there is no default route', { addr: lan, route: route({ dst: '10.0.0.0/24', dev: 'eth0' }) }, null],
  ['none of IPv6', { addr: lan, route: route(byDefault('fd00::1')) }, null],
  ['none where nothing was reported', {}, null],
  ['none where the text was cut', { addr: lan, route: route(byDefault('10.0.0.1')).slice(0, 30) }, null],
  ['none where the text is something else', { addr: '"x"', route: '{"dst":"default"}' }, null],
  ['none where the next hop is no address', { addr: lan, route: route(byDefault('$(reboot)')) }, null],
];
for (const [name, { addr: addresses, route: routes }, expected] of cases) {
  test(`the router of a connector’s LAN: ${name}`, () => {
    assert.equal(lanRouterOf({ addr: addresses, route: routes }, own), expected);
  });
}

test('a network without prefixes has no router that may be probed', () => {
  assert.equal(lanRouterOf({ addr: lan, route: route(byDefault('10.0.0.1')) }, []), null);
});
