import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Ran } from './test-cli.ts';
import { causeway, withController } from './test-cli.ts';

const healthy = {
  version: '0.1.0',
  ready: true,
  gateway: { lanes: [{ id: 'u0', protocol: 'udp', port: 1194, up: true, sessions: 1 }] },
  networks: [
    {
      name: 'HQ \u001b[31mNetwork',
      routes: ['10.0.0.0/18'],
      egress: true,
      connectors: [
        {
          name: 'hq-1',
          connectionStatus: 'ONLINE',
          ipV4Address: '100.96.0.100',
          health: 'unhealthy',
          healthReason: 'its LAN is cut',
          role: 'standby',
          agentVersion: '0.1.0',
        },
        {
          name: 'hq-2',
          connectionStatus: 'ONLINE',
          ipV4Address: '100.96.0.101',
          health: 'healthy',
          healthReason: '10.0.0.1 answers',
          role: 'active',
          agentVersion: '0.1.0',
        },
      ],
    },
  ],
  hosts: [
    {
      name: 'Backup',
      connectors: [
        {
          name: 'b',
          connectionStatus: 'OFFLINE',
          ipV4Address: null,
          health: 'unhealthy',
          healthReason: 'it is not connected',
          role: 'offline',
          agentVersion: '0.1.0',
        },
      ],
    },
  ],
  problems: [],
};

function answering(statusCode: number, body: unknown): RequestListener {
  return (_request, response) => {
    response.writeHead(statusCode, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

describe('status', () => {
  it('prints the answer as JSON and ends with 0', async () => {
    await withController(answering(200, healthy), async (data) => {
      const ran = await causeway(['status', '--data', data, '--json']);
      assert.deepEqual(JSON.parse(ran.out), healthy);
      assert.deepEqual([ran.code, ran.err], [0, '']);
    });
  });

  it('prints a table in which no name can reach the terminal raw', async () => {
    await withController(answering(200, healthy), async (data) => {
      const ran = await causeway(['status', '--data', data]);
      assert.equal(
        ran.out,
        [
          'causeway 0.1.0 is ready',
          'Tunnels:',
          '  u0  udp 1194  up  1 session',
          'Networks:',
          '  HQ \\u{1b}[31mNetwork  10.0.0.0/18, internet gateway',
          '    hq-1                ONLINE                         100.96.0.100  standby  unhealthy: its LAN is cut',
          '    hq-2                ONLINE                         100.96.0.101  active   healthy',
          'Hosts:',
          '  Backup',
          '    b     OFFLINE      it is not connected',
          'Problems: none',
          '',
        ].join('\n'),
      );
    });
  });

  it('ends with 1 when a problem is named', async () => {
    const problems = [{ code: 'lane-down', message: 'lane u0 does not run' }];
    await withController(answering(200, { ...healthy, problems }), async (data) => {
      const ran = await causeway(['status', '--data', data]);
      assert.match(ran.out, /lane-down {2}lane u0 does not run/);
      assert.equal(ran.code, 1);
    });
  });

  it('ends with 1 and the message of the API when it refuses', async () => {
    await withController(answering(500, { errorMessage: 'The database is starting.', statusError: 500 }), async (data) => {
      const ran = await causeway(['status', '--data', data]);
      assert.match(ran.err, /answered with 500: The database is starting\.$/m);
      assert.equal(ran.code, 1);
    });
  });

  it('ends with 1 when the answer is of another shape', async () => {
    for (const body of [{ ...healthy, ready: 'yes' }, 'not json']) {
      await withController(answering(200, body), async (data) => {
        const ran = await causeway(['status', '--data', data]);
        assert.match(ran.err, /another version/);
        assert.equal(ran.code, 1);
      });
    }
  });

  it('ends with 3 and says what to do when there is no socket, or nobody behind it', async () => {
    const data = await mkdtemp(join(tmpdir(), 'cw-cli-'));
    try {
      const absent = await causeway(['status', '--data', data]);
      await mkdir(join(data, 'run'));
      await writeFile(join(data, 'run', 'api.sock'), '');
      const dead = await causeway(['status', '--data', data]);
      for (const ran of [absent, dead]) {
        assert.match(ran.err, /no controller answers at .*api\.sock: start it with 'causeway up'/);
        assert.deepEqual([ran.code, ran.out], [3, '']);
      }
    } finally {
      await rm(data, { recursive: true });
    }
  });

  it('ends with 3 when the connection breaks', async () => {
    await withController(
      (request) => request.socket.destroy(),
      async (data) => {
        const ran = await causeway(['status', '--data', data]);
        assert.match(ran.err, /does not answer/);
        assert.equal(ran.code, 3);
      },
    );
  });
});

describe('drain', () => {
  const ids = [1, 2, 3].map((number) => `00000000-0000-4000-8000-00000000000${String(number)}`);
  const common = {
    description: '',
    vpnRegionId: 'eu-central-1',
    ipV4Address: '100.96.0.100',
    connectionStatus: 'ONLINE',
    licensed: true,
    networkItemId: 'n',
    networkItemType: 'NETWORK',
    tunnelingProtocol: 'OPENVPN',
  };
  const network = (name: string, connectors: object[]) => ({
    id: name,
    name,
    description: '',
    egress: false,
    internetAccess: 'SPLIT_TUNNEL_ON',
    routes: [],
    connectors: connectors.map((connector) => ({ ...common, ...connector })),
    systemSubnets: [],
    tunnelingProtocol: 'OPENVPN',
    gatewaysIds: [],
  });
  /** Two pages of networks, so that a command which reads only the first would miss half. */
  const pages = [
    [
      network('HQ', [
        { id: ids[0], name: 'gw' },
        { id: ids[1], name: 'only \u001b[31m' },
      ]),
    ],
    [network('Branch', [{ id: ids[2], name: 'gw' }])],
  ];

  async function drain(args: readonly string[], warning: string | null = null): Promise<Ran & { readonly sent: string[] }> {
    const sent: string[] = [];
    const listener: RequestListener = (request, response) => {
      const url = new URL(request.url ?? '', 'http://local');
      sent.push(`${request.method ?? ''} ${url.pathname}`);
      const page = Number(url.searchParams.get('page'));
      const content = pages[page] ?? [];
      const list = { content, totalElements: 2, totalPages: 2, numberOfElements: 1, page, size: 1000, success: true };
      const id = url.pathname.split('/').at(-2) ?? '';
      const done = { id, name: 'gw', networkId: 'n', draining: url.pathname.endsWith('/drain'), warning };
      answering(200, request.method === 'GET' ? list : done)(request, response);
    };
    let ran: Ran | undefined;
    await withController(listener, async (data) => {
      ran = await causeway(['drain', ...args, '--data', data]);
    });
    assert.ok(ran !== undefined);
    return { ...ran, sent: sent.filter((call) => call.startsWith('PUT')) };
  }

  it('takes an id, and the name of one connector only', async () => {
    const byId = await drain([ids[2]?.toUpperCase() ?? '']);
    assert.deepEqual([byId.code, byId.err, byId.sent], [0, '', [`PUT /api/causeway/v1/connectors/${ids[2] ?? ''}/drain`]]);
    assert.match(byId.out, /^gw of Branch is draining: new traffic goes to the other connectors/);
    const byName = await drain(['only \u001b[31m', '--resume', '--json']);
    assert.deepEqual(byName.sent, [`PUT /api/causeway/v1/connectors/${ids[1] ?? ''}/resume`]);
    assert.equal(JSON.parse(byName.out).draining, false);
  });

  it('lists the candidates of a name that several have, and does nothing', async () => {
    const ran = await drain(['gw']);
    assert.deepEqual([ran.code, ran.out, ran.sent], [2, '', []]);
    assert.match(
      ran.err,
      /more than one connector of a network is called gw; give the id of the one that is meant:\n {2}0{8}-\S+1 {2}gw {2}HQ\n {2}\S+3 {2}gw {2}Branch\n/,
    );
  });

  it('lists what there is where nothing fits, with no name raw', async () => {
    const ran = await drain(['nobody']);
    assert.deepEqual([ran.code, ran.sent], [2, []]);
    assert.match(ran.err, /no connector of a network has the name or id nobody; there are:\n/);
    assert.doesNotMatch(ran.err, /\u001b/);
  });

  it('passes the warning on to stderr, and then promises nothing', async () => {
    const ran = await drain([ids[0] ?? ''], 'It is the only one.');
    assert.deepEqual([ran.code, ran.out, ran.err], [0, 'gw of HQ is draining\n', 'It is the only one.\n']);
  });

  it('needs a name', async () => {
    assert.equal((await causeway(['drain'])).code, 2);
  });
});

describe('setup-link', () => {
  const url = `https://192.0.2.10/set-up#${'s'.repeat(43)}`;

  it('prints the link alone on stdout, and as JSON for programs', async () => {
    let received = '';
    const link = { url, expiresAt: '2026-11-27T13:00:00.000Z' };
    const listener: RequestListener = (request, response) => {
      received = `${request.method ?? ''} ${request.url ?? ''}`;
      answering(200, link)(request, response);
    };
    await withController(listener, async (data) => {
      const plain = await causeway(['setup-link', '--data', data]);
      assert.deepEqual([plain.code, plain.out], [0, `${url}\n`]);
      const json = await causeway(['setup-link', '--data', data, '--json']);
      assert.deepEqual(JSON.parse(json.out), link);
    });
    assert.equal(received, 'POST /api/causeway/v1/set-up-link');
  });

  it('ends with 1 and the reason where there is an owner already, with 3 where nothing runs', async () => {
    const message = 'This installation has an owner already, so there is nothing to set up.';
    await withController(answering(409, { errorMessage: message }), async (data) => {
      const ran = await causeway(['setup-link', '--data', data]);
      assert.deepEqual([ran.code, ran.out], [1, '']);
      assert.match(ran.err, /has an owner already/);
    });
    assert.equal((await causeway(['setup-link', '--data', '/nonexistent'])).code, 3);
  });
});

describe('api-credential create', () => {
  it('sends the name and prints only the two documented fields', async () => {
    let received = '';
    const listener: RequestListener = (request, response) => {
      request.on('data', (chunk: Buffer) => void (received += chunk.toString()));
      request.on('end', () => {
        received = `${request.method ?? ''} ${request.url ?? ''} ${request.headers['content-type'] ?? ''} ${received}`;
        answering(201, { id: 'x', client_id: 'c', client_secret: 's' })(request, response);
      });
    };
    await withController(listener, async (data) => {
      const ran = await causeway(['api-credential', 'create', '--name', 'it\'s "mine" $(id)', '--data', data, '--json']);
      assert.equal(ran.out, '{"client_id":"c","client_secret":"s"}\n');
      assert.equal(ran.code, 0);
    });
    assert.equal(received, 'POST /api/causeway/v1/api-credentials application/json {"name":"it\'s \\"mine\\" $(id)"}');
  });

  it('ends with 2 without a name, or with an empty or endless one', async () => {
    for (const args of [[], ['--name', ' '], ['--name', 'n'.repeat(121)]]) {
      const ran = await causeway(['api-credential', 'create', ...args]);
      assert.equal(ran.code, 2);
    }
  });
});
