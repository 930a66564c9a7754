import { sql } from 'kysely';
import type { SecondFactorDemand } from '../../contract/api/words.ts';
import { CausewayError } from '../../contract/errors.ts';
import type { UserId } from '../../core/ids.ts';
import type { Reader } from '../store/database.ts';
import type { Account } from './accounts.ts';
import { distrustBrowsers } from './browsers.ts';

/** isDemanded, in a query over app_user: of everybody by the setting auth/two-factor-auth, or by one of the person's groups. */
const isDemanded = sql`((select two_factor_auth from wpc) or exists (
  select from user_group
  where user_group.id = any(app_user.secondary_group_ids || app_user.group_id) and user_group.second_factor = 'REQUIRED'))`;

/** secondFactorDemand is a column of a query over app_user. */
export const secondFactorDemand = sql<SecondFactorDemand>`case when ${isDemanded} then 'REQUIRED' else 'OPTIONAL' end`;

/** owesSecondFactor, in a query over app_user: one is demanded and there is none, so a session of theirs may do nothing but add one. */
export const owesSecondFactor = sql<boolean>`(${isDemanded}
  and not exists (select from account where account.user_id = app_user.id and account.totp_secret is not null)
  and not exists (select from passkey where passkey.user_id = app_user.id))`;

/** enrolFirst is the answer to whatever else somebody asks who owes a second factor. */
export function enrolFirst(): CausewayError {
  return new CausewayError(
    'second-factor-required',
    'A second factor is demanded of you, and you have none. Open the portal and add an authenticator app or a passkey; until then this session does nothing else.',
  );
}

/**
 * settleRemoval ends the removal of a second factor, in its transaction. Without any, recovery codes and trusted browsers mean nothing, and go.
 * Throws `conflict` where it was the last one and one is demanded: nothing is removed then.
 */
export async function settleRemoval(reader: Reader, user: UserId, account: Account | undefined): Promise<void> {
  if (account?.secondFactors.length !== 0) return;
  if (account.secondFactor === 'REQUIRED') {
    throw new CausewayError(
      'conflict',
      'This is your last second factor, and one is demanded of you. Add another one first; then this one can be removed.',
    );
  }
  await reader.deleteFrom('recovery_code').where('user_id', '=', user).execute();
  await distrustBrowsers(reader, user);
}
