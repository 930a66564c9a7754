import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { CloudCommands, NetworkCloud } from '../contract/api/cloud-state.ts';
import { cloudAnswer, cloudCommandsAnswer, cloudForgotten } from '../contract/cli/cloud.ts';
import { toPage } from '../contract/page.ts';
import { cloudCommandsRemarks, cloudText } from './cloud-text.ts';
import type { Ran } from './test-cli.ts';
import { causeway, withController } from './test-cli.ts';

const hq = '00000001-0000-4000-8000-000000000001';

const known: NetworkCloud = {
  networkId: hq,
  networkName: 'HQ Network',
  known: {
    cloud: 'aws',
    id: 'vpc-0a16af397da89364d',
    label: 'vpc-0a16af397da89364d (hq\u001b[31m)',
    how: 'stated',
    readAt: '2026-01-31T12:00:00.000Z',
    ranges: ['10.0.0.0/16'],
    cards: 12,
    subnets: 3,
    tables: 2,
    routes: 7,
    filters: null,
    rules: null,
  },
  standsIn: 'aws',
  warnings: ['No network card that was read has the address 10.0.0.10 of connector hq-1.'],
};

const commands: CloudCommands = {
  networkId: hq,
  networkName: 'HQ Network',
  cloud: 'hetzner',
  tool: 'hcloud',
  script: 'sh\n',
  file: 'causeway-cloud.json',
  parts: [{ part: 'servers', commands: ['hcloud server list -o json'] }],
  permissions: ['Read'],
  missing: [],
  notes: ['Run it where hcloud has a context.'],
};

type Asked = Ran & { readonly asked: readonly string[] };
type Given = {
  readonly files?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cloud?: NetworkCloud;
  readonly commands?: CloudCommands;
  readonly refuse?: string;
};

/** The command against a socket that answers like the API; `asked` are its calls with their bodies, but for the list of networks. */
async function cloud(args: readonly string[], given: Given = {}): Promise<Asked> {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    void (async () => {
      let sent = '';
      for await (const chunk of request) sent += String(chunk);
      const { pathname, search } = new URL(request.url ?? '', 'http://local');
      const isList = pathname === '/api/v1/networks';
      if (!isList) asked.push(`${String(request.method)} ${pathname}${search}${sent === '' ? '' : ` ${sent}`}`);
      const list = toPage([{ id: hq, name: 'HQ Network' }], 1, { page: 0, size: 1000 });
      const answer = isList ? list : pathname.endsWith('/commands') ? (given.commands ?? commands) : (given.cloud ?? known);
      const refusal = isList ? undefined : given.refuse;
      response.writeHead(refusal === undefined ? (request.method === 'DELETE' ? 204 : 200) : 400);
      if (request.method === 'DELETE') response.end();
      else response.end(JSON.stringify(refusal === undefined ? answer : { errorMessage: refusal }));
    })();
  };
  const before = process.cwd();
  return await withController(listener, async (data) => {
    for (const [name, text] of Object.entries(given.files ?? {})) await writeFile(join(data, name), text);
    process.chdir(data);
    try {
      return { ...(await causeway(['cloud', ...args, '--data', data], { input: given.input ?? '' })), asked };
    } finally {
      process.chdir(before);
    }
  });
}

const path = `/api/causeway/v1/networks/${hq}/cloud`;
const whole = { cloud: 'hetzner', readAt: '2026-01-31T12:00:00Z', answers: { network: {}, servers: [] } };

describe('what is known of a cloud', () => {
  it('is told in lines, with no name raw on the terminal', () => {
    assert.equal(
      cloudText(known),
      `HQ Network in Amazon Web Services (VPC):
  network        vpc-0a16af397da89364d (hq\\u{1b}[31m)
  read           2026-01-31T12:00:00.000Z, with the answers that an operator brought
  ranges         10.0.0.0/16
  network cards  12
  subnets        3
  route tables   2, with 7 routes
  filters        not read
  warning: No network card that was read has the address 10.0.0.10 of connector hq-1.
`,
    );
  });

  it('may be nothing, and how to read it is told', () => {
    assert.equal(
      cloudText({ ...known, known: null, warnings: [] }),
      "The cloud of HQ Network has not been read. It stands in Amazon Web Services (VPC).\nWhat reads it: causeway cloud commands 'HQ Network'\n",
    );
    assert.match(cloudText({ ...known, networkName: 'branch', known: null, standsIn: null }), /commands branch --cloud CLOUD\n/);
  });

  it('has remarks beside its commands', () => {
    const missing = [{ word: 'NETWORK', description: 'the name or id of the network' }];
    assert.equal(
      cloudCommandsRemarks({ ...commands, networkName: "it's", missing }),
      `put the name or id of the network in place of NETWORK
Run it where hcloud has a context.
It takes these permissions and no more: Read.
Then: causeway cloud load 'it'\\''s' causeway-cloud.json
`,
    );
  });
});

describe('cloud', () => {
  it('commands: writes to stdout what can be pasted, and 1 where words in it have to be replaced', async () => {
    const ran = await cloud(['commands', 'HQ Network', '--cloud', 'hetzner']);
    assert.deepEqual([ran.code, ran.out, ran.asked], [0, 'sh\n', [`GET ${path}/commands?cloud=hetzner`]]);
    assert.match(ran.err, /no more: Read\./);
    const missing = [{ word: 'NETWORK', description: 'the network' }];
    const unknown = await cloud(['commands', hq, '--json'], { commands: { ...commands, missing } });
    assert.deepEqual([unknown.code, unknown.err, unknown.asked], [1, '', [`GET ${path}/commands`]]);
    assert.deepEqual(cloudCommandsAnswer.parse(JSON.parse(unknown.out)), { ...commands, missing });
  });

  it('load: sends what the commands wrote, of several files together', async () => {
    const one = await cloud(['load', 'HQ Network', 'a.json'], { files: { 'a.json': JSON.stringify(whole) } });
    assert.deepEqual(one.asked, [
      `PUT ${path} {"cloud":"hetzner","answers":{"network":{},"servers":[]},"readAt":"2026-01-31T12:00:00Z"}`,
    ]);
    assert.deepEqual([one.code, one.err], [1, '']);
    assert.match(one.out, /^HQ Network in Amazon Web Services \(VPC\):/);
    const older = { ...whole, readAt: '2026-01-30T12:00:00Z', answers: { servers: [1] } };
    const two = await cloud(['load', 'HQ Network', 'a.json', '-', '--json'], {
      files: { 'a.json': JSON.stringify({ ...whole, answers: { network: {} } }) },
      input: JSON.stringify(older),
      cloud: { ...known, warnings: [] },
    });
    assert.match(two.asked.join(), /"answers":\{"network":\{\},"servers":\[1\]\},"readAt":"2026-01-30T12:00:00Z"/);
    assert.deepEqual([two.code, cloudAnswer.parse(JSON.parse(two.out))], [0, { ...known, warnings: [] }]);
    const bare = await cloud(['load', 'HQ Network', '--cloud', 'hetzner', '-'], { input: '{"servers":null}' });
    assert.deepEqual(bare.asked, [`PUT ${path} {"cloud":"hetzner","answers":{"servers":null}}`]);
  });

  it('read: lets the controller ask', async () => {
    const ran = await cloud(['read', 'HQ Network'], { cloud: { ...known, warnings: [] } });
    assert.deepEqual([ran.code, ran.asked], [0, [`POST ${path}/read`]]);
    const refused = await cloud(['read', 'HQ Network'], { refuse: 'cloud: is not known' });
    assert.deepEqual([refused.code, refused.out], [2, '']);
  });

  it('show and forget', async () => {
    const shown = await cloud(['show', 'HQ Network', '--json'], { cloud: { ...known, warnings: [] } });
    assert.deepEqual([shown.code, shown.asked], [0, [`GET ${path}`]]);
    assert.equal((await cloud(['show', 'HQ Network'])).code, 1);
    const forgotten = await cloud(['forget', 'HQ Network']);
    assert.deepEqual(
      [forgotten.code, forgotten.out, forgotten.asked],
      [0, 'Nothing is known of the cloud of HQ Network any more.\n', [`DELETE ${path}`]],
    );
    const answer = JSON.parse((await cloud(['forget', hq, '--json'])).out) as unknown;
    assert.deepEqual(cloudForgotten.parse(answer), { networkId: hq, networkName: 'HQ Network' });
  });

  it('ends with 2 and says what is wrong with what was typed, or with which file', async () => {
    const files = {
      'good.json': JSON.stringify(whole),
      'other.json': JSON.stringify({ ...whole, cloud: 'aws', answers: {} }),
      'empty.json': '\n',
      'cut.json': '{"cloud":"aws","answers":{"vpc":[',
      'list.json': '[]',
      'time.json': JSON.stringify({ ...whole, readAt: 'yesterday' }),
      'bare.json': '{"servers":[]}',
    };
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['load', 'Nowhere', 'good.json'], /no network has the name or id Nowhere/],
      [['load', 'HQ Network'], /missing required argument 'FILE'/],
      [['load', 'HQ Network', 'none.json'], /none\.json cannot be read: ENOENT/],
      [['load', 'HQ Network', 'empty.json'], /empty\.json is empty: the commands found nothing/],
      [['load', 'HQ Network', '-'], /standard input is empty/],
      [['load', 'HQ Network', 'cut.json'], /cut\.json is no JSON/],
      [['load', 'HQ Network', 'list.json'], /list\.json holds no JSON object/],
      [['load', 'HQ Network', 'time.json'], /time\.json cannot be used: readAt: Invalid ISO datetime/],
      [['load', 'HQ Network', 'bare.json'], /give --cloud; allowed: aws, azure/],
      [['load', 'HQ Network', 'good.json', '--cloud', 'ibm'], /Allowed choices are aws, azure/],
      [['load', 'HQ Network', 'good.json', '--cloud', 'aws'], /good\.json has answers of hetzner, not of aws/],
      [['load', 'HQ Network', 'good.json', 'other.json'], /other\.json has answers of aws, not of hetzner/],
      [['load', 'HQ Network', 'good.json', 'bare.json'], /bare\.json has servers, which good\.json has too/],
    ];
    for (const [args, says] of cases) {
      const ran = await cloud(args, { files });
      assert.match(ran.err, says, args.join(' '));
      assert.deepEqual([ran.code, ran.out, ran.asked], [2, '', []], args.join(' '));
    }
    const refused = await cloud(['load', 'HQ Network', 'good.json'], {
      files,
      refuse: 'answers.network: null is not allowed.',
    });
    assert.equal(refused.code, 2);
    assert.match(refused.err, /answers\.network: null is not allowed/);
  });
});
