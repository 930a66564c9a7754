import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSyn, parsePacket } from './capture.ts';

const rest = 'id 0, offset 0, flags [DF], proto TCP (6), length 60)    ';

test('parsePacket reads what tcpdump -e -n -v prints', () => {
  assert.deepEqual(
    parsePacket(
      `12:00:00.000001 56:7a:42:00:32:19 > 16:5b:ac:35:89:96, ethertype IPv4 (0x0800), length 74: (tos 0x0, ttl 63, ${rest}100.96.16.1.40000 > 10.0.0.20.80: Flags [S], cksum 0x1 (correct), seq 1`,
    ),
    {
      macSource: '56:7a:42:00:32:19',
      macDestination: '16:5b:ac:35:89:96',
      source: '100.96.16.1',
      destination: '10.0.0.20',
      ttl: 63,
      text: 'Flags [S], cksum 0x1 (correct), seq 1',
    },
  );
  const onTun = parsePacket(
    `12:00:00.000001 ip: (tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto ICMP (1), length 84)    10.0.0.20 > 100.96.0.1: ICMP echo reply, id 1`,
  );
  assert.deepEqual(onTun, { source: '10.0.0.20', destination: '100.96.0.1', ttl: 64, text: 'ICMP echo reply, id 1' });
  const ipv6 = parsePacket(
    `12:00:00.000001 56:7a:42:00:32:19 > 16:5b:ac:35:89:96, ethertype IPv6 (0x86dd), length 94: (flowlabel 0x6ae72, hlim 63, next-header TCP (6) payload length: 40) 2001:db8:b0b::20.41374 > 2001:db8::27.80: Flags [S], cksum 0x0030`,
  );
  assert.equal(ipv6?.source, '2001:db8:b0b::20');
  assert.equal(ipv6.destination, '2001:db8::27');
  assert.equal(ipv6.ttl, 63);
  assert.ok(isSyn(ipv6));
  assert.equal(parsePacket('12:00:00.000001 ARP, Request who-has 10.0.0.1 tell 10.0.0.20, length 28'), undefined);
});
