import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PrefixText } from '../ip/prefix.ts';
import { lanAddressOf } from './lan-address.ts';

const hq = ['10.0.0.0/18' as PrefixText];

/** As `ip -j addr` writes it, shortened to what is read. */
function addr(...links: readonly (readonly [name: string, ...addresses: readonly string[]])[]): string {
  return JSON.stringify(
    links.map(([ifname, ...addresses]) => ({
      ifname,
      operstate: 'UP',
      addr_info: addresses.map((text) => {
        const [local, length] = text.split('/');
        return {
          family: local?.includes(':') === true ? 'inet6' : 'inet',
          local,
          prefixlen: Number(length),
          scope: ifname === 'lo' ? 'host' : 'global',
        };
      }),
    })),
  );
}

const route = JSON.stringify([
  { dst: 'default', gateway: '10.0.0.1', dev: 'eth0', protocol: 'dhcp', metric: 100, flags: [] },
  { dst: 'default', dev: 'causeway0', scope: 'link', flags: [] },
  { dst: 'default', gateway: '10.9.0.1', dev: 'eth9', table: '77', flags: [] },
  { dst: 'default', gateway: 'fe80::1', dev: 'eth1', metric: 1, flags: [] },
  { dst: '10.0.0.0/18', dev: 'eth0', scope: 'link', flags: [] },
]);

describe('lanAddressOf', () => {
  it('finds the address inside the network, with its interface, subnet and router', () => {
    const text = addr(
      ['lo', '127.0.0.1/8'],
      ['causeway0', '100.96.0.100/32'],
      ['eth0', '10.0.0.10/18', 'fd00::1/64'],
      ['docker0', '172.17.0.1/16'],
    );
    assert.deepEqual(lanAddressOf({ addr: text, route }, hq), {
      address: '10.0.0.10',
      subnet: '10.0.0.0/18',
      interface: 'eth0',
      router: '10.0.0.1',
    });
  });

  it('prefers the interface of the default route, and a primary address', () => {
    const two = addr(['eth1', '10.0.1.5/24'], ['eth0', '10.0.0.10/24']);
    assert.equal(lanAddressOf({ addr: two, route }, hq)?.address, '10.0.0.10');
    const service = JSON.stringify([
      {
        ifname: 'eth0',
        addr_info: [
          { family: 'inet', local: '10.0.0.99', prefixlen: 24, scope: 'global', secondary: true },
          { family: 'inet', local: '10.0.0.10', prefixlen: 24, scope: 'global' },
        ],
      },
    ]);
    assert.equal(lanAddressOf({ addr: service, route }, hq)?.address, '10.0.0.10');
  });

  it('takes the address in a transfer network where none is inside, and knows no router there that is elsewhere', () => {
    assert.deepEqual(lanAddressOf({ addr: addr(['eth0', '172.16.0.2/30']), route }, hq), {
      address: '172.16.0.2',
      subnet: '172.16.0.0/30',
      interface: 'eth0',
      router: '10.0.0.1',
    });
    assert.equal(lanAddressOf({ addr: addr(['eth5', '10.0.0.3/24']), route }, hq)?.router, null);
  });

  it('says nothing where the reports say nothing', () => {
    assert.equal(lanAddressOf({ addr: undefined, route: undefined }, hq), null);
    assert.equal(lanAddressOf({ addr: 'too large: 200000 bytes', route }, hq), null);
    assert.equal(lanAddressOf({ addr: addr(['eth3', '192.0.2.1/24']), route }, hq), null);
    assert.equal(
      lanAddressOf({ addr: '[null, 1, {"ifname": "eth0", "addr_info": [3, {"family": "inet"}]}]', route: '{}' }, hq),
      null,
    );
  });

  it('is total for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.oneof(fc.string(), fc.json()), (a, b) => {
        lanAddressOf({ addr: a, route: b }, hq);
      }),
    );
  });
});
