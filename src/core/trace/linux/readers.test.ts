import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { strictAddress } from '../../ip/address.ts';
import type { Packet } from '../packet.ts';
import { decideMtu, decideNeighbour } from './decide-exit.ts';
import { decideInput } from './decide-input.ts';
import { decideOutput } from './decide-output.ts';
import type { LinuxHost } from './linux-host.ts';
import { readLinuxHost } from './linux-host.ts';
import { summaryOf } from './test-decision-summary.ts';
import type { Recorded } from './test-golden-hosts.ts';

const observedAt = '2026-01-01T00:00:00Z';
const { sections } = JSON.parse(readFileSync(join(import.meta.dirname, 'golden/connector.json'), 'utf8')) as Recorded;

/** The golden connector with some sections otherwise; null takes one away. */
function connector(changes: Readonly<Record<string, string | null>> = {}): LinuxHost {
  const bodies = Object.entries({ ...sections, ...changes }).flatMap(([name, body]) =>
    body === null ? [] : [[name, { body, observedAt }] as const],
  );
  return readLinuxHost({ sections: new Map(bodies) });
}

const packet: Packet = {
  source: strictAddress('100.96.0.13'),
  destination: strictAddress('10.0.0.20'),
  protocol: 'tcp',
  sourcePort: 40000,
  destinationPort: 443,
  kind: 'syn',
  bytes: 60,
  dontFragment: true,
  ttl: 64,
};
const arrive = (host: LinuxHost, mark = 0) => decideInput(host, { packet, iif: 'tun0', mark });

describe('what the agent did not report', () => {
  it('is named in the answer', () => {
    assert.equal(summaryOf(arrive(connector())), 'forward lan0');
    const cases: readonly (readonly [Readonly<Record<string, string | null>>, RegExp])[] = [
      [{ addr: null }, /did not report its section addr/],
      [{ rule: 'too large: 200000 bytes\n' }, /section rule was too large to be reported, 200000 bytes/],
      [{ route: (sections['route'] ?? '').slice(0, 500) }, /section route is not a whole JSON list/],
      [{ route: '{}' }, /section route is not a whole JSON list/],
      [{ route: '[{"dst":"10.0.0.0/33","dev":"lan0"}]' }, /entry 1 of the section route cannot be read/],
      [{ sysctl: null }, /did not report its section sysctl/],
      [
        { sysctl: 'net/ipv4/conf/all/rp_filter=0\nnet/ipv4/conf/tun0/rp_fil' },
        /net\/ipv4\/conf\/tun0\/forwarding was not reported/,
      ],
      [{ rule: '[{"priority":0,"src":"all","table":"local","sport_mask":"0xf"}]' }, /has sport_mask, which is not modelled/],
      [{ route: '[{"dst":"10.0.0.0/24","dev":"lan0","encap":"mpls"}]' }, /has encap, which is not modelled/],
      [{ route: '[{"dst":"10.0.0.0/24","nhid":7,"flags":[]}]' }, /no next hop is reported/],
    ];
    for (const [changes, reason] of cases) {
      const decision = arrive(connector(changes));
      assert.ok(decision.kind === 'unknown', `${JSON.stringify(changes)}: ${summaryOf(decision)}`);
      assert.match(decision.reason, reason);
    }
  });

  it('does not matter where the decision does not need it', () => {
    for (const name of ['neigh', 'rule6', 'route6', 'link', 'agent']) {
      assert.equal(summaryOf(arrive(connector({ [name]: null }))), 'forward lan0', name);
    }
    // A rule that asks for a mark makes src_valid_mark count, for packets with one.
    const rules =
      '[{"priority":0,"src":"all","table":"local"},{"priority":9,"src":"all","fwmark":"0x9","table":"9"},{"priority":32766,"src":"all","table":"main"}]';
    const sysctl = (sections['sysctl'] ?? '').replace(/^.*src_valid_mark.*\n/gm, '');
    assert.equal(summaryOf(arrive(connector({ rule: rules, sysctl }))), 'forward lan0');
    assert.equal(summaryOf(arrive(connector({ rule: rules, sysctl }), 1)), 'unknown');
  });
});

describe('decisions quote the machine', () => {
  it('the route, the rule and the setting', () => {
    const decision = arrive(connector());
    assert.ok(decision.kind === 'forward');
    assert.equal(decision.route.route.text, '10.0.0.0/24 dev lan0 proto kernel scope link src 10.0.0.10');
    assert.equal(decision.route.rule.text, '32766: from all lookup main');
    assert.equal(decision.route.route.observedAt, observedAt);
    assert.deepEqual(decision.source.filter, {
      mode: 'strict',
      sysctl: { path: 'net/ipv4/conf/tun0/rp_filter', value: 1, observedAt },
    });
    assert.equal(decision.source.reverse?.route.text, '100.96.0.0/11 dev tun0 scope link linkdown');
  });
});

describe('on the way out', () => {
  const way = { interface: 'lan0', nextHop: packet.destination, gateway: null, mtu: null };

  it("the route's MTU counts alone, else the interface's", () => {
    const host = connector();
    const kind = (bytes: number, mtu: number | null, dontFragment = true) =>
      decideMtu(host, { ...packet, bytes, dontFragment }, { ...way, mtu }).kind;
    assert.deepEqual([kind(1500, null), kind(1501, null), kind(1501, null, false)], ['fits', 'too-big', 'fragmented']);
    assert.deepEqual([kind(1401, 1400), kind(1600, 9000)], ['too-big', 'fits']);
    assert.equal(decideMtu(connector({ addr: null }), packet, way).kind, 'unknown');
  });

  it('neighbours are those of the next hop on that interface', () => {
    const states = { REACHABLE: 'answers', STALE: 'answers', PERMANENT: 'answers', FAILED: 'no-answer', INCOMPLETE: 'no-answer' };
    for (const [state, kind] of Object.entries(states)) {
      const neigh = JSON.stringify([{ dst: '10.0.0.20', dev: 'lan0', lladdr: '02:00:00:00:00:01', state: [state] }]);
      assert.equal(decideNeighbour(connector({ neigh }), way).kind, kind);
    }
    const elsewhere = JSON.stringify([
      { dst: '10.0.0.20', dev: 'wan0', state: ['FAILED'] },
      { dst: '10.0.0.20', dev: 'lan0', proxy: null },
    ]);
    assert.equal(decideNeighbour(connector({ neigh: elsewhere }), way).kind, 'not-asked');
    assert.equal(decideNeighbour(connector(), { ...way, interface: 'tun0' }).kind, 'not-needed');
    assert.equal(decideNeighbour(connector({ neigh: null }), way).kind, 'unknown');
  });
});

describe('hostile observations', () => {
  const names = ['agent', 'addr', 'link', 'rule', 'rule6', 'route', 'route6', 'neigh', 'sysctl'] as const;
  const everyAnswer = (host: LinuxHost): void => {
    for (const mark of [0, 1]) arrive(host, mark);
    for (const oif of [null, 'lan0'])
      decideOutput(host, { packet: { ...packet, source: strictAddress('10.0.0.10') }, oif, mark: 1, user: null });
    const six = { ...packet, source: strictAddress('fd00::1'), destination: strictAddress('fd00:a::20') };
    decideInput(host, { packet: six, iif: 'lan0', mark: 0 });
    const way = { interface: 'lan0', nextHop: packet.destination, gateway: null, mtu: null };
    decideMtu(host, packet, way);
    decideNeighbour(host, way);
  };

  it('never throw, whatever the texts are', () => {
    const key = fc.constantFrom(
      'dst',
      'src',
      'srclen',
      'dev',
      'table',
      'priority',
      'flags',
      'nexthops',
      'gateway',
      'ifname',
      'addr_info',
      'mtu',
      '__proto__',
      'metrics',
      'via',
      'goto',
    );
    const value = fc.oneof(
      fc.constantFrom<unknown>(
        'all',
        'default',
        'lan0',
        'local',
        'main',
        24,
        -1,
        1e99,
        null,
        true,
        [],
        {},
        '10.0.0.0/8',
        '::',
        '\u0000\u001b[2J',
      ),
      fc.jsonValue(),
    );
    const records = fc.array(fc.dictionary(key, value)).map((list) => JSON.stringify(list));
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.oneof(records, fc.json(), fc.string()), (name, body) => {
        everyAnswer(connector({ [name]: body }));
      }),
      { numRuns: 200 },
    );
  });

  it('cut anywhere, a section is not known or whole', () => {
    for (const name of names) {
      const body = sections[name] ?? '';
      for (let end = 0; end < body.length; end += Math.max(1, Math.floor(body.length / 50)))
        everyAnswer(connector({ [name]: body.slice(0, end) }));
    }
  });

  it('rules that lead round in a circle end', () => {
    const circle = [2, 1].map((goto, index) => ({ priority: index + 1, src: 'all', goto }));
    assert.equal(summaryOf(arrive(connector({ rule: JSON.stringify(circle) }))), 'drop no-route');
  });
});
