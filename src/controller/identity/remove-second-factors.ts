import { conflict, notFound } from '../../contract/errors.ts';
import type { UserId } from '../../core/ids.ts';
import { forgetAuthenticated } from '../connect-attempt/authenticated.ts';
import type { ControllerDeps } from '../deps.ts';
import { requireAuthorityOver } from '../domain/role-rules.ts';
import type { Actor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { readAccount } from './accounts.ts';
import { distrustBrowsers } from './browsers.ts';
import { announceEnd, endWebSessionsOf } from './web-sessions.ts';

/**
 * removeSecondFactors is for who has lost telephone, key and recovery codes: all of them go, trusted browsers and sessions too, and the password
 * is enough until a new one is added. Refuses a person above the actor (403), and oneself (409): the own ones want the own password.
 */
export async function removeSecondFactors({ store }: Pick<ControllerDeps, 'store'>, actor: Actor, user: UserId): Promise<void> {
  await inModelTransaction(store, actor, async (change) => {
    const { trx, record } = change;
    const account = await readAccount(trx, user);
    if (account === undefined) throw notFound('user', user);
    await requireAuthorityOver(trx, actor, account.role);
    if (actor.principal.kind === 'person' && actor.principal.id === user) {
      throw conflict('id', 'These are your own second factors: remove them in your account, with your password.', { id: user });
    }
    await trx
      .updateTable('account')
      .set({ totp_secret: null, totp_last_step: null, totp_pending: null })
      .where('user_id', '=', user)
      .execute();
    await trx.deleteFrom('passkey').where('user_id', '=', user).execute();
    await trx.deleteFrom('recovery_code').where('user_id', '=', user).execute();
    await distrustBrowsers(trx, user);
    await endWebSessionsOf(trx, user);
    await forgetAuthenticated(change, user);
    const before = { secondFactors: [...account.secondFactors] };
    record({ entity: 'user', entityId: user, action: 'second-factors-removed', before });
  });
  await announceEnd(store, user);
}
