import type { Permission } from '../contract/permission.ts';
import type { ConnectorId, GatewayId, UserId, WebSessionId } from '../core/ids.ts';
import type { UserRole } from './store/schema.ts';

/** Principal is who asks, proved by a credential or by the socket that the request came through. */
export type Principal =
  /** A request to a public route; proves nothing. */
  | { readonly kind: 'anonymous' }
  /** Came through DIR/run/api.sock, which only root can reach: may do everything. */
  | { readonly kind: 'local-root' }
  /** Somebody who is signed in, with the session that proves it. */
  | Person
  /** Whoever holds a link that we made and handed out: it makes the owner, sets a password, lets somebody in, or fetches a profile. */
  | { readonly kind: 'one-time-link'; readonly purpose: 'set-up' | 'password' | 'invitation' | 'profile' }
  | {
      readonly kind: 'api-credential';
      readonly id: string;
      readonly name: string;
      readonly permissions: readonly Permission[];
      /** Of whom made it: it may not do more to people than they (domain/role-rules.ts). */
      readonly authority: 'OWNER' | 'ADMIN';
    }
  | { readonly kind: 'gateway'; readonly id: GatewayId; readonly name: string }
  | {
      readonly kind: 'connector-agent';
      readonly connector: ConnectorId;
      readonly credential: string;
      readonly isFirstUse: boolean;
    }
  | { readonly kind: 'install-token'; readonly connector: ConnectorId; readonly token: string; readonly tokenSha256: Buffer }
  /** Proves at connect that a device is theirs, by password (connect-attempt/connect-password.ts). */
  | { readonly kind: 'device-user'; readonly id: UserId; readonly name: string }
  /** The controller itself: what it does at start and by the clock. */
  | { readonly kind: 'system' };

export type Person = {
  readonly kind: 'person';
  readonly id: UserId;
  readonly name: string;
  readonly role: UserRole;
  readonly session: WebSessionId;
};

/** Actor is a principal with where its request came from: what the audit keeps. */
export type Actor = {
  readonly principal: Principal;
  readonly sourceAddress: string | null;
  readonly requestId: string | null;
  /** Only wants to know what would happen: what this actor changes is judged and taken back (store/rehearsal.ts). */
  readonly rehearses?: true;
  /** Told the revision that a change of this actor's has made, once it is committed. */
  readonly changed?: (revision: number) => void;
};

/** requirePerson gives who is signed in, on routes that serve nobody else. */
export function requirePerson({ principal }: Actor): Person {
  if (principal.kind !== 'person') throw new Error(`a route of people was reached by ${principal.kind}`);
  return principal;
}

export const systemActor: Actor = { principal: { kind: 'system' }, sourceAddress: null, requestId: null };

/** principalName is how the audit and people call it. */
export function principalName(principal: Principal): { readonly id: string | null; readonly name: string } {
  switch (principal.kind) {
    case 'anonymous':
      return { id: null, name: 'anonymous' };
    case 'local-root':
      return { id: null, name: 'local root' };
    case 'person':
    case 'device-user':
      return { id: principal.id, name: principal.name };
    case 'one-time-link':
      return { id: null, name: `${principal.purpose} link` };
    case 'api-credential':
      return { id: principal.id, name: principal.name };
    case 'gateway':
      return { id: principal.id, name: principal.name };
    case 'connector-agent':
      return { id: principal.connector, name: 'connector agent' };
    case 'install-token':
      return { id: principal.connector, name: 'install token' };
    case 'system':
      return { id: null, name: 'system' };
  }
}
