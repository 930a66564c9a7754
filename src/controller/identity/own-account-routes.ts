import type { FastifyReply } from 'fastify';
import { ownAccountRoutes } from '../../contract/api/own-account.ts';
import type { RegisterRoutes } from '../deps.ts';
import { objectId } from '../domain/object-id.ts';
import { browserCookie, clearCookie, readCookie, sessionCookie, setCookie } from '../http/cookies.ts';
import type { RouteAuth } from '../http/route-auth.ts';
import type { Actor } from '../principal.ts';
import { requirePerson } from '../principal.ts';
import { serve } from '../routes/serve.ts';
import { readPerson } from './accounts.ts';
import type { Me } from './own-account.ts';
import {
  changePassword,
  confirmTotp,
  endOwnSession,
  newRecoveryCodes,
  readSecurity,
  removeTotp,
  startTotp,
} from './own-account.ts';
import { base32, totpUri } from './totp.ts';
import { listWebSessions, longestSession_s } from './web-sessions.ts';

const signedIn: RouteAuth = { kind: 'person' };
/** Whoever has to add a second factor comes this far. */
const enrolling: RouteAuth = { kind: 'own-account' };

/** registerOwnAccount: what signed-in people do with their own account, whatever their role. */
export const registerOwnAccount: RegisterRoutes = (app, deps) => {
  const { store } = deps;

  serve(app, ownAccountRoutes.security, enrolling, async ({ actor }) => {
    const security = await readSecurity(deps, meOf(actor));
    return { ...security, passwordChangedAt: security.passwordChangedAt.toISOString() };
  });

  serve(app, ownAccountRoutes.sessions, enrolling, async ({ actor }) => {
    const { person } = meOf(actor);
    const sessions = await listWebSessions(store.database, person.id);
    return sessions.map((session) => ({
      id: session.id,
      startedAt: session.started_at.toISOString(),
      lastSeenAt: session.last_seen_at.toISOString(),
      expiresAt: session.expires_at.toISOString(),
      sourceAddress: session.source_address,
      userAgent: session.user_agent,
      isThis: session.id === person.session,
    }));
  });

  serve(app, ownAccountRoutes.endSession, signedIn, async ({ actor, id }, { reply }) => {
    const me = meOf(actor);
    const session = objectId('web-session', id);
    await endOwnSession(deps, me, session);
    if (session === me.person.session) clearCookie(reply, sessionCookie);
  });

  serve(app, ownAccountRoutes.changePassword, signedIn, async ({ actor, body }, { request, reply }) => {
    renew(reply, await changePassword(deps, meOf(actor), { ...body, browser: readCookie(request, browserCookie) }));
  });

  serve(app, ownAccountRoutes.startTotp, enrolling, async ({ actor, body }) => {
    const me = meOf(actor);
    const secret = await startTotp(deps, me, body.password);
    const { name: issuer } = await store.database.selectFrom('wpc').select('name').executeTakeFirstOrThrow();
    const { username } = (await readPerson(store.database, me.person.id)).person;
    return { secret: base32(secret), uri: totpUri(secret, { issuer, username }) };
  });

  serve(app, ownAccountRoutes.confirmTotp, enrolling, async ({ actor, body }, { reply }) => {
    const { codes, session } = await confirmTotp(deps, meOf(actor), body.code);
    renew(reply, session);
    return { codes: [...codes] };
  });

  serve(app, ownAccountRoutes.removeTotp, signedIn, async ({ actor, body }, { reply }) => {
    renew(reply, await removeTotp(deps, meOf(actor), body.password));
  });

  serve(app, ownAccountRoutes.newRecoveryCodes, signedIn, async ({ actor, body }, { reply }) => {
    const { codes, session } = await newRecoveryCodes(deps, meOf(actor), body.password);
    renew(reply, session);
    return { codes: [...codes] };
  });
};

/** renew gives the browser the new token of its session. */
export function renew(reply: FastifyReply, token: string): void {
  setCookie(reply, sessionCookie, token, longestSession_s);
}

/** meOf is who acts on the own account, on a route of people. */
export function meOf(actor: Actor): Me {
  return { person: requirePerson(actor), actor };
}
