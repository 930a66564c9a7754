import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { strictAddress } from '../../ip/address.ts';
import type { Packet } from '../packet.ts';
import { decideMtu, decideNeighbour, ttlExpires } from './decide-exit.ts';
import { decideInput } from './decide-input.ts';
import type { InputDecision } from './decision.ts';
import type { LinuxHost } from './linux-host.ts';
import { readLinuxHost } from './linux-host.ts';
import { summaryOf } from './test-decision-summary.ts';
import { KernelHost } from './test-kernel-host.ts';

/**
 * client - router - server; what the router does with a real ping is compared, by its counters, with what the model says of the
 * router.
 */
describe('the model of Linux and real packets', () => {
  const hosts: KernelHost[] = [];
  const made = (index: number): KernelHost => hosts[index] ?? assert.fail('the hosts were made');
  before(() => {
    for (let index = 0; index < 3; index++) hosts.push(new KernelHost());
    const [client, router, server] = [made(0), made(1), made(2)];
    cable(client, 'eth0', router, 'c0');
    cable(router, 's0', server, 'eth0');
    const refused = [
      client.configure([
        'addr add 10.1.0.2/24 dev eth0',
        'addr add 10.9.9.9/32 dev eth0',
        'route add default via 10.1.0.1',
        '-6 addr add fd00:1::2/64 dev eth0 nodad',
        '-6 route add default via fd00:1::1',
      ]),
      router.configure([
        'addr add 10.1.0.1/24 dev c0',
        'addr add 10.2.0.1/24 dev s0',
        '-6 addr add fd00:1::1/64 dev c0 nodad',
        '-6 addr add fd00:2::1/64 dev s0 nodad',
        'route add 10.2.0.64/26 dev s0 mtu 1200',
      ]),
      server.configure([
        'addr add 10.2.0.2/24 dev eth0',
        'addr add 10.2.0.66/24 dev eth0',
        'route add default via 10.2.0.1',
        '-6 addr add fd00:2::2/64 dev eth0 nodad',
        '-6 route add default via fd00:2::1',
      ]),
    ];
    assert.deepEqual(refused, ['', '', '']);
  });
  after(() => {
    for (const host of hosts) host[Symbol.dispose]();
  });

  /** Settings of the router as NAME=VALUE below /proc/sys/net; all of them are put back. */
  function sent(settings: readonly string[], options: string, target: string, packet: Partial<Packet> = {}) {
    const [client, router] = [made(0), made(1)];
    const put = (lines: readonly string[]) =>
      router.shell(lines.map((line) => `echo ${line.replace(/^(.*)=(.*)$/, '$2 >/proc/sys/net/$1')}`).join('\n'));
    const six = target.includes(':');
    put([...usual, ...settings]);
    const counters = () => countersOf(router);
    const then = counters();
    const came = client.shell(`ping -n -c 1 -W 0.4 ${options} ${target} >/dev/null 2>&1 && echo yes || echo no`).trim() === 'yes';
    const now = counters();
    const host = readLinuxHost(router.observe());
    const question: Packet = {
      source: strictAddress(six ? 'fd00:1::2' : '10.1.0.2'),
      destination: strictAddress(target),
      protocol: 'icmp',
      sourcePort: 1,
      destinationPort: 1,
      kind: 'echo-request',
      bytes: six ? 104 : 84,
      dontFragment: true,
      ttl: 64,
      ...packet,
    };
    const decision = decideInput(host, { packet: question, iif: 'c0', mark: 0 });
    const rose = [...now].filter(([name, value]) => value > (then.get(name) ?? 0)).map(([name]) => name);
    return { came, decision, host, question, rose };
  }

  it('what the model forwards arrives, and its answer comes back', () => {
    const { came, decision, rose } = sent([], '', '10.2.0.2');
    assert.deepEqual([came, summaryOf(decision)], [true, 'forward s0']);
    assert.ok(rose.includes('Ip ForwDatagrams'));
  });

  it('a source without way back dies by rp_filter, strict and loose', () => {
    for (const mode of [1, 2]) {
      const { came, decision, rose } = sent([`ipv4/conf/c0/rp_filter=${String(mode)}`], '-I 10.9.9.9', '10.2.0.2', {
        source: strictAddress('10.9.9.9'),
      });
      assert.deepEqual(
        [came, summaryOf(decision)],
        [false, `drop rp-filter-no-route net/ipv4/conf/c0/rp_filter=${String(mode)}`],
      );
      assert.ok(rose.includes('TcpExt IPReversePathFilter') && !rose.includes('Ip ForwDatagrams'), rose.join(', '));
    }
  });

  it('nothing is forwarded where the machine or the interface does not', () => {
    const off = sent(['ipv4/ip_forward=0'], '', '10.2.0.2');
    assert.deepEqual([off.came, summaryOf(off.decision)], [false, 'drop forwarding-off net/ipv4/ip_forward=0']);
    assert.ok(off.rose.includes('Ip InAddrErrors'), off.rose.join(', '));
    const one = sent(['ipv4/ip_forward=1', 'ipv4/conf/c0/forwarding=0'], '', '10.2.0.2');
    assert.deepEqual([one.came, summaryOf(one.decision)], [false, 'drop interface-forwarding-off net/ipv4/conf/c0/forwarding=0']);
    // The answer's interface: the request arrives, the model sees nothing wrong with it.
    const answer = sent(['ipv4/conf/s0/forwarding=0'], '', '10.2.0.2');
    assert.deepEqual([answer.came, summaryOf(answer.decision)], [false, 'forward s0']);
  });

  it('what is too big with DF is refused, without it is cut, by the interface or by the route', () => {
    // Both ends: a cable drops what is larger than its other end takes.
    const resize = (mtu: string) =>
      made(1).configure([`link set s0 mtu ${mtu}`]) + made(2).configure([`link set eth0 mtu ${mtu}`]);
    assert.equal(resize('1300'), '');
    const big = { bytes: 1428 };
    const refused = sent([], '-M do -s 1400', '10.2.0.2', big);
    assert.deepEqual([refused.came, mtuOf(refused)], [false, 'too-big 1300']);
    assert.ok(refused.rose.includes('Ip FragFails'), refused.rose.join(', '));
    forgetPath(made(0));
    const cut = sent([], '-M dont -s 1400', '10.2.0.2', { ...big, dontFragment: false });
    assert.deepEqual([cut.came, mtuOf(cut)], [true, 'fragmented 1300']);
    assert.ok(cut.rose.includes('Ip FragOKs'), cut.rose.join(', '));
    const exact = sent([], '-M do -s 1272', '10.2.0.2', { bytes: 1300 });
    assert.deepEqual([exact.came, mtuOf(exact)], [true, 'fits 1300']);
    const route = sent([], '-M do -s 1272', '10.2.0.66', { bytes: 1300 });
    assert.deepEqual([route.came, mtuOf(route)], [false, 'too-big 1200']);
    const six = sent([], '-M do -s 1300', 'fd00:2::2', { bytes: 1348 });
    assert.deepEqual([six.came, mtuOf(six)], [false, 'too-big 1300']);
    assert.equal(resize('1500'), '');
    forgetPath(made(0));
  });

  it('a TTL of 1 ends at the router', () => {
    const { came, question, rose } = sent([], '-t 1', '10.2.0.2', { ttl: 1 });
    assert.deepEqual([came, ttlExpires(question), ttlExpires({ ...question, ttl: 2 })], [false, true, false]);
    assert.ok(!rose.includes('Ip ForwDatagrams'), rose.join(', '));
  });

  it('a machine that is not there does not answer for its address', () => {
    const before = readLinuxHost(made(1).observe());
    const absent = sent([], '', '10.2.0.9');
    assert.equal(absent.came, false);
    assert.equal(neighbourOf(absent.decision, before), 'not-asked');
    assert.equal(neighbourOf(absent.decision, absent.host), 'no-answer');
    const present = sent([], '', '10.2.0.2');
    assert.deepEqual([present.came, neighbourOf(present.decision, present.host)], [true, 'answers']);
  });

  it('IPv6 is forwarded by the switch of the machine alone', () => {
    const off = sent(['ipv6/conf/all/forwarding=0', 'ipv6/conf/c0/forwarding=1'], '', 'fd00:2::2');
    assert.deepEqual([off.came, summaryOf(off.decision)], [false, 'drop forwarding-off net/ipv6/conf/all/forwarding=0']);
    const on = sent(['ipv6/conf/c0/forwarding=0', 'ipv6/conf/s0/forwarding=0'], '', 'fd00:2::2');
    assert.deepEqual([on.came, summaryOf(on.decision)], [true, 'forward s0']);
    if (!on.host.sysctls.known || !on.host.sysctls.value.values.has('net/ipv6/conf/c0/force_forwarding')) return;
    const forced = ['ipv6/conf/all/forwarding=0', 'ipv6/conf/c0/force_forwarding=1', 'ipv6/conf/s0/force_forwarding=1'];
    const by = sent(forced, '', 'fd00:2::2');
    assert.deepEqual([by.came, summaryOf(by.decision)], [true, 'forward s0']);
    made(1).shell('for each in c0 s0; do echo 0 >/proc/sys/net/ipv6/conf/$each/force_forwarding; done');
  });

  it('packets that are forwarded are those of root to rules that ask', () => {
    const router = made(1);
    for (const [target, way] of [
      ['10.2.0.2', ''],
      ['fd00:2::2', '-6 '],
    ] as const) {
      for (const [users, came, summary] of [
        ['0-0', false, 'drop prohibit'],
        ['1-100', true, 'forward s0'],
      ] as const) {
        assert.equal(router.configure([`${way}rule add pref 5 iif c0 uidrange ${users} prohibit`]), '');
        const answer = sent([], '', target);
        assert.equal(router.configure([`${way}rule del pref 5`]), '');
        assert.deepEqual([answer.came, summaryOf(answer.decision)], [came, summary], `${target} ${users}`);
      }
    }
  });
});

const usual = [
  'ipv4/ip_forward=0',
  'ipv4/ip_forward=1',
  'ipv4/conf/c0/rp_filter=0',
  'ipv6/conf/all/forwarding=0',
  'ipv6/conf/all/forwarding=1',
];

function cable(a: KernelHost, deviceA: string, b: KernelHost, deviceB: string): void {
  execFileSync('ip', ['link', 'add', deviceA, 'netns', a.name, 'type', 'veth', 'peer', 'name', deviceB, 'netns', b.name]);
  a.configure([`link set ${deviceA} up`]);
  b.configure([`link set ${deviceB} up`]);
}

/** What the client has learned about the path would answer in the router's place. */
function forgetPath(client: KernelHost): void {
  client.shell('ip route flush cache; ip -6 route flush cache');
}

function mtuOf({
  decision,
  host,
  question,
}: {
  readonly decision: InputDecision;
  readonly host: LinuxHost;
  readonly question: Packet;
}): string {
  assert.ok(decision.kind === 'forward', summaryOf(decision));
  const decided = decideMtu(host, question, decision.ways[0]);
  return decided.kind === 'unknown' ? decided.reason : `${decided.kind} ${String(decided.mtu)}`;
}

function neighbourOf(decision: InputDecision, host: LinuxHost): string {
  assert.ok(decision.kind === 'forward', summaryOf(decision));
  return decideNeighbour(host, decision.ways[0]).kind;
}

/** Counters by `GROUP NAME`, of /proc/net/snmp and /proc/net/netstat. */
function countersOf(host: KernelHost): ReadonlyMap<string, number> {
  const lines = host.shell('cat /proc/net/snmp /proc/net/netstat').trim().split('\n');
  const counters = new Map<string, number>();
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const [group = '', ...names] = (lines[index] ?? '').split(' ');
    const [, ...values] = (lines[index + 1] ?? '').split(' ');
    for (const [at, name] of names.entries()) counters.set(`${group.replace(':', '')} ${name}`, Number(values[at]));
  }
  return counters;
}
