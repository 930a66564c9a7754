import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AddressText } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
import type { LaneDaemon } from './lane-openvpn.ts';
import { defaultLaneTimings, renderLaneConfig } from './lane-openvpn.ts';

const daemon: LaneDaemon = {
  lane: 'u0',
  device: 'cw0-u0',
  protocol: 'udp',
  port: 1194,
  address: '100.96.0.1' as AddressText,
  range: '100.96.0.0/11' as PrefixText,
  directory: '/var/lib/causeway/gateway',
  managementUser: 'causeway-gateway',
  timings: defaultLaneTimings,
};

function lines(changes: Partial<LaneDaemon> = {}): string[] {
  return renderLaneConfig({ ...daemon, ...changes }).split('\n');
}

describe('renderLaneConfig', () => {
  // That openvpn takes it and carries packets with it is tested in src/gateway/gateway.test.ts.
  it('holds what makes a lane safe', () => {
    const options = lines();
    for (const option of [
      'ifconfig 100.96.0.1 255.224.0.0',
      'ifconfig-noexec',
      'route-noexec',
      'management-hold',
      'management-client-auth',
      'management "/var/lib/causeway/gateway/lanes/u0/m.sock" unix',
      'management-client-user causeway-gateway',
      'verify-client-cert require',
      'remote-cert-tls client',
      'script-security 0',
      'persist-key',
      'keepalive 5 20',
    ]) {
      assert.ok(options.includes(option), option);
    }
    assert.equal(
      options.some((line) => line.startsWith('client-to-client') || line.startsWith('duplicate-cn')),
      false,
    );
  });

  it('says goodbye over UDP only, where openvpn takes it', () => {
    assert.ok(lines().includes('explicit-exit-notify 1'));
    assert.ok(lines().includes('proto udp4'));
    const tcp = lines({ lane: 't0', device: 'cw0-t0', protocol: 'tcp' });
    assert.ok(!tcp.includes('explicit-exit-notify 1'));
    assert.ok(tcp.includes('proto tcp4-server'));
  });

  it('quotes a directory with blanks, quotes and backslashes for openvpn', () => {
    assert.ok(lines({ directory: '/srv/a "b" \\c' }).includes('ca "/srv/a \\"b\\" \\\\c/identity/ca.pem"'));
  });

  for (const [name, changes] of [
    ['a line break in the directory', { directory: '/srv/a\nup /bin/sh' }],
    ['a relative directory', { directory: 'srv' }],
    ['a directory that is too long', { directory: `/${'x'.repeat(255)}` }],
    ['a foreign device', { device: 'eth0' }],
    ['options in a device', { device: 'cw0-u0 \nup x' }],
    ['a user that is none', { managementUser: 'root unix' }],
    ['port 0', { port: 0 }],
    ['a port with a fraction', { port: 1194.5 }],
    ['a restart before two pings', { timings: { ...defaultLaneTimings, restartSeconds: 9 } }],
    ['an IPv6 range', { range: 'fd00::/48' as PrefixText }],
    ['an address that is not canonical', { address: '100.96.0.01' as AddressText }],
  ] as const) {
    it(`refuses ${name}`, () => {
      assert.throws(() => renderLaneConfig({ ...daemon, ...changes }), RangeError);
    });
  }
});
