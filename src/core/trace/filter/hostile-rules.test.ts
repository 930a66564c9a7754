import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { evaluateHook } from './evaluate-hook.ts';
import type { HookContext } from './hook-context.ts';
import { readRules } from './read-rules.ts';
import type { RuleSections } from './read-rules.ts';
import { atPostrouting, atPrerouting, field, forwarded, listing, match, oneChain, syn } from './testing/sample.ts';

const contexts: readonly HookContext[] = [
  atPrerouting,
  forwarded,
  atPostrouting,
  { ...forwarded, hook: 'input', oifname: null },
  { ...forwarded, hook: 'output', iifname: null },
  { ...forwarded, hook: 'ingress', oifname: null },
];

/** Reading and evaluating at every hook gives an answer, and in time. */
function answers(sections: RuleSections): void {
  const rules = readRules(sections);
  for (const context of contexts) {
    assert.match(evaluateHook(rules, context).verdict, /^(accept|drop|reject|unknown)$/);
  }
}

const golden = join(import.meta.dirname, 'golden');
const recordings = readdirSync(golden)
  .filter((name) => name.endsWith('.json'))
  .map((name) => (JSON.parse(readFileSync(join(golden, name), 'utf8')) as { readonly sections: RuleSections }).sections);

/** Values in the places of rules: what nft prints, mixed with anything. */
const words = [
  'match',
  'left',
  'right',
  'op',
  'meta',
  'key',
  'payload',
  'set',
  'map',
  'vmap',
  'jump',
  'target',
  'concat',
  'range',
  'prefix',
  'addr',
  'len',
].concat([
  'elem',
  'val',
  'expr',
  'snat',
  'mangle',
  'value',
  'ct',
  'fib',
  'flags',
  'result',
  '&',
  '|',
  '__proto__',
  'constructor',
  'iifname',
  'mark',
]);
const json = fc.letrec<{ readonly value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('@s', '10.0.0.0', 'base', 'tcp', '==', '*', 'accept', 'saddr', 'ip', 'state', -1, 2 ** 40, 0.5, null, true),
    fc.string(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...words), tie('value'), { maxKeys: 3 }),
  ),
})).value;

describe('rules that nobody in his right mind would send', () => {
  it('anything in the place of expressions, elements and types', () => {
    fc.assert(
      fc.property(fc.array(fc.array(json, { maxLength: 4 }), { maxLength: 4 }), json, json, (rules, elements, type) => {
        const set = { set: { family: 'inet', table: 't', name: 's', type, elem: elements } };
        const chains = oneChain({ hook: 'forward' }, rules as object[][], [set]);
        answers({ nft: listing(...chains) });
      }),
      { numRuns: 300 },
    );
  });

  it('real rules, cut off anywhere', () => {
    fc.assert(
      fc.property(fc.constantFrom(...recordings), fc.double({ min: 0, max: 1, noNaN: true }), (sections, part) => {
        const cut = (text = ''): string => text.slice(0, Math.floor(text.length * part));
        answers({ nft: cut(sections.nft) });
        answers({ nft: listing(), iptablesLegacy: cut(sections.iptablesNft) });
        answers({ ...sections, iptablesNft: cut(sections.iptablesNft) });
      }),
      { numRuns: 100 },
    );
  });

  it('real rules with a piece of noise in iptables’ text', () => {
    const texts = recordings.flatMap(({ iptablesNft }) => (iptablesNft === undefined ? [] : [iptablesNft]));
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), fc.string({ maxLength: 8 }), (text, at, noise) => {
        const place = at % text.length;
        answers({ nft: listing(), iptablesLegacy: text.slice(0, place) + noise + text.slice(place + noise.length) });
      }),
      { numRuns: 200 },
    );
  });

  it('text that is no JSON, or says why there is none, is not known', () => {
    for (const nft of ['', 'x', '[]', '{"nftables":{}}', 'too large: 900000 bytes\n', undefined]) {
      const result = evaluateHook(readRules({ nft }), forwarded);
      assert.equal(result.verdict, 'unknown', nft ?? 'none');
    }
    const legacy = evaluateHook(readRules({ nft: listing(), iptablesLegacy: '*filter\n:FORWARD DROP\n' }), forwarded);
    assert.deepEqual(legacy, { verdict: 'unknown', by: null, why: 'the rules of iptables-legacy are cut off', passed: [] });
  });

  it('chains that jump in circles end in unknown', () => {
    for (const way of ['jump', 'goto']) {
      const result = evaluateHook(
        readRules({ nft: listing(...oneChain({ hook: 'forward' }, [[{ [way]: { target: 'base' } }]])) }),
        forwarded,
      );
      assert.equal(result.verdict, 'unknown');
    }
  });

  it('nesting as deep as the text allows', () => {
    let left: unknown = { meta: { key: 'mark' } };
    for (let depth = 0; depth < 5_000; depth += 1) left = { '&': [left, 1] };
    answers({ nft: listing(...oneChain({ hook: 'forward' }, [[{ match: { op: '==', left, right: 1 } }]])) });
  });

  it('many rules that cannot be decided are not all combinations of them', () => {
    const undecided = Array.from({ length: 1_000 }, (_, index) => [
      { limit: { rate: 1, per: 'second' } },
      { jump: { target: `c${String(index)}` } },
    ]);
    const chains = undecided.map((_, index) => ({ chain: { family: 'inet', table: 't', name: `c${String(index)}` } }));
    const result = evaluateHook(readRules({ nft: listing(...oneChain({ hook: 'forward' }, undecided, chains)) }), forwarded);
    assert.equal(result.verdict, 'accept');
  });

  it('50,000 rules of nft and as many of iptables are read and walked in about a second', (t) => {
    const rules = Array.from({ length: 50_000 }, (_, index) => [
      match(field('ip', 'saddr'), { prefix: { addr: `172.${String(index >> 8)}.${String(index & 255)}.0`, len: 24 } }),
      match(field('tcp', 'dport'), { set: [80, { range: [1000, 2000] }] }),
      { drop: null },
    ]);
    const save = [
      '*filter',
      ':FORWARD ACCEPT',
      ...rules.map((_, index) => `-A FORWARD -s 172.16.${String(index & 255)}.0/24 -p tcp -m tcp --dport 80 -j DROP`),
      'COMMIT',
      '',
    ];
    const sections = { nft: listing(...oneChain({ hook: 'forward' }, rules)), iptablesLegacy: save.join('\n') };
    // Time of this process, since others share the machine.
    const before = process.cpuUsage();
    const read = readRules(sections);
    const readAt = process.cpuUsage(before);
    assert.equal(evaluateHook(read, { ...forwarded, packet: { ...syn, destinationPort: 443 } }).verdict, 'accept');
    const first = process.cpuUsage(before);
    assert.equal(evaluateHook(read, forwarded).verdict, 'accept');
    const second = process.cpuUsage(before);
    const ms = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;
    t.diagnostic(
      `50,000 rules of nft and 50,000 of iptables: read ${ms(readAt).toFixed(0)} ms, first packet ${(ms(first) - ms(readAt)).toFixed(0)} ms, next ${(ms(second) - ms(first)).toFixed(0)} ms`,
    );
    assert.ok(ms(first) < 3_000, 'both together');
  });
});
