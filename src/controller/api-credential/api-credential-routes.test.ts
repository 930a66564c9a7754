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
import { makePerson, signedInBrowser } from '../identity/test-people.ts';
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
  assert.match(answer.text, /No API credential may do it/);
});

test('people who administer make credentials too, which have no more authority than they and say who made them', async () => {
  const list = async () => (await controller.request('GET', url)).json() as { name: string; createdBy: string }[];
  for (const [role, status, authority] of [
    ['OWNER', 201, 'OWNER'],
    ['ADMIN', 201, 'ADMIN'],
    ['MEMBER', 403, undefined],
  ] as const) {
    const browser = await signedInBrowser(
      controller,
      await makePerson(controller, { username: `${role}@x`, role, password: null }),
    );
    const answer = await browser.ask('POST', url, { name: `of ${role}` });
    assert.equal(answer.status, status, answer.text);
    const row = await controller.deps.store.database
      .selectFrom('api_credential')
      .select('authority')
      .where('name', '=', `of ${role}`)
      .executeTakeFirst();
    assert.equal(row?.authority, authority);
  }
  const made = (await list()).filter(({ name }) => name.startsWith('of '));
  assert.deepEqual(
    made.map(({ createdBy }) => createdBy),
    ['OWNER@x', 'ADMIN@x'],
  );
});

test('a credential with allowed prefixes gets tokens from there only, and its tokens work from there only', async () => {
  const made = await asRoot('POST', url, { name: 'at home', allowedPrefixes: ['192.0.2.0/24', '2001:db8:1::/48'] });
  assert.equal(made.status, 201, made.body);
  const credential = apiCredential.parse(JSON.parse(made.body));
  const ask = async (remoteAddress: string, clientSecret = credential.client_secret) =>
    await controller.app.inject({
      method: 'POST',
      url: '/api/v1/oauth/token',
      remoteAddress,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify({ ...credential, client_secret: clientSecret }),
    });
  for (const there of ['192.0.2.7', '::ffff:192.0.2.255', '2001:db8:1:ff::1'])
    assert.equal((await ask(there)).statusCode, 200, there);
  for (const elsewhere of ['192.0.3.1', '2001:db8:2::1', 'fe80::1%eth0']) {
    const refused = await ask(elsewhere);
    assert.equal(refused.statusCode, 403, elsewhere);
    assert.equal(refused.body.includes('192.0.2.0'), false, 'whoever stole it is not told where it works');
    assert.equal((await ask(elsewhere, 'wrong')).statusCode, 401, 'the secret comes first');
  }
  const { access_token }: { access_token: string } = (await ask('192.0.2.7')).json();
  const use = async (remoteAddress: string) =>
    (
      await controller.app.inject({
        url: '/api/v1/regions',
        remoteAddress,
        headers: { authorization: `Bearer ${access_token}` },
      })
    ).statusCode;
  assert.deepEqual([await use('192.0.2.8'), await use('203.0.113.8')], [200, 403]);
});

test('a prefix with bits behind its length, and a time that has passed, are refused with what would do', async () => {
  const prefix = await asRoot('POST', url, { name: 'x', allowedPrefixes: ['192.0.2.7/24'] });
  assert.equal(prefix.status, 400);
  assert.match(prefix.body, /allowedPrefixes\.0: .*192\.0\.2\.0\/24/);
  const past = await asRoot('POST', url, { name: 'x', expiresAt: '2020-01-01T00:00:00Z' });
  assert.equal(past.status, 400);
  assert.match(past.body, /expiresAt.*has passed/);
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
