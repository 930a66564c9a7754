import type { Person } from '../../../contract/api/person.ts';
import type { User } from '../../../contract/api/user.ts';
import type { UserRole } from '../../../contract/role-authority.ts';
import { lastOwnerStays, rankOfRole, whyNotChange, whyNotRole } from '../../../contract/role-authority.ts';

/** whyNotTouch says why the controller would refuse a change of this user; undefined: it would not. The rules are the contract's. */
export function whyNotTouch({ role }: Person, user: Pick<User, 'role'>): string | undefined {
  return whyNotChange(rankOfRole[role], user.role);
}

/** whyNotGive says why somebody may not give a role, to a user or to a new one (`undefined`). */
export function whyNotGive(
  { id, role }: Person,
  user: Pick<User, 'id' | 'role'> | undefined,
  after: UserRole,
): string | undefined {
  return whyNotRole(rankOfRole[role], { isSelf: user?.id === id, before: user?.role ?? 'MEMBER', after });
}

/** whyNotCut says why users may not be suspended or deleted: as above, and one of the active owners has to stay. */
export function whyNotCut(person: Person, owners: readonly User[], cut: readonly User[]): string | undefined {
  const above = cut.map((user) => whyNotTouch(person, user)).find((reason) => reason !== undefined);
  if (above !== undefined) return above;
  const gone = new Set(cut.map(({ id }) => id));
  const stays = owners.some(({ id }) => !gone.has(id));
  return !stays && owners.some(({ id }) => gone.has(id)) ? lastOwnerStays : undefined;
}
