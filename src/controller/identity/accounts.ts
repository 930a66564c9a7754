import { sql } from 'kysely';
import type { Person } from '../../contract/api/person.ts';
import type { SecondFactorDemand } from '../../contract/api/words.ts';
import type { UserId } from '../../core/ids.ts';
import type { Reader } from '../store/database.ts';
import type { UserRole, UserStatus } from '../store/schema.ts';
import { owesSecondFactor, secondFactorDemand } from './demanded-second-factor.ts';

/** Account is a person with what signing in needs; without a password there is nothing to check. */
export type Account = {
  readonly user: UserId;
  readonly username: string;
  readonly email: string;
  readonly role: UserRole;
  readonly status: UserStatus;
  readonly passwordHash: string | undefined;
  /** What follows the password; none where it is empty. */
  readonly secondFactors: readonly ('totp' | 'passkey')[];
  readonly secondFactor: SecondFactorDemand;
};

/**
 * findAccountByName finds a person by user name or mail address, upper and lower case alike. The user name wins: it is unique and for ever. A
 * mail address that several people have is nobody's, else one could be made that answers to another's.
 */
export async function findAccountByName(reader: Reader, name: string): Promise<Account | undefined> {
  const rows = await select(reader)
    .select(sql<boolean>`lower(app_user.username) = lower(${name})`.as('byName'))
    .where(sql<boolean>`lower(app_user.username) = lower(${name}) or lower(app_user.email) = lower(${name})`)
    .limit(3)
    .orderBy(sql`lower(app_user.username) = lower(${name})`, 'desc')
    .execute();
  const [first] = rows;
  if (first === undefined || (!first.byName && rows.length > 1)) return undefined;
  return toAccount(first);
}

export async function readAccount(reader: Reader, user: UserId): Promise<Account | undefined> {
  const row = await select(reader).where('app_user.id', '=', user).executeTakeFirst();
  return row === undefined ? undefined : toAccount(row);
}

/** readPerson is what a browser is told of who is signed in, and whether they have to add a second factor first. */
export async function readPerson(
  reader: Reader,
  user: UserId,
): Promise<{ readonly person: Person; readonly owesSecondFactor: boolean }> {
  const row = await reader
    .selectFrom('app_user')
    .select(['id', 'username', 'email', 'first_name', 'last_name', 'role', owesSecondFactor.as('owes')])
    .where('id', '=', user)
    .executeTakeFirstOrThrow();
  const { id, username, email, role } = row;
  const person = { id, username, email, firstName: row.first_name, lastName: row.last_name, role };
  return { person, owesSecondFactor: row.owes };
}

/** writePassword gives a person a password, and so an account, or replaces it. */
export async function writePassword(reader: Reader, user: UserId, passwordHash: string): Promise<void> {
  await reader
    .insertInto('account')
    .values({ user_id: user, password_hash: passwordHash })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet({ password_hash: passwordHash, password_changed_at: sql<Date>`now()` }),
    )
    .execute();
}

export async function hasOwner(reader: Reader): Promise<boolean> {
  return (await reader.selectFrom('app_user').select('id').where('role', '=', 'OWNER').executeTakeFirst()) !== undefined;
}

function select(reader: Reader) {
  return reader
    .selectFrom('app_user')
    .leftJoin('account', 'account.user_id', 'app_user.id')
    .select(['app_user.id', 'app_user.username', 'app_user.email', 'app_user.role', 'app_user.status', 'account.password_hash'])
    .select(
      sql<('totp' | 'passkey')[]>`array_remove(array[
        case when account.totp_secret is not null then 'totp' end,
        case when exists (select from passkey where passkey.user_id = app_user.id) then 'passkey' end], null)`.as(
        'secondFactors',
      ),
    )
    .select(secondFactorDemand.as('secondFactor'));
}

function toAccount(row: Awaited<ReturnType<ReturnType<typeof select>['executeTakeFirstOrThrow']>>): Account {
  const { id: user, username, email, role, status, secondFactors, secondFactor } = row;
  return { user, username, email, role, status, secondFactors, secondFactor, passwordHash: row.password_hash ?? undefined };
}
