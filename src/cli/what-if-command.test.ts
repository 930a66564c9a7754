import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { proposedChange } from '../contract/api/what-if.ts';
import { whatIfAnswer } from '../contract/cli/what-if.ts';
import { toPage } from '../contract/page.ts';
import { glyphsFor } from './glyphs.ts';
import { width } from './table.ts';
import type { Ran } from './test-cli.ts';
import { causeway, withController } from './test-cli.ts';
import type { Pair } from './test-what-if.ts';
import { effects } from './test-what-if.ts';
import { whatIfText } from './what-if-text.ts';
import { textColumns } from './wrap.ts';

const hq = '00000001-0000-4000-8000-000000000001';
const odd = '00000001-0000-4000-8000-000000000002';
const twins = ['00000001-0000-4000-8000-000000000003', '00000001-0000-4000-8000-000000000004'];
const staff = '00000003-0000-4000-8000-000000000001';

const lists: Readonly<Record<string, readonly object[]>> = {
  '/api/v1/networks': [
    { id: hq, name: 'HQ Network' },
    { id: odd, name: 'a=b' },
    ...twins.map((id) => ({ id, name: 'Twin\u001b[31m' })),
  ],
  '/api/v1/user-groups': [{ id: staff, name: 'Staff' }],
};

type Asked = Ran & { readonly asked: readonly string[] };
type Given = { readonly effect?: object; readonly refuse?: { readonly status: number; readonly errorMessage: string } };

/** The command against a socket that answers like the API; `asked` are its calls with their bodies. */
async function whatIf(args: readonly string[], { effect = effects.quiet, refuse }: Given = {}): Promise<Asked> {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    void (async () => {
      let sent = '';
      for await (const chunk of request) sent += String(chunk);
      const { pathname } = new URL(request.url ?? '', 'http://local');
      asked.push(`${String(request.method)} ${pathname}${sent === '' ? '' : ` ${sent}`}`);
      const list = lists[pathname];
      const refusal = list === undefined ? refuse : undefined;
      response.writeHead(refusal?.status ?? 200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(refusal ?? (list === undefined ? effect : toPage([...list], list.length, { page: 0, size: 1000 }))),
      );
    })();
  };
  return await withController(listener, async (data) => ({ ...(await run([...args, '--data', data])), asked }));
}

async function run(args: readonly string[]): Promise<Ran> {
  return await causeway(['what-if', ...args], { environment: { LC_ALL: 'C.UTF-8' } });
}

function changesOf({ asked }: Asked): unknown[] {
  const body = /^POST \/api\/causeway\/v1\/what-if (.*)$/.exec(asked.at(-1) ?? '')?.[1];
  return (JSON.parse(body ?? '{"changes": []}') as { changes: unknown[] }).changes;
}

describe('what-if', () => {
  it('asks for every kind of change that there is, in the order of the line, with names or ids', async () => {
    const line = [
      ['--remove-prefix', 'HQ Network=10.0.0.0/18'],
      ['--nat', 'a=b=routed'],
      ['--add-network', 'New = net=10.0.0.0/19,10.0.32.0/19'],
      ['--internet', 'Staff=restricted_internet'],
      ['--add-prefix', `${hq.toUpperCase()}=10.9.0.0/24`],
      ['--nat', `${hq}=masquerade`],
    ];
    const ran = await whatIf(line.flat());
    assert.equal(ran.code, 0);
    assert.equal(ran.err, '');
    assert.match(ran.out, /^● this change breaks 0 flows and opens 0\n/);
    const changes = changesOf(ran);
    assert.deepEqual(changes, [
      { kind: 'remove-prefix', networkId: hq, prefix: '10.0.0.0/18' },
      { kind: 'set-nat', networkId: odd, nat: 'routed' },
      { kind: 'add-network', name: 'New = net', nat: 'masquerade', prefixes: ['10.0.0.0/19', '10.0.32.0/19'] },
      { kind: 'set-internet-access', userGroupId: staff, internetAccess: 'RESTRICTED_INTERNET', gatewaysIds: [] },
      { kind: 'add-prefix', networkId: hq, prefix: '10.9.0.0/24' },
      { kind: 'set-nat', networkId: hq, nat: 'masquerade' },
    ]);
    const kinds = proposedChange.options.map(({ shape }) => shape.kind.value);
    assert.deepEqual(new Set(changes.map((change) => proposedChange.parse(change).kind)), new Set(kinds));
  });

  it('reads no list in which nothing is looked for', async () => {
    const { asked } = await whatIf(['--add-network', 'New=10.7.0.0/24']);
    assert.deepEqual(
      asked.map((each) => each.split(' ').slice(0, 2).join(' ')),
      ['POST /api/causeway/v1/what-if'],
    );
  });

  it('exits 1 when something breaks, also for programs', async () => {
    const text = await whatIf(['--nat', 'HQ Network=routed', '--ascii'], { effect: effects.breaks });
    assert.equal(text.code, 1);
    assert.match(text.out, /^x this change breaks 2 flows and opens 1\n/);
    const json = await whatIf(['--remove-prefix', 'HQ Network=10.0.0.0/18', '--json'], { effect: effects.breaks });
    assert.deepEqual([json.code, json.err], [1, '']);
    assert.deepEqual(whatIfAnswer.parse(JSON.parse(json.out)), effects.breaks);
    const opens = await whatIf(['--nat', 'HQ Network=routed', '--json'], { effect: effects.opens });
    assert.deepEqual([opens.code, whatIfAnswer.parse(JSON.parse(opens.out)).opens.length], [0, 22]);
  });

  it('exits 2 for what cannot be meant, before anything is asked', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /no change is given; allowed: --add-prefix, --remove-prefix, --nat, --internet, --add-network/],
      [['--nat', 'HQ Network=snat'], /--nat .*snat is no NAT mode; allowed: masquerade, routed/],
    ];
    for (const [args, says] of cases) {
      const ran = await whatIf(args);
      assert.match(ran.err, says, args.join(' '));
      assert.deepEqual([ran.code, ran.out, ran.asked], [2, '', []], args.join(' '));
    }
  });

  it('exits 2 for names that nothing or several things have, with those that there are', async () => {
    const none = await whatIf(['--nat', 'HQ Network=routed', '--nat', 'Nowhere=routed']);
    assert.deepEqual([none.code, none.out, changesOf(none)], [2, '', []]);
    assert.match(none.err, /--nat "Nowhere=routed": no network has the name or id Nowhere; there are:\n.*HQ Network/);
    assert.doesNotMatch(none.err.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
    const several = await whatIf(['--add-prefix', 'Twin\u001b[31m=10.9.0.0/24']);
    assert.deepEqual([several.code, changesOf(several)], [2, []]);
    for (const id of twins) assert.ok(several.err.includes(id));
    const group = await whatIf(['--internet', 'HQ Network=SPLIT_TUNNEL_ON']);
    assert.match(group.err, /no user group has the name or id "HQ Network"; there are:\n.*Staff/);
  });

  it('names the option of a change that the API refuses: 2; what it cannot do is 1', async () => {
    const errorMessage = 'changes.1.prefix: 10.0.1.0/24 overlaps 10.0.0.0/18 of network HQ Network.';
    const args = ['--nat', 'HQ Network=routed', '--add-prefix', 'HQ Network=10.0.1.0/24'];
    const refused = await whatIf(args, { refuse: { status: 400, errorMessage } });
    assert.deepEqual([refused.code, refused.out], [2, '']);
    assert.match(refused.err, /--add-prefix "HQ Network=10\.0\.1\.0\/24": .*overlaps 10\.0\.0\.0\/18 of network HQ Network/);
    const many = await whatIf(args, { refuse: { status: 400, errorMessage: 'changes: 51 items; at most 50 are allowed.' } });
    assert.equal(many.code, 2);
    assert.match(many.err, /at most 50 are allowed/);
    assert.equal((await whatIf(args, { refuse: { status: 503, errorMessage: 'The database cannot be reached.' } })).code, 1);
  });

  it('exits 3 when nothing answers', async () => {
    const ran = await run(['--nat', 'HQ Network=routed', '--data', join(tmpdir(), 'cw-what-if-nowhere')]);
    assert.deepEqual([ran.code, ran.out], [3, '']);
    assert.match(ran.err, /no controller answers at/);
  });
});

describe('the text of a change', () => {
  const drawn = glyphsFor({ LANG: 'C.UTF-8' }, false);
  const [first] = effects.breaks.breaks;
  const called = (name: string): Pair => ({
    ...first,
    userGroupName: name,
    destination: { ...first.destination, label: `${name} (10.0.0.0/18)` },
    before: 'broken-return',
    after: 'not-permitted',
  });

  it('has no control character of a name', () => {
    const nasty = '\u001b[31mred\u202e\n\r\u0007 end';
    const text = whatIfText({ ...effects.breaks, breaks: [called(nasty)], summary: nasty }, drawn);
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
    assert.match(text, /^✕ \\u\{1b\}\[31mred/);
  });

  it('keeps within the columns, whatever the names', () => {
    for (const name of ['long '.repeat(400), 'l'.repeat(2000), '語'.repeat(2000), '']) {
      const lines = whatIfText({ ...effects.breaks, breaks: [called(name), first] }, drawn).split('\n');
      for (const line of lines) assert.ok(width(line) <= textColumns, `${String(width(line))}: ${line}`);
      assert.ok(lines.length < 20, String(lines.length));
    }
  });

  it('is of ASCII where that is wanted', () => {
    assert.doesNotMatch(whatIfText(effects.breaks, glyphsFor({}, true)), /[^\x20-\x7e\n]/);
  });
});
