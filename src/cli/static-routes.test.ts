import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, it } from 'node:test';
import { staticRoutesAnswer } from '../contract/cli/static-routes.ts';
import { toPage } from '../contract/page.ts';
import type { Ran } from './test-cli.ts';
import { causeway, withController } from './test-cli.ts';

type Asked = Ran & { readonly asked: readonly string[] };

const hq = '00000001-0000-4000-8000-000000000001';
const twins = ['00000001-0000-4000-8000-000000000002', '00000001-0000-4000-8000-000000000003'];

const routes = (platform: object | null) => ({
  networkId: hq,
  networkName: 'HQ \u001b[31mNetwork',
  nat: 'masquerade',
  platform,
  routes: [
    {
      destination: '192.168.0.0/22',
      via: '10.0.0.10',
      need: 'required',
      at: 'router',
      flows: [{ kind: 'site-to-site', networkId: twins[0] }],
      why: 'Connections with Branch.',
    },
  ],
  connectors: [],
  whenConnectorsChange: null,
});

const commands = {
  platform: 'aws',
  add: 'add\n',
  remove: 'remove\n',
  verify: 'verify\n',
  terraform: 'terraform\n',
  permissions: null,
  console: ['EC2'],
  notes: [{ text: 'A thing.', evidence: 'unverified' }],
  missing: [],
  leftOut: [{ destination: '0.0.0.0/0', reason: 'a circle' }],
};

/** The command against a socket that answers like the API; `asked` are the paths that it called. */
async function staticRoutes(
  args: readonly string[],
  answers: { platform?: object | null; commands?: object } = {},
): Promise<Asked> {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const named = [{ id: hq, name: 'HQ Network' }, ...twins.map((id) => ({ id, name: 'Twin' }))];
    const { pathname, searchParams } = new URL(path, 'http://local');
    const body =
      pathname === '/api/v1/networks'
        ? toPage(named, 3, { page: 0, size: 1000 })
        : pathname === '/api/causeway/v1/static-routes'
          ? toPage([routes(null)], 2, { page: Number(searchParams.get('page')), size: 1 })
          : pathname.endsWith('/static-routes')
            ? routes(answers.platform ?? null)
            : { ...commands, ...answers.commands };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  return await withController(listener, async (data) => ({
    ...(await causeway(['static-routes', ...args, '--data', data])),
    asked,
  }));
}

describe('static-routes', () => {
  it('lists what every LAN needs, a call a page, with no name raw on the terminal', async () => {
    const ran = await staticRoutes([]);
    assert.equal(ran.code, 0);
    assert.match(
      ran.out,
      /^HQ \\u\{1b\}\[31mNetwork \(masquerade\):\n {2}192\.168\.0\.0\/22 {2}via 10\.0\.0\.10 {2}required {2}Connections with Branch\.$/m,
    );
    assert.equal(ran.out.match(/HQ/g)?.length, 2);
    assert.deepEqual(
      ran.asked,
      [0, 1].map((page) => `/api/causeway/v1/static-routes?page=${String(page)}&size=100`),
    );
  });

  it('writes to stdout what can be pasted, and all remarks to stderr', async () => {
    const ran = await staticRoutes([
      'HQ Network',
      '--platform',
      'aws',
      '--parameter',
      'networkInterface=eni-0123456789abcdef0',
      '--all',
    ]);
    assert.deepEqual([ran.code, ran.out], [0, 'add\n']);
    assert.match(ran.err, /left out 0\.0\.0\.0\/0: a circle\n.*step 1: EC2\n\(not verified by us\) A thing\./s);
    assert.equal(
      ran.asked.at(-1),
      `/api/causeway/v1/networks/${hq}/router-commands?networkInterface=eni-0123456789abcdef0&platform=aws&routes=all`,
    );
  });

  it('takes back, verifies and writes Terraform, for the platform that is known', async () => {
    const known = { platform: { platform: 'aws', parameters: {}, source: 'named' } };
    for (const [option, text] of [
      ['--undo', 'remove\n'],
      ['--verify', 'verify\n'],
      ['--terraform', 'terraform\n'],
    ] as const) {
      assert.equal((await staticRoutes([hq, option], known)).out, text);
    }
  });

  it('ends with 1 where words still have to be replaced', async () => {
    const ran = await staticRoutes(['HQ Network', '--platform', 'aws'], {
      commands: { missing: ['CONNECTOR_LAN_ADDRESS', 'ROUTE_TABLES'] },
    });
    assert.equal(ran.code, 1);
    // An address is no parameter of the platform.
    assert.match(ran.err, /in place of CONNECTOR_LAN_ADDRESS\n/);
    assert.match(ran.err, /in place of ROUTE_TABLES, the route tables .*; or give --parameter routeTables=rtb-/);
  });

  it('prints for programs what the schema says', async () => {
    const ran = await staticRoutes(['HQ Network', '--platform', 'aws', '--json']);
    const answer: unknown = JSON.parse(ran.out);
    assert.deepEqual(staticRoutesAnswer.parse(answer), answer);
    assert.equal(ran.err, '');
  });

  it('ends with 2 and says what is allowed', async () => {
    const cases: readonly [readonly string[], RegExp][] = [
      [['Nowhere'], /no network has the name or id Nowhere; there are:\n {2}\S+ {2}HQ Network\n {2}\S+ {2}Twin\n/],
      [['Twin'], /more than one network is called Twin; give the id .*:\n {2}00000001\S+2 {2}Twin\n/],
      [['HQ Network', '--platform', 'cisco'], /cisco is no platform; allowed: aws, azure, .*libvirt/],
      [['HQ Network', '--platform', 'netplan', '--parameter', 'interface=-rf'], /allowed: a name of an interface/],
      [['HQ Network', '--parameter', 'interface'], /not NAME=VALUE/],
      [['HQ Network', '--undo'], /--undo needs --platform.*allowed: aws/],
      [['--platform', 'linux'], /--platform is for one network/],
      [['HQ Network', '--platform', 'aws', '--undo', '--verify'], /cannot be used with/],
    ];
    for (const [args, says] of cases) {
      const ran = await staticRoutes(args);
      assert.match(ran.err, says);
      assert.deepEqual([ran.code, ran.out], [2, ''], args.join(' '));
    }
    const none = await staticRoutes(['HQ Network', '--platform', 'linux', '--terraform'], {
      commands: { platform: 'linux', terraform: null },
    });
    assert.match(none.err, /there is none for linux; allowed: aws, azure, gcp, oci/);
    assert.equal(none.code, 2);
  });
});
