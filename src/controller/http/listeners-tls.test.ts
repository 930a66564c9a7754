import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http2 from 'node:http2';
import https from 'node:https';
import type { IncomingMessage } from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import { eventStreamPath } from '../../contract/api/event.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { holdConnections, serveListener } from './listeners.ts';
import type { ConnectionLimits, Listener, PortalTls } from './listeners.ts';

/** What listeners.test.ts holds of a listener without TLS, for both protocols of the portal's: clients and limits are real ones. */
let controller: TestController;
let directory = '';
let portal: PortalTls;
before(async () => {
  controller = await testController();
  directory = await mkdtemp(path.join(os.tmpdir(), 'cw-tls-'));
  portal = await newCertificate('first');
});
after(async () => {
  await controller.close();
  await rm(directory, { recursive: true, force: true });
});

async function newCertificate(name: string): Promise<PortalTls> {
  const file = (suffix: string) => path.join(directory, `${name}.${suffix}`);
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file('key')];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject, '-out', file('crt')], { stdio: 'ignore' });
  return { certificate: await readFile(file('crt'), 'utf8'), key: await readFile(file('key'), 'utf8') };
}

const unlimited: ConnectionLimits = { connections: 100, head_ms: 60_000, request_ms: 60_000, check_ms: 60_000 };

type Opened = { readonly port: number; readonly listener: Listener };

async function open(limits = unlimited): Promise<Opened> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return { port, listener: serveListener(controller.app, 'https', holdConnections(server), portal, limits) };
}

type Answer = { readonly status: number; readonly body: string; readonly headers: Readonly<Record<string, unknown>> };
type Headers = Readonly<Record<string, string>>;

/** Connection is a client's that is kept; `closed` resolves when the server has ended it. */
type Connection = {
  readonly get: (url: string, headers?: Headers) => Promise<Answer>;
  readonly closed: Promise<unknown>;
  readonly end: () => void;
};

async function text(stream: AsyncIterable<unknown>): Promise<string> {
  let body = '';
  for await (const chunk of stream) body += String(chunk);
  return body;
}

const protocols: Readonly<Record<string, (port: number) => Promise<Connection>>> = {
  'HTTP/1.1': async (port) => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: portal.certificate });
    let socket: net.Socket | undefined;
    const closed = Promise.withResolvers<void>();
    return {
      get: async (url, headers = {}) => {
        const request = https.get({ host: '127.0.0.1', port, path: url, agent, headers });
        request.on('socket', (own) => {
          if (socket !== undefined) return;
          socket = own;
          own.once('close', () => closed.resolve());
        });
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        return { status: response.statusCode ?? 0, body: await text(response), headers: response.headers };
      },
      closed: closed.promise,
      end: () => agent.destroy(),
    };
  },
  'HTTP/2': async (port) => {
    const session = await connect2(port);
    return {
      get: async (url, headers = {}) => {
        const stream = session.request({ ':path': url, ...headers });
        const [head] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader];
        return { status: head[':status'] ?? 0, body: await text(stream), headers: head };
      },
      closed: once(session, 'close'),
      end: () => session.destroy(),
    };
  },
};

async function connect2(port: number): Promise<http2.ClientHttp2Session> {
  const session = http2.connect(`https://127.0.0.1:${String(port)}`, { ca: portal.certificate });
  session.on('error', () => undefined);
  await once(session, 'connect');
  return session;
}

async function connectTls(port: number, ALPNProtocols?: string[]): Promise<tls.TLSSocket> {
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    ca: portal.certificate,
    ...(ALPNProtocols === undefined ? {} : { ALPNProtocols }),
  });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

for (const [protocol, connect] of Object.entries(protocols)) {
  describe(`over ${protocol}`, () => {
    test('whoever shows no credential is nobody, and the answer has the headers of every answer', async () => {
      const { port, listener } = await open();
      const connection = await connect(port);
      try {
        const refused = await connection.get('/api/v1/regions');
        assert.equal(refused.status, 401, refused.body);
        assert.equal(refused.headers['x-content-type-options'], 'nosniff');
        const token = await controller.tokenWith(['region:read']);
        const answer = await connection.get('/api/v1/regions', { authorization: `Bearer ${token}` });
        assert.equal(answer.status, 200);
        assert.ok(Array.isArray(JSON.parse(answer.body)));
        assert.match(controller.logged(), /"from":"127\.0\.0\.1"/);
      } finally {
        connection.end();
        await listener.close(1_000);
      }
    });

    test('a connection that comes before the application is answered by it', async () => {
      const server = net.createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const held = holdConnections(server);
      const connecting = connect((server.address() as net.AddressInfo).port).then(async (connection) => {
        const answer = await connection.get('/api/causeway/v1/healthz');
        connection.end();
        return answer;
      });
      while (held.waiting.length < 1) await once(server, 'connection');
      const listener = serveListener(controller.app, 'https', held, portal, unlimited);
      try {
        assert.equal((await connecting).status, 200);
      } finally {
        await listener.close(1_000);
      }
    });

    test('closing does not wait for a connection that is kept alive but idle', { timeout: 60_000 }, async () => {
      const { port, listener } = await open();
      const connection = await connect(port);
      assert.equal((await connection.get('/api/causeway/v1/healthz')).status, 200);
      // With a patience beyond the test's own limit, only the idle connection's end can let this finish.
      await listener.close(600_000);
      await connection.closed;
    });

    test('a new certificate is for new connections; those that are open keep theirs', async () => {
      const { port, listener } = await open();
      const connection = await connect(port);
      try {
        await connection.get('/api/causeway/v1/healthz');
        const next = await newCertificate(`next-${protocol === 'HTTP/2' ? '2' : '1'}`);
        listener.replaceCertificate(next);
        assert.equal((await connection.get('/api/causeway/v1/healthz')).status, 200);
        await assert.rejects(connectTlsFailing(port));
        const socket = tls.connect({ host: '127.0.0.1', port, ca: next.certificate, ALPNProtocols: ['h2', 'http/1.1'] });
        await once(socket, 'secureConnect');
        socket.destroy();
      } finally {
        connection.end();
        await listener.close(1_000);
      }
    });

    test('more connections than the limit are closed at once, and those within it are served', { timeout: 60_000 }, async () => {
      const { port, listener } = await open({ ...unlimited, connections: 3 });
      const held = [net.connect(port, '127.0.0.1'), net.connect(port, '127.0.0.1')];
      const connection = await connect(port);
      try {
        await Promise.all(held.map(async (socket) => socket.connecting && (await once(socket, 'connect'))));
        assert.equal((await connection.get('/api/causeway/v1/healthz')).status, 200);
        const beyond = net.connect(port, '127.0.0.1');
        beyond.on('error', () => undefined);
        await once(beyond, 'close');
        assert.equal((await connection.get('/api/causeway/v1/healthz')).status, 200);
      } finally {
        connection.end();
        for (const socket of held) socket.destroy();
        await listener.close(1_000);
      }
    });
  });
}

async function connectTlsFailing(port: number): Promise<void> {
  const socket = tls.connect({ host: '127.0.0.1', port, ca: portal.certificate });
  try {
    await once(socket, 'secureConnect');
  } finally {
    socket.destroy();
  }
}

test('the handshake chooses: HTTP/2 where the client can, HTTP/1.1 for one that cannot or does not choose', async () => {
  const { port, listener } = await open();
  try {
    for (const [offered, chosen] of [
      [['h2', 'http/1.1'], 'h2'],
      [['http/1.1'], 'http/1.1'],
      [undefined, false],
    ] as const) {
      const socket = await connectTls(port, offered === undefined ? undefined : [...offered]);
      assert.equal(socket.alpnProtocol, chosen);
      if (chosen !== 'h2') {
        socket.write('GET /api/causeway/v1/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
        assert.match(await text(socket), /^HTTP\/1\.1 200 OK\r\n/);
      }
      socket.destroy();
    }
  } finally {
    await listener.close(1_000);
  }
});

test('connections that send nothing, or a request without end, are cut by themselves', { timeout: 60_000 }, async () => {
  const { port, listener } = await open({ connections: 100, head_ms: 300, request_ms: 600, check_ms: 20 });
  const half = 'GET /api/v1/regions HTTP/1.1\r\nHost: x\r\nX-Slow: ';
  const endless =
    'POST /api/v1/oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  // HEADERS of stream 1 that say more will follow, which never comes.
  const halfHead = Buffer.from([0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82]);
  try {
    const bare = net.connect(port, '127.0.0.1');
    bare.resume();
    const sockets = [
      bare,
      await connectTls(port, ['http/1.1']),
      await connectTls(port, ['h2']),
      await sending(await connectTls(port, ['http/1.1']), half),
      await sending(await connectTls(port, ['http/1.1']), endless),
      await sending(await connectTls(port, ['h2']), preface, settings),
      await sending(await connectTls(port, ['h2']), preface, settings, halfHead),
    ];
    await Promise.all(
      sockets.map(async (socket) => {
        socket.resume();
        if (!socket.closed) await once(socket, 'close');
      }),
    );

    const session = await connect2(port);
    const stream = session.request({ ':method': 'POST', ':path': '/api/v1/oauth/token', 'content-type': 'application/json' });
    stream.on('error', () => undefined);
    stream.write('{');
    stream.resume();
    await once(stream, 'close');
    assert.equal(stream.rstCode, http2.constants.NGHTTP2_CANCEL);
    // The connection has no stream any more.
    if (!session.destroyed) await once(session, 'close');
  } finally {
    await listener.close(1_000);
  }
});

async function sending(socket: tls.TLSSocket, ...parts: (string | Buffer)[]): Promise<tls.TLSSocket> {
  for (const part of parts) socket.write(part);
  return await Promise.resolve(socket);
}

test('a request over HTTP/2 that never ends is cut after the patience', { timeout: 60_000 }, async () => {
  const { port, listener } = await open();
  const session = await connect2(port);
  const stream = session.request({ ':method': 'POST', ':path': '/api/v1/oauth/token', 'content-type': 'application/json' });
  stream.on('error', () => undefined);
  stream.write('{');
  // The answer to a later request says that the earlier one has come.
  const other = session.request({ ':path': '/api/causeway/v1/healthz' });
  await once(other, 'response');
  other.close();
  const cut = once(session, 'close');
  await listener.close(100);
  await cut;
});

describe('events over HTTP/2', () => {
  let token = '';
  before(async () => {
    token = await controller.tokenWith(['all:modify']);
  });
  const events = (session: http2.ClientHttp2Session): http2.ClientHttp2Stream => {
    const stream = session.request({ ':path': eventStreamPath, authorization: `Bearer ${token}` });
    stream.on('error', () => undefined);
    return stream;
  };
  /** True when it is answered, false when it is refused. */
  const isAnswered = async (stream: http2.ClientHttp2Stream): Promise<boolean> =>
    await Promise.race([
      once(stream, 'response').then(() => true),
      new Promise<false>((resolve) => stream.once('close', () => resolve(false))),
    ]).catch(() => false);

  test('twelve streams of one browser and its requests share a connection', { timeout: 60_000 }, async () => {
    const { port, listener } = await open();
    const session = await connect2(port);
    try {
      const streams = Array.from({ length: 12 }, () => events(session));
      await Promise.all(
        streams.map(async (stream) => {
          const [head] = (await once(stream, 'response')) as [http2.IncomingHttpStatusHeader];
          assert.equal(head[':status'], 200);
        }),
      );
      const body = JSON.stringify({ name: 'told to all' });
      const request = session.request({
        ':method': 'POST',
        ':path': '/api/v1/networks',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      });
      request.end(body);
      const [head] = (await once(request, 'response')) as [http2.IncomingHttpStatusHeader];
      assert.equal(head[':status'], 200);
      for (const stream of streams) {
        let seen = '';
        for await (const chunk of stream) {
          seen += String(chunk);
          if (seen.includes('network.created')) break;
        }
        assert.match(seen, /network\.created/);
      }
    } finally {
      session.destroy();
      await listener.close(1_000);
    }
  });

  test('streams beyond the limit of connections are refused, and served when others have ended', {
    timeout: 60_000,
  }, async () => {
    const { port, listener } = await open({ ...unlimited, connections: 4 });
    const sessions = [await connect2(port), await connect2(port)] as const;
    try {
      const held = sessions.flatMap((session) => [events(session), events(session)]);
      assert.deepEqual(await Promise.all(held.map(isAnswered)), [true, true, true, true]);
      const refused = events(sessions[1]);
      assert.equal(await isAnswered(refused), false);
      assert.equal(refused.rstCode, http2.constants.NGHTTP2_REFUSED_STREAM);
      held[0]?.close(http2.constants.NGHTTP2_CANCEL);
      while (!(await isAnswered(events(sessions[1]))));
    } finally {
      for (const session of sessions) session.destroy();
      await listener.close(1_000);
    }
  });
});
