import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { oneTimeLink } from '../../contract/api/password-link.ts';
import { webSessionState } from '../../contract/api/web-session.ts';
import { holdConnections, serveListener } from '../http/listeners.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { offerSetUp } from './set-up.ts';
import { goodPassword, makePerson, TestBrowser } from './test-people.ts';

/** A fresh installation with what its supervisor was told, the last link first. */
async function fresh(): Promise<AsyncDisposable & { controller: TestController; told: (string | null)[]; token: () => string }> {
  const told: (string | null)[] = [];
  const controller = await testController({ tellSetUpLink: (url) => void told.unshift(url) });
  await offerSetUp(controller.deps);
  const token = () => tokenOf(told[0] ?? '');
  return { controller, told, token, [Symbol.asyncDispose]: async () => await controller.close() };
}

const tokenOf = (url: string) => url.split('#')[1] ?? '';
const owner = { email: 'owner@example.com', password: goodPassword, wpcName: 'Acme $(reboot) "Ltd"' };
const setUp = async (controller: TestController, body: object) => {
  const browser = new TestBrowser(controller);
  return { browser, ...(await browser.ask('POST', 'set-up', body)) };
};

test('the link of the first start makes the owner, names the WPC, signs in, and is void then', async () => {
  await using installation = await fresh();
  const { controller, told, token } = installation;
  assert.match(told[0] ?? '', /^https:\/\/causeway\.test\/set-up#[A-Za-z0-9_-]{43}$/);
  const used = token();
  const kept = await sql<{ text: string }>`select to_jsonb(l)::text as text from one_time_link l`.execute(
    controller.deps.store.database,
  );
  assert.equal(kept.rows.length, 1);
  assert.equal(kept.rows[0]?.text.includes(used), false, 'the secret is kept as it is');
  assert.equal(await new TestBrowser(controller).state(), 'set-up');

  const { browser, status, text, json } = await setUp(controller, { ...owner, token: used });
  assert.equal(status, 200, text);
  const state = webSessionState.parse(json());
  assert.deepEqual(
    [state.state, state.person?.role, state.person?.username, state.wpc.name],
    ['signed-in', 'OWNER', owner.email, owner.wpcName],
  );
  assert.equal(await browser.state(), 'signed-in');
  assert.deepEqual(told, [null, told[1]], 'the file is removed');
  const again = await setUp(controller, { ...owner, email: 'second@example.com', token: used });
  assert.equal(again.status, 400);
  assert.match(again.text, /causeway setup-link/);
  assert.equal((await new TestBrowser(controller).signIn(owner.email)).status, 200);

  const audit = await controller.deps.store.database.selectFrom('audit').selectAll().orderBy('id').execute();
  assert.deepEqual(
    audit
      .slice(0, 3)
      .map(({ principal_name, action, entity, source_address }) => [principal_name, action, entity, source_address]),
    [
      ['set-up link', 'created', 'user', '127.0.0.1'],
      ['set-up link', 'updated', 'settings', '127.0.0.1'],
      ['set-up link', 'signed-in', 'user', '127.0.0.1'],
    ],
  );
  const everything = JSON.stringify(audit) + controller.logged();
  for (const secret of [used, owner.password]) assert.equal(everything.includes(secret), false);
});

test('two who use the link at the same time make one owner', async () => {
  await using installation = await fresh();
  const { controller, token } = installation;
  const link = token();
  const answers = await Promise.all(
    Array.from(
      { length: 6 },
      async (_, index) => await setUp(controller, { ...owner, email: `o${String(index)}@example.com`, token: link }),
    ),
  );
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 400, 400, 400, 400, 400],
  );
  const owners = await controller.deps.store.database
    .selectFrom('app_user')
    .select('email')
    .where('role', '=', 'OWNER')
    .execute();
  assert.equal(owners.length, 1);
  const sessions = await controller.deps.store.database.selectFrom('web_session').select('id').execute();
  assert.equal(sessions.length, 1);
});

test('an hour later the link is void, and so is one that a newer link has replaced, or a part of one', async () => {
  await using installation = await fresh();
  const { controller, told, token } = installation;
  const first = token();
  await offerSetUp(controller.deps);
  assert.notEqual(token(), first);
  assert.equal((await setUp(controller, { ...owner, token: first })).status, 400);
  assert.equal((await setUp(controller, { ...owner, token: token().slice(1) })).status, 400);
  await sql`update one_time_link set expires_at = expires_at - interval '1 hour'`.execute(controller.deps.store.database);
  assert.equal((await setUp(controller, { ...owner, token: token() })).status, 400);
  assert.equal(await new TestBrowser(controller).state(), 'set-up');
  await offerSetUp(controller.deps);
  assert.equal((await setUp(controller, { ...owner, token: tokenOf(told[0] ?? '') })).status, 200);
});

test('what is refused changes nothing and leaves the link good', async () => {
  await using installation = await fresh();
  const { controller, token } = installation;
  await makePerson(controller, { username: 'TAKEN@example.com', password: null });
  for (const [change, field] of [
    [{ password: 'short' }, 'password'],
    [{ password: 'password1234' }, 'password'],
    [{ password: 'owner@example.com' }, 'password'],
    [{ email: 'no address' }, 'email'],
    [{ email: 'taken@example.com' }, 'email'],
    [{ wpcName: '  ' }, 'wpcName'],
    [{ wpcName: 'a\0b' }, 'wpcName'],
  ] as const) {
    const answer = await setUp(controller, { ...owner, token: token(), ...change });
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.text, new RegExp(`"${field}"`));
  }
  assert.equal(await new TestBrowser(controller).state(), 'set-up');
  assert.equal((await setUp(controller, { ...owner, token: token() })).status, 200);
});

test('with an owner no link is offered at the start, and root gets none; without one root gets a new one', async () => {
  await using installation = await fresh();
  const { controller, told, token } = installation;
  const directory = await mkdtemp(path.join(os.tmpdir(), 'cw-setup-'));
  const server = net.createServer().listen(path.join(directory, 'api.sock'));
  await once(server, 'listening');
  const local = serveListener(controller.app, 'local', holdConnections(server));
  const asRoot = async () => {
    const request = http.request({
      socketPath: path.join(directory, 'api.sock'),
      method: 'POST',
      path: '/api/causeway/v1/set-up-link',
      agent: false,
    });
    request.end();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let text = '';
    response.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(response, 'end');
    return { status: response.statusCode, text };
  };
  try {
    const first = token();
    const made = await asRoot();
    const { url } = oneTimeLink.parse(JSON.parse(made.text));
    assert.equal(told[0], url);
    assert.equal((await setUp(controller, { ...owner, token: first })).status, 400);
    assert.equal((await setUp(controller, { ...owner, token: tokenOf(url) })).status, 200);
    const refused = await asRoot();
    assert.equal(refused.status, 409);
    assert.match(refused.text, /has an owner already/);
    await offerSetUp(controller.deps);
    assert.equal(told[0], null);
    assert.equal((await controller.request('POST', '/api/causeway/v1/set-up-link')).status, 403);
  } finally {
    await local.close(1_000);
    await rm(directory, { recursive: true, force: true });
  }
});
