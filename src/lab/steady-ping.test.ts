import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLoss } from './steady-ping.ts';

test('readLoss reads sums and the longest gap', () => {
  const text = [
    'PING 10.0.0.20 (10.0.0.20) 56(84) bytes of data.',
    '[1700000000.000000] 64 bytes from 10.0.0.20: icmp_seq=1 ttl=62 time=1.0 ms',
    '[1700000000.050000] 64 bytes from 10.0.0.20: icmp_seq=2 ttl=62 time=1.0 ms',
    // What says that there is no way is no answer.
    '[1700000000.300000] From 10.0.0.10 icmp_seq=7 Destination Host Unreachable',
    '[1700000000.350000] 64 bytes from 10.0.0.20: icmp_seq=8 ttl=62 time=1.0 ms',
    '',
    '--- 10.0.0.20 ping statistics ---',
    '9 packets transmitted, 3 received, 66.7% packet loss, time 400ms',
  ].join('\n');
  assert.deepEqual(readLoss(text), { sent: 9, received: 3, lost: 5, longestGapMs: 300 });
  assert.throws(() => readLoss('ping: unknown host'), /no summary/);
});
