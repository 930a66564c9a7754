/**
 * Who may change people and their roles: one table for the controller, which decides, and for the portal, which shows beforehand what it would
 * refuse, with the same sentence.
 */
import type { userRoles } from './api/words.ts';

export type UserRole = (typeof userRoles)[number];

/** What somebody may do to people, each including those before it (of API credentials: decision 45). */
export const ranks = {
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

export const rankOfRole = { OWNER: ranks.owner, ADMIN: ranks.administrators, MEMBER: ranks.members } as const;

const height: Readonly<Record<UserRole, number>> = { MEMBER: 0, ADMIN: 1, OWNER: 2 };

/** Why the last owner stays; the controller counts them. */
export const lastOwnerStays = 'This is the last owner: make somebody else OWNER first.';

/** whyNotChange says why somebody of this rank may not change a person of this role; undefined: it may be. */
export function whyNotChange(rank: number, role: UserRole): string | undefined {
  if (rank >= rankOfRole[role]) return undefined;
  return role === 'OWNER'
    ? "An OWNER is changed only by an OWNER, or on the controller's own machine."
    : 'An ADMIN is changed only by an OWNER or ADMIN, or by an API credential with all:modify.';
}

/** whyNotRole says why somebody of this rank may not make a change of role; undefined: it may be. `isSelf`: it is the own role. */
export function whyNotRole(
  rank: number,
  { isSelf, before, after }: { readonly isSelf: boolean; readonly before: UserRole; readonly after: UserRole },
): string | undefined {
  if (before === after) return undefined;
  if (isSelf && height[after] > height[before]) {
    return `Nobody gives themselves a higher role; an OWNER can make you ${after}.`;
  }
  if ((before === 'OWNER' || after === 'OWNER') && rank < ranks.owner) {
    return "The role OWNER is given and taken only by an OWNER, or on the controller's own machine.";
  }
  if (after === 'ADMIN' && rank < ranks.promotes) {
    return "The role ADMIN is given only by an OWNER, by an API credential of an OWNER, or on the controller's own machine.";
  }
  return rank < ranks.administrators ? 'The role ADMIN is taken only by an OWNER or ADMIN.' : undefined;
}
