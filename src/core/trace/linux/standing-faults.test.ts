import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readLinuxHost } from './linux-host.ts';
import { expiringRouters, forwardingAfterReboot } from './standing-faults.ts';

const observedAt = '2026-01-01T00:00:00Z';
function machine(sections: Readonly<Record<string, string>>) {
  return readLinuxHost({ sections: new Map(Object.entries(sections).map(([name, body]) => [name, { body, observedAt }])) });
}

describe('routers of IPv6 that are lost by forwarding', () => {
  const announced = {
    dst: 'default',
    gateway: 'fe80::1',
    dev: 'wan0',
    protocol: 'ra',
    metric: 1024,
    flags: [],
    expires: 1700,
    pref: 'medium',
  };
  const cases = [
    { what: 'forwarding, accept_ra 1: lost', forwarding: 1, accept: 1, route: announced, lost: true },
    { what: 'accept_ra 2 keeps it', forwarding: 1, accept: 2, route: announced, lost: false },
    { what: 'user space keeps it', forwarding: 1, accept: 0, route: announced, lost: false },
    { what: 'a plain host keeps it', forwarding: 0, accept: 1, route: announced, lost: false },
    {
      what: 'a static route stays',
      forwarding: 1,
      accept: 1,
      route: { ...announced, protocol: 'static', expires: undefined },
      lost: false,
    },
  ];
  for (const { what, forwarding, accept, route, lost } of cases) {
    it(what, () => {
      const sysctl = `net/ipv6/conf/wan0/forwarding=${String(forwarding)}\nnet/ipv6/conf/wan0/accept_ra=${String(accept)}\n`;
      const found = expiringRouters(machine({ route6: JSON.stringify([route]), sysctl }));
      assert.deepEqual(
        found,
        lost
          ? [
              {
                interface: 'wan0',
                route: { text: 'default via fe80::1 dev wan0 proto ra metric 1024', observedAt },
                acceptRa: { path: 'net/ipv6/conf/wan0/accept_ra', value: 1, observedAt },
              },
            ]
          : [],
      );
    });
  }

  it('is unknown without routes or settings', () => {
    assert.deepEqual(expiringRouters(machine({})), {
      kind: 'unknown',
      reason: 'the machine did not report its section route6',
    });
    assert.equal('kind' in expiringRouters(machine({ route6: JSON.stringify([announced]), sysctl: '' })), true);
  });
});

describe('forwarding after a reboot', () => {
  const cases: readonly (readonly [string, 0 | 1 | null])[] = [
    ['', null],
    ['persisted: net.ipv4.ip_forward = 1', 1],
    ['persisted: net.ipv4.ip_forward=1\npersisted: -net/ipv4/ip_forward = 0', 0],
    ['persisted: net.ipv4.ip_forward_use_pmtu = 1', null],
    ['persisted: net.ipv4.ip_forward = yes', null],
  ];
  for (const [sysctl, expected] of cases) {
    it(JSON.stringify(sysctl), () => assert.equal(forwardingAfterReboot(machine({ sysctl })), expected));
  }
});
