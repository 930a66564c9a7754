import assert from 'node:assert/strict';
import { eventStreamPath } from '../../contract/api/event.ts';
import { after, before, test } from 'node:test';
import Fastify from 'fastify';
import { permissions } from '../../contract/permission.ts';
import type { Permission } from '../../contract/permission.ts';
import { demandSecondFactor, makePerson, ownPage, signedInBrowser, TestBrowser } from '../identity/test-people.ts';
import { startWebSession } from '../identity/web-sessions.ts';
import { makeSmallWpc } from '../pki/test-pki.ts';
import { everything } from '../routes/test-api.ts';
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
  'GET /c/:token': 'the same page, at an address whose end is not logged',
  'GET /api/causeway/v1/healthz': 'liveness probes have no credential',
  'GET /api/causeway/v1/readyz': 'readiness probes have no credential',
  'GET /api/causeway/v1/openapi.json': 'describes the API, not the installation',
  'GET /api/v1/openapi.json': 'describes the API, not the installation',
  'POST /api/v1/oauth/token': 'is where a credential is shown',
  'GET /connector/install.sh': 'static text; the token is its argument',
  'GET /connector/agent.sh': 'static text',
  'GET /connector/profiles/:reference':
    'openvpn-connector-setup sends no credential; the reference is a secret and the content encrypted',
  'GET /profile/:token':
    'clients that import a profile do not sign in; the token is the secret of a link, for one device and 10 minutes',
  'GET /crl.pem': 'a revocation list is made to be handed out; it holds serials, no names',
};

/** Routes that are asked by whoever is not signed in yet, or is just signing out. Each proves somebody, or says nothing that is secret. */
const fromBrowsers: Readonly<Record<string, string>> = {
  'GET /api/causeway/v1/session': 'says whether somebody is signed in, and the name of the WPC',
  'POST /api/causeway/v1/set-up': 'takes the secret of a link that was made on the machine',
  'POST /api/causeway/v1/sign-in': 'takes a password',
  'POST /api/causeway/v1/sign-in/second-factor': 'takes a code, in a session that a password began',
  'POST /api/causeway/v1/sign-in/passkey/start': 'gives a challenge; names passkeys only in a session that a password began',
  'POST /api/causeway/v1/sign-in/passkey': 'takes the signature of a passkey',
  'POST /api/causeway/v1/sign-out': 'ends the session of the cookie, if there is one',
  'POST /api/causeway/v1/password-reset': 'answers the same to all',
  'POST /api/causeway/v1/password-reset/complete': 'takes the secret of a link',
  'POST /api/causeway/v1/invitations/inspect': 'takes the secret of a link',
  'POST /api/causeway/v1/invitations/accept': 'takes the secret of a link',
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

test('the routes that browsers may ask before anybody is signed in are exactly those that are listed with a reason', () => {
  const found = controller.app
    .declaredRoutes()
    .filter(({ auth, method }) => auth.kind === 'browser' && method !== 'HEAD')
    .map(({ method, url }) => `${method} ${url}`);
  assert.deepEqual(found.toSorted(), Object.keys(fromBrowsers).toSorted());
});

test('nobody gets in without a credential: each route answers 401, or 403 where only root may', async () => {
  for (const { method, url, auth } of allRoutes()) {
    if (auth.kind === 'public' || auth.kind === 'browser') continue;
    const answer = await controller.app.inject({ method: method as 'GET', url });
    assert.equal(answer.statusCode, auth.kind === 'local' ? 403 : 401, `${method} ${url}: ${answer.body}`);
    // Agents and gateways read text, everybody else the error body.
    if (method === 'HEAD' || !readsJson(auth)) continue;
    const body: { statusError: string } = answer.json();
    assert.equal(body.statusError, auth.kind === 'local' ? 'FORBIDDEN' : 'UNAUTHORIZED');
  }
});

test('nobody gets in with a token that is invented, malformed or of another kind', async () => {
  const api = await controller.tokenWith(['all:modify']);
  for (const { method, url, auth } of allRoutes()) {
    if (auth.kind === 'public' || auth.kind === 'browser' || auth.kind === 'local') continue;
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
    if (auth.kind === 'public' || auth.kind === 'browser') continue;
    if (streams.includes(url)) continue;
    for (const [kind, token] of Object.entries(tokens)) {
      const headers = { authorization: `Bearer ${token}` };
      const { statusCode }: { statusCode: number } = await controller.app.inject({ method: method as 'GET', url, headers });
      const refused: boolean = statusCode === refusalOf(auth, kind);
      assert.equal(refused, kind !== auth.kind, `${method} ${url} with a credential of ${kind}: ${String(statusCode)}`);
      if (!refused) opened.add(kind);
    }
  }
  // Each of them is good where it belongs, else the refusals would prove nothing.
  assert.deepEqual([...opened].toSorted(), Object.keys(tokens).toSorted());
});

/** A stream that is opened does not end by itself: who is let in is told by the tests of each. */
const streams: readonly string[] = ['/gateway/v1/stream', eventStreamPath];

function readsJson({ kind }: RouteAuth): boolean {
  return kind === 'api' || kind === 'local' || kind === 'person' || kind === 'own-account' || kind === 'administrator';
}

/** A credential that is known, and not enough, is 403; one that proves nothing here is 401. */
function refusalOf({ kind }: RouteAuth, credential: string): number {
  return kind === 'local' || (kind === 'administrator' && credential === 'api') ? 403 : 401;
}

/** `owing`: an OWNER of whom a second factor is demanded, and who has none. */
const askers = ['anonymous', 'MEMBER', 'ADMIN', 'OWNER', 'credential', 'owing'] as const;
type Outcome = 401 | 403 | 'served';

/** The whole of who may what: by what a route declares, in the order of `askers`. Served: whatever the handler says to an empty request. */
const matrix = {
  browser: ['served', 'served', 'served', 'served', 'served', 'served'],
  'own-account': [401, 'served', 'served', 'served', 401, 'served'],
  person: [401, 'served', 'served', 'served', 401, 403],
  api: [401, 403, 'served', 'served', 'served', 403],
  administrator: [401, 403, 'served', 'served', 403, 403],
  local: [403, 403, 403, 403, 403, 403],
  gateway: [401, 401, 401, 401, 401, 401],
  'connector-agent': [401, 401, 401, 401, 401, 401],
  'install-token': [401, 401, 401, 401, 401, 401],
} as const satisfies Record<Exclude<RouteAuth['kind'], 'public'>, readonly Outcome[]>;

for (const [column, asker] of askers.entries()) {
  test(`every route serves or refuses ${asker} as its kind says`, async () => {
    const person = await personFor(asker);
    const token = await controller.tokenWith(['all:modify']);
    let walked = 0;
    for (const { method, url, auth } of allRoutes()) {
      if (auth.kind === 'public') continue;
      const expected: Outcome = matrix[auth.kind][column] ?? 'served';
      if (expected === 'served' && streams.includes(url)) continue;
      // A session of its own for each: signing out ends it. The list of who signed in is not what is tested here.
      const browser = person === undefined ? new TestBrowser(controller) : await signedInBrowser(controller, person);
      const headers = asker === 'credential' ? { ...ownPage, authorization: `Bearer ${token}` } : ownPage;
      const { status, text } = await browser.ask(method, url, undefined, headers);
      const handlersOwn = auth.kind === 'browser' && status === 401 && url.endsWith('/second-factor');
      const outcome = (status === 401 && !handlersOwn) || status === 403 ? status : 'served';
      assert.equal(outcome, expected, `${asker}: ${method} ${url} (${auth.kind}): ${String(status)} ${text}`);
      if (asker === 'owing' && expected === 403 && auth.kind !== 'local' && method !== 'HEAD')
        assert.match(text, /"second-factor-required"/);
      walked += 1;
    }
    assert.ok(walked > 60);
  });
}

async function personFor(asker: (typeof askers)[number]) {
  switch (asker) {
    case 'anonymous':
    case 'credential':
      return undefined;
    case 'owing': {
      const owner = await personWith('OWNER');
      await demandSecondFactor(controller, owner);
      return owner;
    }
    default:
      return await personWith(asker);
  }
}

/** Whoever owes a second factor gets this far, and no further; the list grows only with a reason in review. */
test('the routes of whoever has to add a second factor are exactly these', () => {
  const found = controller.app
    .declaredRoutes()
    .filter(({ auth, method }) => auth.kind === 'own-account' && method !== 'HEAD')
    .map(({ method, url }) => `${method} ${url.replace('/api/causeway/v1/', '')}`);
  assert.deepEqual(found.toSorted(), [
    'GET me/passkeys',
    'GET me/security',
    'GET me/sessions',
    'POST me/passkeys',
    'POST me/passkeys/start',
    'POST me/totp',
    'POST me/totp/confirm',
  ]);
});

let people = 0;
async function personWith(role: 'OWNER' | 'ADMIN' | 'MEMBER') {
  people += 1;
  return await makePerson(controller, { username: `person ${String(people)}`, role, password: 'only its hash is kept' });
}

test('no changing route is served to a form of another site, whatever it can send, although the owner is signed in', async () => {
  const owner = await personWith('OWNER');
  const browser = await signedInBrowser(controller, owner);
  const cookie = `__Host-causeway=${browser.cookies.get('__Host-causeway') ?? ''}`;
  const before = await everything(controller);
  const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  const forms: readonly { readonly headers: Record<string, string>; readonly payload?: string }[] = [
    { headers: { ...evil, 'content-type': 'application/x-www-form-urlencoded' }, payload: 'name=x' },
    { headers: { ...evil, 'content-type': 'multipart/form-data; boundary=x' }, payload: '--x--' },
    { headers: { ...evil, 'content-type': 'text/plain' }, payload: '{"name":"x"}' },
    { headers: { ...evil } },
    // An old browser that sends neither, and one that tells the truth of a neighbour on the same site.
    { headers: { 'content-type': 'text/plain' }, payload: '{"name":"x"}' },
    { headers: { origin: 'https://causeway.test:8443', 'sec-fetch-site': 'same-site', 'x-causeway': '1' } },
    // All but one.
    { headers: { ...evil, 'x-causeway': '1', 'content-type': 'application/json' }, payload: '{"name":"x"}' },
    { headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }, payload: '{"name":"x"}' },
    { headers: { ...ownPage, 'content-type': 'text/plain' }, payload: '{"name":"x"}' },
    { headers: { ...ownPage }, payload: '{"name":"x"}' },
  ];
  let tried = 0;
  for (const { method, url, auth } of allRoutes()) {
    if (method === 'GET' || method === 'HEAD') continue;
    if (
      auth.kind !== 'api' &&
      auth.kind !== 'person' &&
      auth.kind !== 'own-account' &&
      auth.kind !== 'administrator' &&
      auth.kind !== 'browser'
    )
      continue;
    for (const { headers, payload } of forms) {
      const answer = await controller.app.inject({
        method: method as 'POST',
        url,
        headers: { ...headers, cookie, host: 'causeway.test' },
        ...(payload === undefined ? {} : { payload }),
      });
      assert.equal(answer.statusCode, 403, `${method} ${url} with ${JSON.stringify(headers)}: ${answer.body}`);
      assert.match(answer.body, /page of another site/);
    }
    tried += 1;
  }
  assert.ok(tried > 40);
  assert.equal(await everything(controller), before);
  assert.equal(await browser.state(), 'signed-in');
});

test('a request with a token and a cookie is the token’s, whatever the cookie could do', async () => {
  const browser = await signedInBrowser(controller, await personWith('OWNER'));
  const ask = async (authorization: string) => (await browser.ask('GET', '/api/v1/users', undefined, { authorization })).status;
  assert.equal(await ask(`Bearer ${await controller.tokenWith(['region:read'])}`), 403);
  assert.equal(await ask('Bearer invented'), 401);
  assert.equal(await ask('Basic b3duZXI6eA=='), 401);
  assert.equal((await browser.ask('GET', '/api/v1/users', undefined, {})).status, 200);
  const withToken = await browser.ask('GET', 'session', undefined, { authorization: 'Bearer invented' });
  assert.match(withToken.text, /"state":"signed-out"/);
});

test('a session that lacks its second factor opens nothing', async () => {
  const person = await personWith('OWNER');
  const browser = new TestBrowser(controller);
  const facts = { sourceAddress: null, userAgent: '' };
  const { token } = await startWebSession(controller.deps.store.database, person.id, 'second-factor', facts);
  browser.cookies.set('__Host-causeway', token);
  for (const url of ['/api/v1/users', 'me/security', 'audit']) assert.equal((await browser.ask('GET', url)).status, 401, url);
});

test('each session has a rate of its own', async () => {
  await using slow = await testController({ rateLimit: { perSecond: 1, burst: 3 } });
  const owner = await makePerson(slow, { username: 'o', role: 'OWNER' });
  const [one, two] = [await signedInBrowser(slow, owner), await signedInBrowser(slow, owner)];
  const statuses: number[] = [];
  for (let index = 0; index < 4; index += 1) statuses.push((await one.ask('GET', '/api/v1/regions')).status);
  assert.deepEqual(statuses, [200, 200, 200, 429]);
  assert.equal((await two.ask('GET', '/api/v1/regions')).status, 200);
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
