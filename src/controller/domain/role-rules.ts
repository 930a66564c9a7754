import { sql } from 'kysely';
import { CausewayError, conflict } from '../../contract/errors.ts';
import { isAllowed } from '../../contract/permission.ts';
import type { UserId } from '../../core/ids.ts';
import type { Actor, Principal } from '../principal.ts';
import type { ModelTrx, Reader } from '../store/database.ts';
import type { UserRole } from '../store/schema.ts';

/** What somebody may do to people, each including those before it (of API credentials: decision 45). */
const ranks = {
  /** People without a role that administers. */
  members: 0,
  /** Change administrators, and take their role, but not give it. */
  administrators: 1,
  /** Give the role ADMIN. */
  promotes: 2,
  /** Owners too, but the last one. */
  owner: 3,
  /** Everything: on the controller's own machine. It is the way back when the owner is gone. */
  root: 4,
} as const;

const rankOfRole = { OWNER: ranks.owner, ADMIN: ranks.administrators, MEMBER: ranks.members } as const;

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

const height: Readonly<Record<UserRole, number>> = { MEMBER: 0, ADMIN: 1, OWNER: 2 };

/** requireAuthorityOver refuses, with 403, changing a person who stands above the actor. */
export async function requireAuthorityOver(reader: Reader, { principal }: Actor, role: UserRole): Promise<void> {
  if ((await rankOf(reader, principal)) >= rankOfRole[role]) return;
  throw refusal(
    role === 'OWNER'
      ? "An OWNER is changed only by an OWNER, or on the controller's own machine."
      : 'An ADMIN is changed only by an OWNER or ADMIN, or by an API credential with all:modify.',
  );
}

/** requireRoleChange refuses, with 403, a change of role that is not the actor's to make. `person` is undefined where one is made. */
export async function requireRoleChange(
  reader: Reader,
  { principal }: Actor,
  { person, before, after }: { readonly person: UserId | undefined; readonly before: UserRole; readonly after: UserRole },
): Promise<void> {
  if (before === after) return;
  if (principal.kind === 'person' && principal.id === person && height[after] > height[before]) {
    throw refusal(`Nobody gives themselves a higher role; an OWNER can make you ${after}.`);
  }
  const rank = await rankOf(reader, principal);
  if ((before === 'OWNER' || after === 'OWNER') && rank < ranks.owner) {
    throw refusal("The role OWNER is given and taken only by an OWNER, or on the controller's own machine.");
  }
  if (after === 'ADMIN' && rank < ranks.promotes) {
    throw refusal(
      "The role ADMIN is given only by an OWNER, by an API credential of an OWNER, or on the controller's own machine.",
    );
  }
  if (rank < ranks.administrators) throw refusal('The role ADMIN is taken only by an OWNER or ADMIN.');
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
  throw conflict('user', 'This is the last owner: make somebody else OWNER first.', { id: leaving });
}

function refusal(message: string): CausewayError {
  return new CausewayError('forbidden', message, { details: [{ field: 'role', message }] });
}
