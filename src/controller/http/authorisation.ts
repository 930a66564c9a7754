/**
 * src/controller/http is what every route has in common: listeners, authorisation, errors, bodies, rates, the log, the OpenAPI document.
 * Tests: `node --test 'src/controller/http/*.test.ts'`.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CausewayError } from '../../contract/errors.ts';
import { isAllowed } from '../../contract/permission.ts';
import { enrolFirst } from '../identity/demanded-second-factor.ts';
import type { WebSession } from '../identity/web-sessions.ts';
import { findWebSession, voidedSession } from '../identity/web-sessions.ts';
import type { Actor, Person, Principal } from '../principal.ts';
import type { Store } from '../store/store.ts';
import { BasicAuth, basicCredentials } from './basic-auth.ts';
import { readCookie, sessionCookie } from './cookies.ts';
import { findApiCredential, findConnectorAgent, findGateway, findInstallToken } from './find-principal.ts';
import { requireOwnPage } from './own-page.ts';
import type { ListenerName, RouteAuth } from './route-auth.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    auth: RouteAuth;
  }
  interface FastifyInstance {
    /** Every route with what it demands: what the tests walk. */
    declaredRoutes: () => readonly { readonly method: string; readonly url: string; readonly auth: RouteAuth }[];
  }
  interface FastifyRequest {
    /** Who asks; set before any handler runs. */
    actor: Actor;
    /** The session of the request's cookie, on routes that look at it: also one that still lacks its second factor. */
    webSession: WebSession | undefined;
    /** The last revision that this request has made. */
    changeId: number | undefined;
  }
}

const anonymous: Principal = { kind: 'anonymous' };

/** Which listener a request came through; a request that nobody has marked came from the open network. */
const listenerOfRequest = new WeakMap<IncomingMessage, ListenerName>();

/** markListener is called by the servers of listeners.ts for every request, before routing. */
export function markListener(request: IncomingMessage, listener: ListenerName): void {
  listenerOfRequest.set(request, listener);
}

/**
 * declareAuthorisation makes every route of `app` (and of its plugins, registered later) say whom it serves, and checks it before anything
 * of the request is read: a missing or invalid credential is 401, a credential without the permission 403.
 */
export function declareAuthorisation(app: FastifyInstance, store: Store): void {
  const basic = new BasicAuth(store);
  const declared: { method: string; url: string; auth: RouteAuth }[] = [];
  app.decorate('declaredRoutes', () => declared);
  app.addHook('onRoute', (route) => {
    const auth = route.config?.auth;
    if (auth === undefined) {
      throw new Error(
        `route ${String(route.method)} ${route.url} declares no authorisation: set config.auth (http/route-auth.ts)`,
      );
    }
    for (const method of [route.method].flat()) declared.push({ method, url: route.url, auth });
  });
  app.decorateRequest('actor');
  app.decorateRequest('webSession', undefined);
  app.decorateRequest('changeId', undefined);
  app.addHook('onRequest', async (request, reply) => {
    const listener = listenerOfRequest.get(request.raw) ?? 'https';
    request.actor = {
      principal: anonymous,
      sourceAddress: sourceAddress(request, listener),
      requestId: request.id,
      changed: (revision) => noteChange(request, reply, revision),
    };
    // Unknown routes are answered by the not-found handler, which has no config.
    if (request.is404) return;
    const { auth } = request.routeOptions.config;
    if (listener === 'gateway' && auth.kind !== 'gateway') {
      throw new CausewayError('not-found', `Route ${request.method} ${pathOf(request)} not found on the gateway's socket.`);
    }
    request.actor = { ...request.actor, principal: await authorise({ store, basic }, request, listener, auth) };
  });
}

/** The answer says which change it was, and so does the line in the log (docs/logs.md). A stream has sent its head already. */
function noteChange(request: FastifyRequest, reply: FastifyReply, revision: number): void {
  request.changeId = revision;
  if (!reply.raw.headersSent) reply.header('X-Change-Id', String(revision));
}

function sourceAddress(request: FastifyRequest, listener: ListenerName): string | null {
  return listener === 'https' ? request.ip : null;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

type Proof = { readonly store: Store; readonly basic: BasicAuth };

async function authorise(
  { store, basic }: Proof,
  request: FastifyRequest,
  listener: ListenerName,
  auth: RouteAuth,
): Promise<Principal> {
  switch (auth.kind) {
    case 'public':
      return anonymous;
    case 'local':
      if (listener === 'local') return { kind: 'local-root' };
      throw new CausewayError(
        'forbidden',
        `${request.method} ${pathOf(request)} is served only on the controller's own machine, to root: use the causeway command there.`,
      );
    case 'browser': {
      requireOwnPage(request);
      return (await personOf(store, request)) ?? anonymous;
    }
    case 'own-account':
      return await demandAccount(store, request);
    case 'person':
      return await demandPerson(store, request);
    case 'administrator': {
      if (listener === 'local') return { kind: 'local-root' };
      if (!hasAuthorization(request)) return requireAdministrator(await demandPerson(store, request));
      await demandApiCredential(store, request);
      throw new CausewayError(
        'forbidden',
        `${request.method} ${pathOf(request)} is for people: sign in as OWNER or ADMIN, or use the causeway command on the controller's own machine. No API credential may do it.`,
      );
    }
    case 'api': {
      if (listener === 'local') return { kind: 'local-root' };
      // A program that says who it is means that, whatever a browser adds.
      if (!hasAuthorization(request) && readCookie(request, sessionCookie) !== undefined) {
        return requireAdministrator(await demandPerson(store, request));
      }
      const shown = auth.basic === true ? basicCredentials(request.headers.authorization) : undefined;
      const principal = shown === undefined ? await demandApiCredential(store, request) : await basic.prove(request, shown);
      if (principal.kind !== 'api-credential' || !isAllowed(principal.permissions, auth.permission)) {
        throw new CausewayError(
          'forbidden',
          `This API credential lacks the permission ${auth.permission}; use one that has it, or create one with it.`,
          { details: [{ field: 'permission', message: `${auth.permission} is missing`, params: { required: auth.permission } }] },
        );
      }
      return principal;
    }
    case 'gateway':
      return await demand(request, 'gateway token', async (token) => await findGateway(store.database, token));
    case 'connector-agent':
      return await demand(request, 'connector credential', async (token) => await findConnectorAgent(store.database, token));
    case 'install-token':
      return await demand(request, 'install token', async (token) => await findInstallToken(store.database, token));
  }
}

function hasAuthorization(request: FastifyRequest): boolean {
  return request.headers.authorization !== undefined;
}

async function demandApiCredential(store: Store, request: FastifyRequest): Promise<Principal> {
  return await demand(
    request,
    'API access token',
    async (token) => await findApiCredential(store.database, token, request.actor.sourceAddress),
  );
}

/** personOf finds who is signed in with the request's cookie, and keeps the session with the request. */
async function personOf(store: Store, request: FastifyRequest): Promise<Person | undefined> {
  const token = hasAuthorization(request) ? undefined : readCookie(request, sessionCookie);
  const session = token === undefined ? undefined : await findWebSession(store.database, token);
  request.webSession = session;
  if (session?.state !== 'signed-in') return undefined;
  return { kind: 'person', id: session.user, name: session.username, role: session.role, session: session.id };
}

/** demandPerson is the one place that stops whoever owes a second factor: what they may do nevertheless declares `own-account`. */
async function demandPerson(store: Store, request: FastifyRequest): Promise<Person> {
  const person = await demandAccount(store, request);
  if (request.webSession?.owesSecondFactor === true) throw enrolFirst();
  return person;
}

async function demandAccount(store: Store, request: FastifyRequest): Promise<Person> {
  const person = await personOf(store, request);
  if (person === undefined) throw voidedSession();
  requireOwnPage(request);
  return person;
}

function requireAdministrator(person: Person): Person {
  switch (person.role) {
    case 'OWNER':
    case 'ADMIN':
      return person;
    case 'MEMBER':
      throw new CausewayError('forbidden', 'This takes the role OWNER or ADMIN; yours is MEMBER. Ask an administrator.');
  }
}

async function demand(
  request: FastifyRequest,
  what: string,
  find: (token: string) => Promise<Principal | undefined>,
): Promise<Principal> {
  const token = bearerToken(request);
  const principal = token === undefined ? undefined : await find(token);
  if (principal !== undefined) return principal;
  const problem = token === undefined ? `is missing` : 'is unknown, expired or withdrawn';
  throw new CausewayError('unauthenticated', `The ${what} ${problem}; send it as "Authorization: Bearer …".`);
}

/** No credential of ours is longer than 43 characters; a limit keeps a megabyte of header from being hashed. */
const longestToken = 200;

/** bearerToken is the one that a request shows; undefined for none, and for what cannot be one. */
export function bearerToken(request: FastifyRequest): string | undefined {
  const match = /^bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(request.headers.authorization ?? '');
  const token = match?.[1];
  return token !== undefined && token.length <= longestToken ? token : undefined;
}
