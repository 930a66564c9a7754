import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clientHost, parseStatus } from './status.ts';

/** From openvpn 2.6.14: one client that waits for its answer, one with two owned prefixes and a learned destination. */
const lines = [
  'TITLE\tOpenVPN 2.6.14 x86_64-pc-linux-gnu',
  'TIME\t2026-11-24 19:58:48\t1795550328',
  'HEADER\tCLIENT_LIST\tCommon Name\tReal Address\tVirtual Address\tVirtual IPv6 Address\tBytes Received\tBytes Sent\tConnected Since\tConnected Since (time_t)\tUsername\tClient ID\tPeer ID\tData Channel Cipher',
  'CLIENT_LIST\t2222\t192.0.2.2:43603\t\t\t2614\t1965\t2026-11-24 19:58:46\t1795550326\tUNDEF\t0\t0\tBF-CBC',
  'CLIENT_LIST\t3333\t192.0.2.3:1194\t100.96.0.100\t\t9\t8\t2026-11-24 19:58:46\t1795550300\tUNDEF\t4\t1\tAES-256-GCM',
  'HEADER\tROUTING_TABLE\tVirtual Address\tCommon Name\tReal Address\tLast Ref\tLast Ref (time_t)',
  'ROUTING_TABLE\t100.96.0.100\t3333\t192.0.2.3:1194\t2026-11-24 19:58:49\t1795550329',
  'ROUTING_TABLE\t10.0.0.0/18\t3333\t192.0.2.3:1194\t2026-11-24 19:58:49\t1795550329',
  'ROUTING_TABLE\t10.9.0.0/16\t3333\t192.0.2.3:1194\t2026-11-24 19:58:49\t1795550329',
  'ROUTING_TABLE\t10.0.0.20C\t3333\t192.0.2.3:1194\t2026-11-24 19:58:49\t1795550329',
  'GLOBAL_STATS\tMax bcast/mcast queue length\t0',
];

describe('status 3', () => {
  it('tells who waits, who is connected, and who owns what', () => {
    assert.deepEqual(parseStatus(lines), [
      {
        cid: 0,
        commonName: '2222',
        realAddress: '192.0.2.2',
        tunnelAddress: null,
        bytesIn: 2614,
        bytesOut: 1965,
        since: 1795550326000,
        owns: [],
      },
      {
        cid: 4,
        commonName: '3333',
        realAddress: '192.0.2.3',
        tunnelAddress: '100.96.0.100',
        bytesIn: 9,
        bytesOut: 8,
        since: 1795550300000,
        owns: ['10.0.0.0/18', '10.9.0.0/16'],
      },
    ]);
  });

  it('leaves out rows that it does not understand', () => {
    assert.deepEqual(parseStatus(['CLIENT_LIST', 'CLIENT_LIST\ta\tb', '', 'ROUTING_TABLE\t10.0.0.0/8']), []);
  });

  for (const [text, host] of [
    ['192.0.2.2:43603', '192.0.2.2'],
    ['udp4:192.0.2.2:43603', '192.0.2.2'],
    ['tcp4-server:192.0.2.2:5', '192.0.2.2'],
    ['[2001:db8::1]:43603', '2001:db8::1'],
    ['192.0.2.2', '192.0.2.2'],
  ] as const) {
    it(`reads the address out of ${text}`, () => assert.equal(clientHost(text), host));
  }
});
