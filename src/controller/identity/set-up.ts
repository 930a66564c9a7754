import { conflict, invalidInput } from '../../contract/errors.ts';
import type { SetUpRequest } from '../../contract/api/web-session.ts';
import type { UserId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import { createOwner } from '../domain/users.ts';
import type { Actor } from '../principal.ts';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { hasOwner, writePassword } from './accounts.ts';
import { rememberBrowser } from './browsers.ts';
import type { OneTimeLink } from './one-time-links.ts';
import { makeLink, requireLink, useLink, voidLinks } from './one-time-links.ts';
import { hashPassword } from './password-hash.ts';
import { requireUncommon } from './password-rules.ts';
import type { SignedIn } from './sign-in.ts';
import type { BrowserFacts } from './web-sessions.ts';
import { startWebSession } from './web-sessions.ts';

type SetUpDeps = Pick<ControllerDeps, 'store' | 'installation' | 'tellSetUpLink'>;

/** Each installation is set up by whoever holds a link that was made on its machine: there is no account, no password, before that. */
export async function offerSetUp(deps: SetUpDeps): Promise<void> {
  const link = await inModelTransaction(deps.store, systemActor, async ({ trx }) => {
    if (!(await hasOwner(trx))) return await makeLink(trx, deps.installation, 'set-up', null);
    await voidLinks(trx, 'set-up', null);
    return undefined;
  });
  deps.tellSetUpLink(link?.url ?? null);
}

/** makeSetUpLink makes a new link, which voids the one before. Refuses, with 409, when there is an owner. */
export async function makeSetUpLink(deps: SetUpDeps, actor: Actor): Promise<OneTimeLink> {
  const link = await inModelTransaction(deps.store, actor, async ({ trx, record }) => {
    if (await hasOwner(trx)) {
      throw conflict(
        'set-up',
        'This installation has an owner already, so there is nothing to set up. For a new password of a person: POST /api/causeway/v1/users/{id}/password-link.',
      );
    }
    const made = await makeLink(trx, deps.installation, 'set-up', null);
    record({
      entity: 'installation',
      entityId: 'set-up',
      action: 'link-made',
      after: { expiresAt: made.expiresAt.toISOString() },
    });
    return made;
  });
  deps.tellSetUpLink(link.url);
  return link;
}

/**
 * completeSetUp makes the owner, names the WPC, voids the link and begins the owner's first session: all of it or nothing. Of two at once one
 * gets the link. Throws `invalid-input` naming the field: a link that does not count, a common password, a name that is taken.
 */
export async function completeSetUp(
  deps: SetUpDeps,
  actor: Actor,
  request: SetUpRequest,
  from: BrowserFacts,
  browser: string | undefined,
): Promise<SignedIn & { readonly user: UserId }> {
  const { store } = deps;
  // Before the hash: who has no link must not make us compute.
  await requireLink(store.database, 'set-up', request.token);
  requireUncommon(request.password, [request.email, request.wpcName]);
  const passwordHash = await hashPassword(request.password);
  const proved: Actor = { ...actor, principal: { kind: 'one-time-link', purpose: 'set-up' } };
  const done = await inModelTransaction(store, proved, async (change) => {
    const { trx, record } = change;
    await useLink(trx, 'set-up', request.token);
    if (await hasOwner(trx)) throw invalidInput('token', '(not shown)', 'is of no use: this installation has an owner already');
    const user = await createOwner(change, request.email);
    await writePassword(trx, user, passwordHash);
    const before = await trx.selectFrom('wpc').select('name').executeTakeFirstOrThrow();
    await trx.updateTable('wpc').set({ name: request.wpcName }).execute();
    record({ entity: 'settings', entityId: 'wpc', action: 'updated', before, after: { name: request.wpcName } });
    const { token: session } = await startWebSession(trx, user, 'signed-in', from);
    record({ entity: 'user', entityId: user, action: 'signed-in' });
    return { kind: 'signed-in' as const, user, session, browser: await rememberBrowser(trx, browser, user, false) };
  });
  deps.tellSetUpLink(null);
  return done;
}
