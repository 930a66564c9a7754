import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { holdConnections, serveListener } from './listeners.ts';
import type { ListenerName } from './route-auth.ts';

let controller: TestController;
let directory = '';
before(async () => {
  controller = await testController();
  directory = await mkdtemp(path.join(os.tmpdir(), 'cw-listen-'));
});
after(async () => {
  await controller.close();
  await rm(directory, { recursive: true, force: true });
});

async function openSocket(name: string): Promise<{ server: net.Server; socketPath: string }> {
  const socketPath = path.join(directory, name);
  const server = net.createServer().listen(socketPath);
  await once(server, 'listening');
  return { server, socketPath };
}

async function get(socketPath: string, url: string, agent?: http.Agent): Promise<{ status: number; body: string }> {
  const request = http.get({ socketPath, path: url, ...(agent === undefined ? {} : { agent }) });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let body = '';
  response.on('data', (chunk: Buffer) => (body += chunk.toString()));
  await once(response, 'end');
  return { status: response.statusCode ?? 0, body };
}

test('who may do what depends on the listener: local is root, https is nobody, gateway serves gateways alone', async () => {
  const expected: Record<ListenerName, number> = { local: 200, https: 401, gateway: 404 };
  for (const name of ['local', 'https', 'gateway'] as const) {
    const { server, socketPath } = await openSocket(`${name}.sock`);
    const listener = serveListener(controller.app, name, holdConnections(server));
    try {
      const answer = await get(socketPath, '/api/v1/regions');
      assert.equal(answer.status, expected[name], `${name}: ${answer.body}`);
    } finally {
      await listener.close(1_000);
    }
  }
});

test('through the gateways’ socket no other route is there, whatever credential is shown', async () => {
  const { server, socketPath } = await openSocket('all.sock');
  const listener = serveListener(controller.app, 'gateway', holdConnections(server));
  const headers = { authorization: `Bearer ${await controller.tokenWith(['all:modify'])}` };
  let walked = 0;
  try {
    for (const { method, url, auth } of controller.app.declaredRoutes()) {
      if (auth.kind === 'gateway') continue;
      const request = http.request({ socketPath, method, path: url.replaceAll(/:[A-Za-z]+/g, 'x'), headers, agent: false }).end();
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      response.resume();
      assert.equal(response.statusCode, 404, `${method} ${url}`);
      walked += 1;
    }
    assert.ok(walked > 80, String(walked));
  } finally {
    await listener.close(1_000);
  }
});

test('a connection that comes before the application is answered by it, and one that has gone by then does no harm', async () => {
  const { server, socketPath } = await openSocket('early.sock');
  const held = holdConnections(server);
  const answer = get(socketPath, '/api/causeway/v1/healthz');
  const impatient = net.connect(socketPath);
  await once(impatient, 'connect');
  impatient.destroy();
  while (held.waiting.length < 2) await once(server, 'connection');
  const listener = serveListener(controller.app, 'local', held);
  try {
    assert.equal((await answer).status, 200);
  } finally {
    await listener.close(1_000);
  }
});

test('closing does not wait for a connection that is kept alive but idle', { timeout: 20_000 }, async () => {
  const { server, socketPath } = await openSocket('idle.sock');
  const listener = serveListener(controller.app, 'local', holdConnections(server));
  const agent = new http.Agent({ keepAlive: true });
  try {
    assert.equal((await get(socketPath, '/api/causeway/v1/healthz', agent)).status, 200);
    // With a patience beyond the test's own limit, only the idle connection's end can let this finish.
    await listener.close(600_000);
  } finally {
    agent.destroy();
  }
});

test('connections that send nothing, or a request without end, are cut by themselves', { timeout: 20_000 }, async () => {
  const { server, socketPath } = await openSocket('silent.sock');
  const limits = { connections: 10, head_ms: 100, request_ms: 200, check_ms: 20 };
  const listener = serveListener(controller.app, 'local', holdConnections(server), undefined, limits);
  try {
    for (const sent of [
      '',
      'GET /api/v1/regions HTTP/1.1\r\nHost: x\r\nX-Slow: ',
      'POST /api/v1/networks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    ]) {
      const socket = net.connect(socketPath);
      socket.resume();
      socket.write(sent);
      await once(socket, 'close');
    }
  } finally {
    await listener.close(1_000);
  }
});

test('more connections than the limit are closed at once, and those within it are served', { timeout: 20_000 }, async () => {
  const { server, socketPath } = await openSocket('many.sock');
  const limits = { connections: 3, head_ms: 60_000, request_ms: 60_000, check_ms: 60_000 };
  const listener = serveListener(controller.app, 'local', holdConnections(server), undefined, limits);
  const held = [net.connect(socketPath), net.connect(socketPath)];
  try {
    await Promise.all(held.map(async (socket) => await once(socket, 'connect')));
    assert.equal((await get(socketPath, '/api/causeway/v1/healthz')).status, 200);
    held.push(net.connect(socketPath));
    const beyond = net.connect(socketPath);
    beyond.on('error', () => undefined);
    await once(beyond, 'close');
  } finally {
    for (const socket of held) socket.destroy();
    await listener.close(1_000);
  }
});

test('a request that never ends is cut after the patience', { timeout: 20_000 }, async () => {
  const { server, socketPath } = await openSocket('slow.sock');
  const listener = serveListener(controller.app, 'local', holdConnections(server));
  const slow = net.connect(socketPath);
  await once(slow, 'connect');
  slow.write(
    'POST /api/causeway/v1/api-credentials HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  );
  await get(socketPath, '/api/causeway/v1/healthz');
  const cut = once(slow, 'close');
  slow.on('error', () => undefined);
  await listener.close(100);
  await cut;
});
