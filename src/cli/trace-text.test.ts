import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { keptTrace } from '../contract/api/trace.ts';
import type { AppliedFix, FindingAnswer, KeptTrace } from '../contract/api/trace.ts';
import { appliedText, doctorText } from './doctor-text.ts';
import { glyphsFor } from './glyphs.ts';
import { hop, step, traces } from './test-trace.ts';
import { effects } from './test-what-if.ts';
import { traceText } from './trace-text.ts';
import { whatIfText } from './what-if-text.ts';
import { textColumns } from './wrap.ts';
import { width } from './table.ts';

const directory = join(import.meta.dirname, 'golden');
const drawn = glyphsFor({ LANG: 'C.UTF-8' }, false);
const plain = glyphsFor({ LANG: 'C.UTF-8' }, true);

const broken = traces['broken-return'];
const [finding] = broken.findings;
const warning: FindingAnswer = { ...finding, code: 'FWD-NOT-PERSISTED', severity: 'warning', fixes: [], quote: null };
const applied: AppliedFix = {
  code: 'FWD-OFF',
  connectorId: 'c',
  connectorName: 'hq-1',
  title: 'Turn forwarding on',
  action: { kind: 'sysctl', name: 'net/ipv4/ip_forward', value: 1 },
  done: true,
  words: 'it is 1',
  remains: false,
  undo: ['sysctl -w net.ipv4.ip_forward=0'],
  trace: traces.works,
};

const goldens: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(traces).map(([verdict, trace]) => [`trace-${verdict}`, traceText(trace, drawn, false)])),
  'trace-verbose': traceText(traces.works, drawn, true),
  'trace-ascii': traceText(broken, plain, false),
  'doctor-findings': doctorText([...broken.findings, warning], drawn),
  'doctor-nothing': doctorText([], drawn),
  'doctor-applied': [
    appliedText(applied, drawn),
    appliedText({ ...applied, done: false, remains: true, words: 'not permitted', undo: [], trace: null }, drawn),
    appliedText({ ...applied, remains: null, trace: null }, drawn),
  ].join('\n'),
  ...Object.fromEntries(Object.entries(effects).map(([name, effect]) => [`what-if-${name}`, whatIfText(effect, drawn)])),
  'what-if-ascii': whatIfText(effects.breaks, plain),
};

if (process.env['RENEW_GOLDEN'] === '1') {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  for (const [name, text] of Object.entries(goldens)) writeFileSync(join(directory, `${name}.txt`), text);
}

describe('what causeway trace, doctor and what-if write', () => {
  for (const [name, text] of Object.entries(goldens)) {
    test(`is what golden/${name}.txt shows`, () => {
      assert.equal(text, readFileSync(join(directory, `${name}.txt`), 'utf8'));
    });
  }

  test('golden/ has no other file', () => {
    assert.deepEqual(
      readdirSync(directory).toSorted(),
      Object.keys(goldens)
        .map((name) => `${name}.txt`)
        .toSorted(),
    );
  });

  test('the traces are what the contract says', () => {
    for (const trace of Object.values(traces)) assert.deepEqual(keptTrace.parse(trace), trace);
  });
});

describe('text that comes from outside', () => {
  const nasty = '\u001b[31mred\u202e\n\r\u0007 end';
  /** Words of closed lists, and what the contract checks otherwise. */
  const checked =
    'verdict confidence ending stage result evidence code severity hiddenBy canApply answer protocol probe askedAt observedAt at'.split(
      ' ',
    );
  const dirty = (key: string, value: unknown): unknown =>
    typeof value === 'string' && !checked.includes(key) && !/^[0-9a-f-]{36}$/.test(value) ? `${value}${nasty}` : value;
  const hostile = JSON.parse(
    JSON.stringify({ ...broken, probes: traces.unknown.probes }, function (this: unknown, key, value: unknown) {
      return isNode(this) && key === 'kind' ? value : dirty(key, value);
    }),
  ) as KeptTrace;

  test('reaches the terminal without control characters', () => {
    for (const verbose of [false, true]) {
      for (const text of [traceText(hostile, drawn, verbose), doctorText(hostile.findings, drawn)]) {
        assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
      }
    }
  });

  test('with --ascii no other signs than those of ASCII are ours', () => {
    assert.doesNotMatch(traceText(broken, plain, true), /[^\x20-\x7e\n]/);
    assert.doesNotMatch(doctorText(broken.findings, plain), /[^\x20-\x7e\n]/);
  });

  test('keeps within the columns but for commands, whatever the names', () => {
    const long = 'a very long name '.repeat(40).trim();
    const wide: KeptTrace = {
      ...broken,
      summary: long,
      remarks: [long],
      forward: {
        ending: 'delivered',
        hops: [hop('device', long.replaceAll(' ', ''), step('client-route', 'pass', long)), ...broken.forward.hops],
      },
      findings: [{ ...finding, title: long, explanation: long.replaceAll(' ', '-'), quote: long, fixes: [] }],
    };
    for (const line of traceText(wide, drawn, false).split('\n'))
      assert.ok(width(line) <= textColumns, `${String(width(line))}: ${line}`);
  });
});

function isNode(holder: unknown): boolean {
  return typeof holder === 'object' && holder !== null && 'label' in holder;
}

describe('glyphs', () => {
  const cases: readonly (readonly [Readonly<Record<string, string>>, boolean, string])[] = [
    [{ LANG: 'en_US.UTF-8' }, false, '→'],
    [{ LANG: 'en_US.utf8' }, false, '→'],
    [{ LANG: 'en_US.UTF-8' }, true, '->'],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false, '->'],
    [{ LANG: 'C', LC_ALL: '', LC_CTYPE: 'C.UTF-8' }, false, '→'],
    [{}, false, '->'],
  ];
  for (const [environment, ascii, there] of cases) {
    test(`${JSON.stringify(environment)}${ascii ? ' --ascii' : ''}: ${there}`, () => {
      assert.equal(glyphsFor(environment, ascii).there, there);
    });
  }
});
