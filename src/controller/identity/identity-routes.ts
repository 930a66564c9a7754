import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SecondFactor as Factor } from '../../contract/api/person.ts';
import type { WebSessionState } from '../../contract/api/web-session.ts';
import { webSessionRoutes } from '../../contract/api/web-session.ts';
import { linkRoutes } from '../../contract/api/password-link.ts';
import type { ControllerDeps, InstallationInfo, RegisterRoutes } from '../deps.ts';
import { objectId } from '../domain/object-id.ts';
import { browserCookie, clearCookie, readCookie, sessionCookie, setCookie } from '../http/cookies.ts';
import type { RouteAuth } from '../http/route-auth.ts';
import { readMailServer } from '../mail/mail-server.ts';
import { recordAudit } from '../store/model-transaction.ts';
import { serve } from '../routes/serve.ts';
import { hasOwner, readAccount, readPerson } from './accounts.ts';
import { knownBrowser_s } from './browsers.ts';
import { countSignIn } from './count-sign-in.ts';
import { allowsPasskeys } from './passkey-host.ts';
import type { OneTimeLink } from './one-time-links.ts';
import { completeReset, allowReset, mailPasswordLink, makePasswordLink } from './password-links.ts';
import { removeSecondFactors } from './remove-second-factors.ts';
import { giveSecondFactor } from './second-factor.ts';
import { completeSetUp, makeSetUpLink } from './set-up.ts';
import type { SignedIn } from './sign-in.ts';
import { signIn } from './sign-in.ts';
import type { BrowserFacts, WebSession } from './web-sessions.ts';
import { announceEnd, endWebSession, longestSession_s } from './web-sessions.ts';
import type { UserId } from '../../core/ids.ts';

const fromBrowser: RouteAuth = { kind: 'browser' };

/** registerIdentity: set-up, signing in and out, and links with which people set a password. */
export const registerIdentity: RegisterRoutes = (app, deps) => {
  const { store } = deps;

  serve(app, webSessionRoutes.read, fromBrowser, async (_asked, { request }) => await describe(deps, request.webSession));

  serve(app, webSessionRoutes.setUp, fromBrowser, async ({ actor, body }, { request, reply }) => {
    const done = await completeSetUp(deps, actor, body, factsOf(request), readCookie(request, browserCookie));
    return await enter(deps, reply, done);
  });

  serve(app, webSessionRoutes.signIn, fromBrowser, async ({ actor, body }, { request, reply }) => {
    const attempt = { ...body, browser: readCookie(request, browserCookie), session: request.webSession, from: factsOf(request) };
    return await enter(deps, reply, await countSignIn(deps.metrics, 'password', signIn(deps, actor, attempt)));
  });

  serve(app, webSessionRoutes.secondFactor, fromBrowser, async ({ actor, body }, { request, reply }) => {
    const attempt = {
      factor: body,
      browser: readCookie(request, browserCookie),
      session: request.webSession,
      from: factsOf(request),
    };
    return await enter(deps, reply, await countSignIn(deps.metrics, 'second-factor', giveSecondFactor(deps, actor, attempt)));
  });

  serve(app, webSessionRoutes.signOut, fromBrowser, async ({ actor }, { request, reply }) => {
    const session = request.webSession;
    if (session !== undefined) {
      await store.database.transaction().execute(async (trx) => {
        await endWebSession(trx, session.id, session.user);
        if (session.state !== 'signed-in') return;
        await recordAudit(trx, actor, [{ entity: 'user', entityId: session.user, action: 'signed-out' }]);
      });
      await announceEnd(store, session.user);
    }
    clearCookie(reply, sessionCookie);
    return await describe(deps, undefined);
  });

  const resets = new Set<Promise<void>>();
  app.addHook('onClose', async () => void (await Promise.all(resets)));
  serve(app, webSessionRoutes.startReset, fromBrowser, async ({ actor, body }) => {
    await allowReset(store, actor);
    // After the answer: how long it takes would say whether the account exists.
    const reset = mailPasswordLink(deps, actor, body.email)
      .catch((error: unknown) => deps.log.warn({ err: error }, 'a password link could not be made'))
      .finally(() => resets.delete(reset));
    resets.add(reset);
  });
  serve(app, webSessionRoutes.completeReset, fromBrowser, async ({ actor, body }, { reply }) => {
    await completeReset(deps, actor, body);
    clearCookie(reply, sessionCookie);
  });

  serve(app, linkRoutes.password, { kind: 'administrator' }, async ({ actor, id }) =>
    linkAnswer(await makePasswordLink(deps, actor, objectId('user', id))),
  );
  serve(app, linkRoutes.removeSecondFactors, { kind: 'administrator' }, async ({ actor, id }) => {
    await removeSecondFactors(deps, actor, objectId('user', id));
  });
  serve(app, linkRoutes.setUp, { kind: 'local' }, async ({ actor }) => linkAnswer(await makeSetUpLink(deps, actor)));
};

/** enter hands the browser its cookies, and says what it is now. */
export async function enter(
  deps: ControllerDeps,
  reply: FastifyReply,
  done: SignedIn & { readonly user: UserId },
): Promise<WebSessionState> {
  setCookie(reply, sessionCookie, done.session, longestSession_s);
  if (done.kind === 'signed-in') setCookie(reply, browserCookie, done.browser, knownBrowser_s);
  return await describe(deps, { state: done.kind, user: done.user });
}

async function describe(
  { store, installation }: ControllerDeps,
  session: Pick<WebSession, 'state' | 'user'> | undefined,
): Promise<WebSessionState> {
  const { name, trusts } = await store.database
    .selectFrom('wpc')
    .select(['name', 'trusted_devices_allowed as trusts'])
    .executeTakeFirstOrThrow();
  const wpc = { name };
  const sendsMail = (await readMailServer(store.database)) !== null;
  const server = { ...serverFacts(installation), sendsMail, trustsBrowsers: trusts };
  switch (session?.state) {
    case 'signed-in': {
      const { person, owesSecondFactor } = await readPerson(store.database, session.user);
      return { state: owesSecondFactor ? 'enrolment' : 'signed-in', person, factors: [], wpc, server };
    }
    case 'second-factor': {
      const account = await readAccount(store.database, session.user);
      const factors: Factor[] = [...(account?.secondFactors ?? []), 'recovery-code' as const].filter(
        // Browsers would refuse it: the installation has lost its name since.
        (factor) => factor !== 'passkey' || server.allowsPasskeys,
      );
      return { state: 'second-factor', person: null, factors, wpc, server };
    }
    case undefined: {
      const state = (await hasOwner(store.database)) ? 'signed-out' : 'set-up';
      return { state, person: null, factors: [], wpc, server };
    }
  }
}

function serverFacts(installation: InstallationInfo): Omit<WebSessionState['server'], 'sendsMail' | 'trustsBrowsers'> {
  const { version, hostname, portalPin } = installation;
  return { version, hostname, isTrusted: portalPin === undefined, allowsPasskeys: allowsPasskeys(installation) };
}

export function factsOf(request: FastifyRequest): BrowserFacts {
  return { sourceAddress: request.actor.sourceAddress, userAgent: request.headers['user-agent'] ?? '' };
}

function linkAnswer({ url, expiresAt }: OneTimeLink) {
  return { url, expiresAt: expiresAt.toISOString() };
}
