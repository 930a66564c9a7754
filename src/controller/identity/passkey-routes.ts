import { passkeyRoutes } from '../../contract/api/passkey.ts';
import type { RegisterRoutes } from '../deps.ts';
import { objectId } from '../domain/object-id.ts';
import { browserCookie, readCookie } from '../http/cookies.ts';
import type { RouteAuth } from '../http/route-auth.ts';
import { serve } from '../routes/serve.ts';
import { countSignIn } from './count-sign-in.ts';
import { enter, factsOf } from './identity-routes.ts';
import { meOf, renew } from './own-account-routes.ts';
import { addPasskey, listPasskeys, removePasskey, startPasskey } from './passkeys.ts';
import { signInWithPasskey, startPasskeySignIn } from './passkey-sign-in.ts';

const signedIn: RouteAuth = { kind: 'person' };
/** Whoever has to add a second factor comes this far. */
const enrolling: RouteAuth = { kind: 'own-account' };
const fromBrowser: RouteAuth = { kind: 'browser' };

/** registerPasskeys: the own passkeys, and signing in with one. */
export const registerPasskeys: RegisterRoutes = (app, deps) => {
  serve(app, passkeyRoutes.list, enrolling, async ({ actor }) => {
    const keys = await listPasskeys(deps.store.database, meOf(actor).person.id);
    return keys.map(({ id, name, created_at: created, last_used_at: used }) => ({
      id,
      name,
      createdAt: created.toISOString(),
      lastUsedAt: used?.toISOString() ?? null,
    }));
  });

  serve(app, passkeyRoutes.startAdding, enrolling, async ({ actor, body }) => ({
    options: { ...(await startPasskey(deps, meOf(actor), body.password)) },
  }));

  serve(app, passkeyRoutes.add, enrolling, async ({ actor, body }, { reply }) => {
    const { codes, session } = await addPasskey(deps, meOf(actor), body);
    renew(reply, session);
    return { codes: [...codes] };
  });

  serve(app, passkeyRoutes.remove, signedIn, async ({ actor, id, body }, { reply }) => {
    renew(reply, await removePasskey(deps, meOf(actor), objectId('passkey', id), body.password));
  });

  serve(app, passkeyRoutes.startSignIn, fromBrowser, async ({ actor }, { request }) => ({
    options: { ...(await startPasskeySignIn(deps, actor, request.webSession)) },
  }));

  serve(app, passkeyRoutes.signIn, fromBrowser, async ({ actor, body }, { request, reply }) => {
    const attempt = { ...body, session: request.webSession, browser: readCookie(request, browserCookie), from: factsOf(request) };
    return await enter(deps, reply, await countSignIn(deps.metrics, 'passkey', signInWithPasskey(deps, actor, attempt)));
  });
};
