import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { apiCredential } from '../../contract/cli/api-credential.ts';
import { holdConnections, serveListener } from '../http/listeners.ts';
import type { Listener } from '../http/listeners.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';

let controller: TestController;
let directory = '';
let local: Listener;
before(async () => {
  controller = await testController();
  directory = await mkdtemp(path.join(os.tmpdir(), 'cw-cred-'));
  const server = net.createServer().listen(path.join(directory, 'api.sock'));
  await once(server, 'listening');
  local = serveListener(controller.app, 'local', holdConnections(server));
});
after(async () => {
  await local.close(1_000);
  await controller.close();
  await rm(directory, { recursive: true, force: true });
});

async function asRoot(method: string, url: string, body?: object): Promise<{ status: number; body: string }> {
  const request = http.request({
    socketPath: path.join(directory, 'api.sock'),
    method,
    path: url,
    agent: false,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
  });
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  response.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(response, 'end');
  return { status: response.statusCode ?? 0, body: text };
}

const url = '/api/causeway/v1/api-credentials';

test('root on this machine makes a credential, sees it without its secret, and takes it back with its tokens', async () => {
  const made = await asRoot('POST', url, {
    name: 'terraform $(reboot) "quoted"\n😀',
    permissions: ['network:modify', 'region:read'],
  });
  assert.equal(made.status, 201, made.body);
  const credential = apiCredential.parse(JSON.parse(made.body));

  const list = await controller.request('GET', url);
  const found = (list.json() as { id: string; clientId: string; name: string; permissions: string[] }[]).find(
    ({ clientId }) => clientId === credential.client_id,
  );
  assert.deepEqual([found?.name, found?.permissions], ['terraform $(reboot) "quoted"\n😀', ['network:modify', 'region:read']]);
  assert.equal(list.text.includes(credential.client_secret), false);

  const issued = await controller.app.inject({
    method: 'POST',
    url: '/api/v1/oauth/token',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(credential),
  });
  const { access_token }: { access_token: string } = issued.json();
  const ask = async () =>
    (await controller.app.inject({ url: '/api/v1/regions', headers: { authorization: `Bearer ${access_token}` } })).statusCode;
  assert.equal(await ask(), 200);
  assert.equal((await controller.request('DELETE', `${url}/${found?.id ?? ''}`)).status, 204);
  assert.equal(await ask(), 401);
  assert.equal((await controller.request('DELETE', `${url}/${found?.id ?? ''}`)).status, 404);

  const audit = await controller.deps.store.database
    .selectFrom('audit')
    .select(['principal_name', 'action', 'source_address'])
    .execute();
  assert.deepEqual(audit, [
    { principal_name: 'local root', action: 'created', source_address: null },
    { principal_name: 'test', action: 'deleted', source_address: '127.0.0.1' },
  ]);
});

test('no credential, whatever it may do, can make another one', async () => {
  const answer = await controller.request('POST', url, { name: 'mine' });
  assert.equal(answer.status, 403);
  assert.match(answer.text, /only on the controller's own machine/);
});

test('a name or permission that is not allowed is refused with what is', async () => {
  const nameless = await asRoot('POST', url, { name: '   ' });
  assert.equal(nameless.status, 400);
  assert.match(nameless.body, /name: .*at least 1 characters/);
  const long = await asRoot('POST', url, { name: 'x'.repeat(121) });
  assert.match(long.body, /at most 120 characters/);
  const invented = await asRoot('POST', url, { name: 'x', permissions: ['world:modify'] });
  assert.equal(invented.status, 400);
  assert.match(invented.body, /permissions\.0: \\"world:modify\\" is not allowed; allowed: all:read, all:modify/);
});
