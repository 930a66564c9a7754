import { sql } from 'kysely';
import { CausewayError, conflict } from '../../contract/errors.ts';
import { isAllowed } from '../../contract/permission.ts';
import { lastOwnerStays, rankOfRole, ranks, whyNotChange, whyNotRole } from '../../contract/role-authority.ts';
import type { UserId } from '../../core/ids.ts';
import type { Actor, Principal } from '../principal.ts';
import type { ModelTrx, Reader } from '../store/database.ts';
import type { UserRole } from '../store/schema.ts';

async function rankOf(reader: Reader, principal: Principal): Promise<number> {
  switch (principal.kind) {
    case 'local-root':
    case 'system':
      return ranks.root;
    case 'person':
      // Read here and now: between the request's arrival and this transaction somebody may have taken the role.
      return rankOfRole[await roleNow(reader, principal.id)];
    case 'api-credential':
      // Whoever may do all but one thing is not the equal of an administrator, and could become one by a mail address or a role.
      if (!isAllowed(principal.permissions, 'all:modify')) return ranks.members;
      return principal.authority === 'OWNER' ? ranks.promotes : ranks.administrators;
    case 'anonymous':
    case 'one-time-link':
    case 'gateway':
    case 'connector-agent':
    case 'install-token':
    case 'device-user':
      return ranks.members;
  }
}

async function roleNow(reader: Reader, person: UserId): Promise<UserRole> {
  const row = await reader
    .selectFrom('app_user')
    .select('role')
    .where('id', '=', person)
    .where('status', '=', 'ACTIVE')
    .executeTakeFirst();
  return row?.role ?? 'MEMBER';
}

/** requireAuthorityOver refuses, with 403, changing a person who stands above the actor. */
export async function requireAuthorityOver(reader: Reader, { principal }: Actor, role: UserRole): Promise<void> {
  refuse(whyNotChange(await rankOf(reader, principal), role));
}

/** requireRoleChange refuses, with 403, a change of role that is not the actor's to make. `person` is undefined where one is made. */
export async function requireRoleChange(
  reader: Reader,
  { principal }: Actor,
  { person, before, after }: { readonly person: UserId | undefined; readonly before: UserRole; readonly after: UserRole },
): Promise<void> {
  if (before === after) return;
  const isSelf = principal.kind === 'person' && principal.id === person;
  refuse(whyNotRole(await rankOf(reader, principal), { isSelf, before, after }));
}

/**
 * keepAnOwner refuses, with 409, what would leave nobody who owns the installation; root on the machine may, and sets it up again. Call it
 * before the person is written: writers of the model are in order, and the trigger app_user_last_owner has the last word.
 */
export async function keepAnOwner(trx: ModelTrx, { principal }: Actor, leaving: UserId): Promise<void> {
  if ((await rankOf(trx, principal)) >= ranks.root) {
    await sql`select set_config('causeway.may_remove_last_owner', 'on', true)`.execute(trx);
    return;
  }
  const other = await trx
    .selectFrom('app_user')
    .select('id')
    .where('role', '=', 'OWNER')
    .where('status', '=', 'ACTIVE')
    .where('id', '<>', leaving)
    .executeTakeFirst();
  if (other !== undefined) return;
  throw conflict('user', lastOwnerStays, { id: leaving });
}

function refuse(message: string | undefined): void {
  if (message === undefined) return;
  throw new CausewayError('forbidden', message, { details: [{ field: 'role', message }] });
}
