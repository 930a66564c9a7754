import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lockHolder, lockedSentence } from './data-directory-check.ts';
import { devicesOf } from './kernel-sweep.ts';
import { judgeOpenvpnVersion } from './machine-check.ts';
import { isShared } from './mount-view.ts';
import { inodesOf } from './port-holder.ts';

// Captured from Linux 6.18 and OpenVPN 2.6.14; the integration tests read the living ones.
const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2741 1 0000000000000000 100 0 0 10 0
   1: 0100007F:01BB 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 2750 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:11BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2760 1 0000000000000000 100 0 0 10 0
`;
const locks = `1: FLOCK  ADVISORY  WRITE 10074 fe:00:9995937 0 EOF
2: POSIX  ADVISORY  WRITE 77 fe:00:9995938 0 EOF
2: -> FLOCK  ADVISORY  WRITE 78 fe:00:9995938 0 EOF
`;
const mounts = `31 27 254:0 / /data/a-b/app ro,relatime - ext4 /dev/vda rw
32 27 254:0 / /data/with\\040space rw,relatime shared:7 master:3 - ext4 /dev/vda rw
33 27 254:0 / /data/twice rw,relatime shared:8 - ext4 /dev/vda rw
34 33 254:0 / /data/twice rw,relatime - tmpfs tmpfs rw
`;
const devices = `Inter-|   Receive
 face |bytes
    lo: 1 2
cw0-u0: 1 2
 cw0-c12: 1 2
cw10-u0: 1 2
cwx-u0: 1 2
`;

describe('what the kernel and openvpn print', () => {
  it('finds the sockets that listen on a port, and no others', () => {
    assert.deepEqual(inodesOf(tcp, 443, '0A'), ['2741']);
    assert.deepEqual(inodesOf(tcp, 444, '0A'), []);
  });

  it('finds who holds the lock of a directory', () => {
    assert.equal(lockHolder(locks, 9_995_937), 10_074);
    // A POSIX lock is no flock, and one that waits does not hold.
    assert.equal(lockHolder(locks, 9_995_938), undefined);
    assert.match(lockedSentence('/data', undefined), /^another "causeway up" runs on \/data: /);
  });

  for (const [target, expected] of [
    ['/data/a-b/app', false],
    ['/data/with space', true],
    ['/data/twice', false],
    ['/data/absent', true],
  ] as const) {
    it(`says that ${target} is ${expected ? '' : 'not '}shared`, () => assert.equal(isShared(mounts, target), expected));
  }

  it("finds the installation's tuns by its whole number", () => {
    assert.deepEqual(devicesOf(0, devices), ['cw0-u0', 'cw0-c12']);
    assert.deepEqual(devicesOf(1, devices), []);
    assert.deepEqual(devicesOf(10, devices), ['cw10-u0']);
  });

  for (const [output, accepted] of [
    ['OpenVPN 2.6.14 x86_64-pc-linux-gnu [SSL (OpenSSL)]', true],
    ['OpenVPN 2.10.0 x86_64', true],
    ['OpenVPN 3.0.0 x86_64', true],
    ['OpenVPN 2.5.9 x86_64', false],
    ['something else', false],
  ] as const) {
    it(`${accepted ? 'accepts' : 'refuses'} "${output.slice(0, 16)}"`, () =>
      assert.equal(judgeOpenvpnVersion(output) === undefined, accepted));
  }
});
