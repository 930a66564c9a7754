import { invitationRoutes } from '../../contract/api/invitation.ts';
import type { RegisterRoutes } from '../deps.ts';
import { objectId } from '../domain/object-id.ts';
import { createUser } from '../domain/users.ts';
import { browserCookie, readCookie } from '../http/cookies.ts';
import type { RouteAuth } from '../http/route-auth.ts';
import { allowed, serve } from '../routes/serve.ts';
import { userAnswer } from '../routes/user-api.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { enter, factsOf } from './identity-routes.ts';
import { acceptInvitation, findInvitation, inviteUser } from './invitations.ts';

/** Posted by our own page, to which the link leads; nobody is signed in yet. */
const fromBrowser: RouteAuth = { kind: 'browser' };

/** registerInvitations: inviting people, and what they do with the link. */
export const registerInvitations: RegisterRoutes = (app, deps) => {
  const { store } = deps;

  serve(app, invitationRoutes.create, allowed('user:modify'), async ({ actor, id }) =>
    inModelTransaction(store, actor, async (change) => inviteUser(change, deps, objectId('user', id))),
  );

  serve(app, invitationRoutes.createUser, allowed('user:modify'), async ({ actor, body: { invite = false, ...request } }) =>
    inModelTransaction(store, actor, async (change) => {
      const user = await createUser(change, { ...request, status: request.status ?? (invite ? 'INVITED' : undefined) });
      return { user: userAnswer(user), invitation: invite ? await inviteUser(change, deps, user.id) : null };
    }),
  );

  serve(app, invitationRoutes.inspect, fromBrowser, async ({ body }) => {
    const { username, email, wpcName, expiresAt } = await findInvitation(store.database, body.token);
    return { username, email, wpcName, expiresAt: expiresAt.toISOString() };
  });

  serve(app, invitationRoutes.accept, fromBrowser, async ({ actor, body }, { request, reply }) => {
    const done = await acceptInvitation(deps, actor, body, factsOf(request), readCookie(request, browserCookie));
    return await enter(deps, reply, done);
  });
};
