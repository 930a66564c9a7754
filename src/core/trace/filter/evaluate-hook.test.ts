import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatAddress } from '../../ip/address.ts';
import { evaluateHook } from './evaluate-hook.ts';
import type { HookResult } from './evaluate-hook.ts';
import type { HookContext } from './hook-context.ts';
import { readRules } from './read-rules.ts';
import { address, atPostrouting, atPrerouting, field, forwarded, listing, match, oneChain, syn } from './testing/sample.ts';

const meta = (key: string): object => ({ meta: { key } });
const ct = (key: string): object => ({ ct: { key } });
const drop = { drop: null };
const accept = { accept: null };
const limit = { limit: { rate: 5, burst: 5, per: 'second' } };
const xt = (type: string, name: string): object => ({ xt: { type, name } });
const setMark = (value: unknown): object => ({ mangle: { key: meta('mark'), value } });

function nft(...objects: readonly object[]): ReturnType<typeof readRules> {
  return readRules({ nft: listing(...objects) });
}

function legacy(...lines: readonly string[]): ReturnType<typeof readRules> {
  return readRules({ nft: listing(), iptablesLegacy: [...lines, 'COMMIT', ''].join('\n') });
}

function told(result: HookResult): string {
  switch (result.verdict) {
    case 'accept':
      return 'accept';
    case 'unknown':
      return `unknown: ${result.why}`;
    default:
      return `${result.verdict}: ${result.by.rule}`;
  }
}

const verdicts: readonly (readonly [string, ReturnType<typeof readRules>, HookContext, string])[] = [
  [
    'a limit before an accept, where the rest drops',
    nft(...oneChain({ hook: 'forward', policy: 'drop' }, [[limit, accept]])),
    forwarded,
    'unknown: limit',
  ],
  [
    'a limit before an accept, where the rest accepts',
    nft(...oneChain({ hook: 'forward' }, [[limit, accept]])),
    forwarded,
    'accept',
  ],
  [
    'a limit before a drop, and a drop after it',
    nft(...oneChain({ hook: 'forward' }, [[limit, drop], [drop]])),
    forwarded,
    'drop: limit rate 5/second drop',
  ],
  [
    'a mark that nft does not print, which nobody asks for',
    nft(...oneChain({ hook: 'forward' }, [[xt('target', 'MARK')]])),
    forwarded,
    'accept',
  ],
  [
    'a mark that nft does not print, and a drop of marks',
    nft(...oneChain({ hook: 'forward' }, [[xt('target', 'MARK')], [match(meta('mark'), 5), drop]])),
    forwarded,
    'unknown: the mark',
  ],
  ['a queue', nft(...oneChain({ hook: 'forward' }, [[{ queue: { num: 1 } }]])), forwarded, 'unknown: queue'],
  ['a statement of a newer nft', nft(...oneChain({ hook: 'forward' }, [[{ hologram: {} }]])), forwarded, 'unknown: hologram'],
  [
    'a queue for others',
    nft(...oneChain({ hook: 'forward' }, [[match(meta('l4proto'), 'udp'), { queue: {} }]])),
    forwarded,
    'accept',
  ],
  [
    'a table that nft 1.0.6 may mean to call dormant',
    nft({ table: { family: 'inet', name: 't', flags: 'Lester Gooch #5' } }, ...oneChain({ hook: 'forward', policy: 'drop' }, [])),
    forwarded,
    'unknown: its table has flags that this version of nft does not print right: it may be dormant',
  ],
  [
    'a dormant table',
    nft({ table: { family: 'inet', name: 't', flags: ['dormant'] } }, ...oneChain({ hook: 'forward', policy: 'drop' }, [])),
    forwarded,
    'accept',
  ],
  [
    'before conntrack every packet is invalid',
    nft(...oneChain({ hook: 'prerouting', prio: -300 }, [[match(ct('state'), 'invalid', 'in'), drop]])),
    atPrerouting,
    'drop: ct state invalid drop',
  ],
  [
    'the reverse path, where nobody knows routes',
    nft(...oneChain({ hook: 'prerouting' }, [[match({ fib: { result: 'oif', flags: ['saddr', 'iif'] } }, false), drop]])),
    atPrerouting,
    'unknown: a look at the routes (fib)',
  ],
  [
    'the reverse path, where there is none',
    nft(...oneChain({ hook: 'prerouting' }, [[match({ fib: { result: 'oif', flags: ['saddr', 'iif'] } }, false), drop]])),
    { ...atPrerouting, fib: () => ({ type: 'unicast', interface: null }) },
    'drop: fib saddr . iif oif missing drop',
  ],
  [
    'anything else in a verdict map',
    nft(
      ...oneChain({ hook: 'forward' }, [
        [
          {
            vmap: {
              key: field('tcp', 'dport'),
              data: {
                set: [
                  ['*', drop],
                  [443, accept],
                ],
              },
            },
          },
        ],
      ]),
    ),
    forwarded,
    'accept',
  ],
  ['a chain of the other family', nft(...oneChain({ hook: 'forward', family: 'ip6', policy: 'drop' }, [])), forwarded, 'accept'],
  ['a bridge’s chain', nft(...oneChain({ hook: 'forward', family: 'bridge', policy: 'drop' }, [])), forwarded, 'accept'],
  [
    'ingress of a device that is not told',
    nft(...oneChain({ hook: 'ingress', family: 'netdev' }, [[drop]])),
    { ...forwarded, hook: 'ingress' },
    'unknown: this version of nft does not print to which device it belongs',
  ],
  [
    'ingress that holds nothing',
    nft(...oneChain({ hook: 'ingress', family: 'netdev' }, [])),
    { ...forwarded, hook: 'ingress' },
    'accept',
  ],
  [
    'ICMPv6 has its own types',
    nft(...oneChain({ hook: 'forward' }, [[match(field('icmpv6', 'type'), { set: ['echo-request'] }), drop]])),
    {
      ...forwarded,
      packet: { ...syn, source: address('fd00::1'), destination: address('fd00::2'), protocol: 'icmp', kind: 'echo-request' },
    },
    'drop: icmpv6 type { echo-request } drop',
  ],
  [
    'a reset is for TCP only',
    nft(...oneChain({ hook: 'forward' }, [[{ reject: { type: 'tcp reset' } }], [drop]])),
    { ...forwarded, packet: { ...syn, protocol: 'udp', kind: 'datagram' } },
    'drop: drop',
  ],
  [
    'iptables: an ipset',
    legacy('*filter', ':FORWARD ACCEPT', '-A FORWARD -m set --match-set bad src -j DROP'),
    forwarded,
    'unknown: match set',
  ],
  [
    'iptables: a target of the future',
    legacy('*filter', ':FORWARD ACCEPT', '-A FORWARD -j WARP --to 9'),
    forwarded,
    'unknown: target WARP',
  ],
  [
    'iptables: its own interface',
    legacy('*filter', ':FORWARD DROP', '-A FORWARD -i tun+ ! -o tun+ -j ACCEPT'),
    forwarded,
    'accept',
  ],
  [
    'iptables: another interface',
    legacy('*filter', ':FORWARD DROP', '-A FORWARD -i tun1+ -j ACCEPT'),
    forwarded,
    'drop: policy drop',
  ],
];

describe('what rules do with a packet', () => {
  for (const [what, rules, context, wanted] of verdicts) {
    it(what, () => assert.equal(told(evaluateHook(rules, context)), wanted));
  }

  it('chains run by priority over all tables, and of equals the later one first', () => {
    const named = (name: string, prio: number): object[] => [
      { chain: { family: 'inet', table: name, name, type: 'filter', hook: 'forward', prio, policy: 'accept' } },
    ];
    const result = evaluateHook(
      readRules({
        nft: listing(...named('a', 0), ...named('b', 0), ...named('c', -10)),
        iptablesLegacy: '*mangle\n:FORWARD ACCEPT\nCOMMIT\n',
      }),
      forwarded,
    );
    assert.deepEqual(
      result.passed.map(({ table }) => table),
      ['mangle', 'c', 'b', 'a'],
    );
  });

  it('marks go with the packet, by map and mask', () => {
    const byPort = { map: { key: field('tcp', 'dport'), data: { set: [[443, 0x12]] } } };
    const result = evaluateHook(
      nft(...oneChain({ hook: 'forward' }, [[setMark(byPort)], [setMark({ '|': [{ '&': [meta('mark'), 0xf0] }, 1] })]])),
      forwarded,
    );
    assert.ok(result.verdict === 'accept' && result.effects.mark === 0x11);
  });

  it('a clamp of the segment size is told, of SYNs', () => {
    const clamp = { mangle: { key: { 'tcp option': { name: 'maxseg', field: 'size' } }, value: { rt: { key: 'mtu' } } } };
    const flags = { '&': [field('tcp', 'flags'), ['syn', 'rst']] };
    const result = evaluateHook(nft(...oneChain({ hook: 'forward' }, [[match(flags, 'syn'), clamp]])), forwarded);
    assert.ok(result.verdict === 'accept' && result.effects.clampMss === 'route');
  });

  it('flows that are offloaded, bridges and rules without arguments are noted', () => {
    const { notes } = nft(
      { flowtable: { family: 'inet', table: 't', name: 'fast' } },
      ...oneChain({ hook: 'forward' }, [[xt('target', 'LOG')]]),
      {
        table: { family: 'bridge', name: 'b' },
      },
    );
    assert.deepEqual(notes, [
      'table inet t: flows in flowtable fast pass no rules after their first packets',
      'table inet t: 1 rules of iptables came without their arguments',
      'table bridge b: rules for bridged frames are not followed',
    ]);
  });

  it('notrack is told', () => {
    const result = evaluateHook(legacy('*raw', ':PREROUTING ACCEPT', '-A PREROUTING -p tcp -j CT --notrack'), atPrerouting);
    assert.ok(result.verdict === 'accept' && !result.effects.tracked);
  });
});

/** What NAT makes of the packet: `kind source:port -> destination:port`. */
function translated(rules: ReturnType<typeof readRules>, context: HookContext): string {
  const result = evaluateHook(rules, context);
  if (result.verdict !== 'accept') return told(result);
  const { packet, translation } = result.effects;
  if (packet === null) return `${translation.kind} unknown`;
  const end = (host: typeof packet.source, port: number): string => `${formatAddress(host)}:${String(port)}`;
  return `${translation.kind} ${end(packet.source, packet.sourcePort)} -> ${end(packet.destination, packet.destinationPort)}`;
}

const masquerade = oneChain({ hook: 'postrouting', type: 'nat', prio: 100 }, [[{ masquerade: null }]]);
const nat = (hook: string, ...rules: readonly (readonly object[])[]): ReturnType<typeof readRules> =>
  nft(...oneChain({ hook, type: 'nat' }, rules));
const prefix = (addr: string): object => ({ prefix: { addr, len: 24 } });

const translations: readonly (readonly [string, ReturnType<typeof readRules>, HookContext, string])[] = [
  ['masquerade', nft(...masquerade), atPostrouting, 'masquerade 10.20.0.5:40000 -> 10.20.0.20:443'],
  [
    'masquerade, where the address is not known',
    nft(...masquerade),
    { ...atPostrouting, ownAddress: null },
    'masquerade unknown',
  ],
  [
    'only the first packet is asked about',
    nft(...masquerade),
    { ...atPostrouting, nat: { kind: 'none' } },
    'none 100.96.0.13:40000 -> 10.20.0.20:443',
  ],
  [
    'a later packet is changed as the first one was',
    nft(...masquerade),
    { ...atPostrouting, nat: { kind: 'mapped', packet: { ...syn, source: address('10.20.0.9') } } },
    'none 10.20.0.9:40000 -> 10.20.0.20:443',
  ],
  [
    'one of several addresses',
    nat('postrouting', [{ snat: { family: 'ip', addr: { range: ['10.20.0.6', '10.20.0.7'] } } }]),
    atPostrouting,
    'snat unknown',
  ],
  [
    'the network part only',
    nat('postrouting', [{ snat: { family: 'ip', addr: prefix('10.99.0.0'), flags: 'netmap', type_flags: 'prefix' } }]),
    atPostrouting,
    'snat 10.99.0.13:40000 -> 10.20.0.20:443',
  ],
  [
    'the first table that maps wins',
    nat('postrouting', [{ snat: { family: 'ip', addr: '10.20.0.6' } }], [{ masquerade: null }]),
    atPostrouting,
    'snat 10.20.0.6:40000 -> 10.20.0.20:443',
  ],
  [
    'address and port from a map',
    nat('prerouting', [
      {
        dnat: {
          family: 'ip',
          addr: { map: { key: field('tcp', 'dport'), data: { set: [[443, { concat: ['10.20.0.7', 8443] }]] } } },
        },
      },
    ]),
    atPrerouting,
    'dnat 100.96.0.13:40000 -> 10.20.0.7:8443',
  ],
  [
    'a map without the key',
    nat('prerouting', [
      { dnat: { family: 'ip', addr: { map: { key: field('tcp', 'dport'), data: { set: [[80, '10.20.0.7']] } } } } },
    ]),
    atPrerouting,
    'none 100.96.0.13:40000 -> 10.20.0.20:443',
  ],
  [
    'the other family',
    nat('prerouting', [{ dnat: { family: 'ip6', addr: 'fd00::1' } }]),
    atPrerouting,
    'none 100.96.0.13:40000 -> 10.20.0.20:443',
  ],
  ['in half of the cases', nat('postrouting', [limit, { masquerade: null }]), atPostrouting, 'unknown unknown'],
  ['iptables-nft without arguments', nat('prerouting', [xt('target', 'DNAT')]), atPrerouting, 'dnat unknown'],
  [
    'iptables: NETMAP',
    legacy('*nat', ':PREROUTING ACCEPT', ':POSTROUTING ACCEPT', '-A PREROUTING -d 10.20.0.0/24 -j NETMAP --to 192.168.7.0/24'),
    atPrerouting,
    'netmap 100.96.0.13:40000 -> 192.168.7.20:443',
  ],
  [
    'iptables: DNAT to a port',
    legacy('*nat', ':PREROUTING ACCEPT', '-A PREROUTING -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.20.0.7:8443'),
    atPrerouting,
    'dnat 100.96.0.13:40000 -> 10.20.0.7:8443',
  ],
  [
    'iptables: a random port',
    legacy('*nat', ':POSTROUTING ACCEPT', '-A POSTROUTING -j MASQUERADE --random-fully'),
    atPostrouting,
    'masquerade unknown',
  ],
];

describe('what NAT makes of a packet', () => {
  for (const [what, rules, context, wanted] of translations) {
    it(what, () => assert.equal(translated(rules, context), wanted));
  }
});
