import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Fastify from 'fastify';
import { permissions } from '../../contract/permission.ts';
import type { Permission } from '../../contract/permission.ts';
import { makeSmallWpc } from '../pki/test-pki.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { declareAuthorisation } from './authorisation.ts';
import type { RouteAuth } from './route-auth.ts';
import { hashSecret, newSecret } from './secret-hash.ts';

let controller: TestController;
before(async () => {
  controller = await testController();
});
after(async () => {
  await controller.close();
});

type Declared = { readonly method: string; readonly url: string; readonly auth: RouteAuth };

/** Every route of the application, with parameters filled in so that it can be asked. */
function allRoutes(): Declared[] {
  return controller.app
    .declaredRoutes()
    .map((route) => ({ ...route, url: route.url.replaceAll(/:[A-Za-z]+/g, '00000000-0000-4000-8000-000000000000') }));
}

/**
 * Routes that ask nobody who he is. Each has its reason; the list may shrink, and grows only with a reason in review.
 */
const open: Readonly<Record<string, string>> = {
  'GET /*': 'the page on which people sign in; the same for everybody, with nothing of the installation in it',
  'GET /assets/*': 'what that page loads',
  'GET /api/causeway/v1/healthz': 'liveness probes have no credential',
  'GET /api/causeway/v1/readyz': 'readiness probes have no credential',
  'GET /api/causeway/v1/openapi.json': 'describes the API, not the installation',
  'GET /api/v1/openapi.json': 'describes the API, not the installation',
  'POST /api/v1/oauth/token': 'is where a credential is shown',
  'GET /connector/install.sh': 'static text; the token is its argument',
  'GET /connector/agent.sh': 'static text',
  'GET /connector/profiles/:reference':
    'openvpn-connector-setup sends no credential; the reference is a secret and the content encrypted',
  'GET /crl.pem': 'a revocation list is made to be handed out; it holds serials, no names',
};

test('there are routes to walk', () => {
  assert.ok(allRoutes().length > 20);
});

test('the open routes are exactly those that are listed with a reason', () => {
  const found = controller.app
    .declaredRoutes()
    .filter(({ auth, method }) => auth.kind === 'public' && method !== 'HEAD')
    .map(({ method, url }) => `${method} ${url}`);
  assert.deepEqual(found.toSorted(), Object.keys(open).toSorted());
});

test('nobody gets in without a credential: each route answers 401, or 403 where only root may', async () => {
  for (const { method, url, auth } of allRoutes()) {
    if (auth.kind === 'public') continue;
    const answer = await controller.app.inject({ method: method as 'GET', url });
    assert.equal(answer.statusCode, auth.kind === 'local' ? 403 : 401, `${method} ${url}: ${answer.body}`);
    // Agents and gateways read text, everybody else the error body.
    if (method === 'HEAD' || (auth.kind !== 'api' && auth.kind !== 'local')) continue;
    const body: { statusError: string } = answer.json();
    assert.equal(body.statusError, auth.kind === 'local' ? 'FORBIDDEN' : 'UNAUTHORIZED');
  }
});

test('nobody gets in with a token that is invented, malformed or of another kind', async () => {
  const api = await controller.tokenWith(['all:modify']);
  for (const { method, url, auth } of allRoutes()) {
    if (auth.kind === 'public' || auth.kind === 'local') continue;
    for (const authorization of [
      'Bearer invented',
      'Bearer ',
      `Basic ${api}`,
      `Bearer ${'x'.repeat(5_000)}`,
      'Bearer a b',
      api,
    ]) {
      const answer = await controller.app.inject({ method: method as 'GET', url, headers: { authorization } });
      assert.equal(answer.statusCode, 401, `${method} ${url} with ${authorization.slice(0, 20)}: ${answer.body}`);
    }
  }
});

test('a credential of one kind opens no route of another kind', async () => {
  const { database } = controller.deps.store;
  const tokens: Partial<Record<RouteAuth['kind'], string>> = { api: await controller.tokenWith(['all:modify']) };
  const [gateway, agent, install] = [newSecret(), newSecret(), newSecret()];
  const inAnHour = new Date(Date.now() + 3_600_000);
  const { connector } = await makeSmallWpc(controller.deps.store, { tokenHash: hashSecret(gateway) });
  await database
    .insertInto('agent_credential')
    .values({ secret_sha256: hashSecret(agent), connector_id: connector, expires_at: inAnHour })
    .execute();
  await database
    .insertInto('install_token')
    .values({ token_sha256: hashSecret(install), connector_id: connector, expires_at: inAnHour })
    .execute();
  Object.assign(tokens, { gateway, 'connector-agent': agent, 'install-token': install });
  const opened = new Set<string>();
  for (const { method, url, auth } of allRoutes()) {
    // A stream that is opened does not end by itself; that gateways may open it is gateway-stream.test.ts's.
    if (auth.kind === 'public' || url === '/gateway/v1/stream') continue;
    for (const [kind, token] of Object.entries(tokens)) {
      const headers = { authorization: `Bearer ${token}` };
      const { statusCode }: { statusCode: number } = await controller.app.inject({ method: method as 'GET', url, headers });
      const refused: boolean = statusCode === (auth.kind === 'local' ? 403 : 401);
      assert.equal(refused, kind !== auth.kind, `${method} ${url} with a credential of ${kind}: ${String(statusCode)}`);
      if (!refused) opened.add(kind);
    }
  }
  // Each of them is good where it belongs, else the refusals would prove nothing.
  assert.deepEqual([...opened].toSorted(), Object.keys(tokens).toSorted());
});

test('a credential with every permission but the one that a route asks for is refused with its name', async () => {
  const tokens = new Map<Permission, string>();
  for (const { method, url, auth } of allRoutes()) {
    if (auth.kind !== 'api' || method === 'HEAD') continue;
    const resource = auth.permission.split(':')[0] ?? '';
    const others = permissions.filter(
      (each) =>
        !each.startsWith('all:') &&
        (!each.startsWith(`${resource}:`) || (auth.permission.endsWith(':modify') && each.endsWith(':read'))),
    );
    const token = tokens.get(auth.permission) ?? (await controller.tokenWith(others));
    tokens.set(auth.permission, token);
    const answer = await controller.app.inject({ method: method as 'GET', url, headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.statusCode, 403, `${method} ${url}: ${answer.body}`);
    assert.match(answer.body, new RegExp(auth.permission));
  }
});

test('a token ends with its time, and with its credential', async () => {
  const token = await controller.tokenWith(['all:read']);
  const ask = async () =>
    (await controller.app.inject({ url: '/api/v1/regions', headers: { authorization: `Bearer ${token}` } })).statusCode;
  const { database } = controller.deps.store;
  assert.equal(await ask(), 200);
  await database
    .updateTable('access_token')
    .set({ expires_at: new Date(Date.now() - 1) })
    .execute();
  assert.equal(await ask(), 401);
  await database
    .updateTable('access_token')
    .set({ expires_at: new Date(Date.now() + 60_000) })
    .execute();
  assert.equal(await ask(), 200);
  await database
    .updateTable('api_credential')
    .set({ expires_at: new Date(Date.now() - 1) })
    .execute();
  assert.equal(await ask(), 401);
  await database.updateTable('api_credential').set({ expires_at: null }).execute();
  assert.equal(await ask(), 200);
  await database.deleteFrom('api_credential').execute();
  assert.equal(await ask(), 401);
});

test('a route that declares nothing cannot be registered', async () => {
  const app = Fastify();
  declareAuthorisation(app, controller.deps.store);
  assert.throws(() => app.get('/forgotten', async () => 'open'), /route (GET|HEAD) \/forgotten declares no authorisation/);
  await app.close();
});
