import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { evaluateHook } from './evaluate-hook.ts';
import type { HookResult } from './evaluate-hook.ts';
import type { HookContext } from './hook-context.ts';
import { readRules } from './read-rules.ts';
import type { RuleSections } from './read-rules.ts';
import type { TestFlow } from './testing/flow.ts';
import { predict } from './testing/predict.ts';
import { address, atPostrouting, atPrerouting, forwarded, syn } from './testing/sample.ts';

const golden = join(import.meta.dirname, 'golden');

type Recording = {
  readonly sections: RuleSections;
  readonly flow?: TestFlow;
  readonly kernel?: { readonly arrivedAs: string | null; readonly answered: boolean | null };
};

function recording(name: string): Recording {
  return JSON.parse(readFileSync(join(golden, name), 'utf8')) as Recording;
}

/** One line of what matters: verdict, whose, where, which rule. */
function told(result: HookResult): string {
  if (result.verdict === 'accept')
    return result.effects.translation.kind === 'none' ? 'accept' : `accept, ${result.effects.translation.kind}`;
  const { by } = result;
  const place = by === null ? '' : `${by.owner ?? 'nobody'}: ${by.family} ${by.table} ${by.chain}: ${by.rule}`;
  return `${result.verdict} by ${place}${result.verdict === 'unknown' ? ` (${result.why})` : ''}`;
}

const answer: HookContext = {
  ...forwarded,
  packet: { ...syn, source: syn.destination, destination: syn.source, sourcePort: 443, destinationPort: 40_000, kind: 'syn-ack' },
  iifname: 'eth0',
  oifname: 'tun0',
  ct: { ...forwarded.ct, state: 'established', direction: 'reply' },
};
const toContainer: HookContext = {
  ...forwarded,
  packet: { ...syn, destination: address('172.17.0.2'), destinationPort: 81 },
  oifname: 'docker0',
};
const onEverything = { type: 'local', interface: 'lo' } as const;

const docker = 'docker-28.0-iptables-1.8.9-nft.json';
const libvirt = 'libvirt-9.0-iptables-1.8.9-nft.json';
const ufw = 'ufw-0.36.2-iptables-1.8.9-nft.json';
const firewalld = 'firewalld-1.3.3.json';

const cases: readonly (readonly [string, string, HookContext, string])[] = [
  [docker, 'from the tunnel to the LAN', forwarded, 'drop by docker: ip filter FORWARD: policy drop'],
  [docker, 'the answer', answer, 'drop by docker: ip filter FORWARD: policy drop'],
  [
    docker,
    'to a port of a container that is not published',
    toContainer,
    'drop by docker: ip filter DOCKER: -A DOCKER ! -i docker0 -o docker0 -j DROP',
  ],
  [
    docker,
    'to a published port of a container',
    { ...toContainer, packet: { ...toContainer.packet, destinationPort: 80 } },
    'accept',
  ],
  [
    docker,
    'to a container’s address from outside',
    { ...atPrerouting, packet: toContainer.packet, fib: () => ({ type: 'unicast', interface: 'docker0' }) },
    'drop by nobody: ip raw PREROUTING: -A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP',
  ],
  [
    docker,
    'to a published port of the machine',
    { ...atPrerouting, packet: { ...syn, destinationPort: 8080 }, fib: () => onEverything },
    'accept, dnat',
  ],
  [
    docker,
    'from a container outwards',
    { ...atPostrouting, iifname: 'docker0', packet: { ...syn, source: address('172.17.0.2') } },
    'accept, masquerade',
  ],
  [libvirt, 'from the tunnel to the LAN', forwarded, 'accept'],
  [
    libvirt,
    'from the tunnel to a guest',
    { ...forwarded, oifname: 'virbr0', packet: { ...syn, destination: address('192.168.122.7') } },
    'reject by libvirt: ip filter LIBVIRT_FWI: -A LIBVIRT_FWI -o virbr0 -j REJECT --reject-with icmp-port-unreachable',
  ],
  [
    libvirt,
    'from a guest outwards',
    { ...atPostrouting, iifname: 'virbr0', packet: { ...syn, source: address('192.168.122.7') } },
    'accept, masquerade',
  ],
  [ufw, 'on the allowed route', { ...forwarded, packet: { ...syn, destination: address('10.20.0.20') } }, 'accept'],
  [
    ufw,
    'to another port',
    { ...forwarded, packet: { ...syn, destinationPort: 80 } },
    'drop by ufw: ip filter FORWARD: policy drop',
  ],
  [ufw, 'the answer', answer, 'accept'],
  [
    ufw,
    'to its own SSH',
    { ...forwarded, hook: 'input', oifname: null, packet: { ...syn, destinationPort: 22 }, fib: () => onEverything },
    'accept',
  ],
  [
    ufw,
    'to another service of its own',
    { ...forwarded, hook: 'input', oifname: null, fib: () => onEverything },
    'drop by ufw: ip filter INPUT: policy drop',
  ],
  [firewalld, 'from a trusted zone to a public one', forwarded, 'accept'],
  [
    firewalld,
    'from the public zone',
    {
      ...forwarded,
      iifname: 'eth0',
      oifname: 'tun0',
      packet: { ...syn, source: address('10.20.0.20'), destination: address('100.96.0.13') },
    },
    'reject by firewalld: inet firewalld filter_FWD_public: reject with icmpx type admin-prohibited',
  ],
  [firewalld, 'the answer', answer, 'accept'],
];

describe('rules recorded from other software', () => {
  for (const [file, what, context, wanted] of cases) {
    it(`${file}: ${what}`, () => assert.equal(told(evaluateHook(readRules(recording(file).sections), context)), wanted));
  }

  it('without iptables-save: what nft leaves out is not guessed', () => {
    const { nft } = recording(ufw).sections;
    assert.equal(told(evaluateHook(readRules({ nft }), forwarded)), 'accept', 'whatever the rules are that it cannot read');
    const result = evaluateHook(readRules({ nft }), { ...forwarded, packet: { ...syn, destinationPort: 80 } });
    assert.equal(
      told(result),
      'unknown by ufw: ip filter ufw-before-forward: xt match "conntrack" counter accept (xt match conntrack, whose arguments nft does not print)',
    );
  });
});

describe('packets that the kernel has decided', () => {
  for (const file of readdirSync(golden).filter((name) => name.startsWith('kernel-'))) {
    it(file, () => {
      const { sections, flow, kernel } = recording(file);
      assert.ok(flow !== undefined && kernel !== undefined);
      const { seenAs, answered } = predict(readRules(sections), flow);
      if (kernel.arrivedAs !== null) assert.equal(seenAs, kernel.arrivedAs);
      assert.equal(answered, kernel.answered);
    });
  }
});
