import type { Permission } from '../../contract/permission.ts';

/**
 * RouteAuth is what a route demands of its caller. Every route declares one in `config.auth`; registering a route without it throws
 * (authorisation.ts), so that forgetting cannot open a door.
 */
export type RouteAuth =
  /** Nobody is asked: liveness, the token call itself, static texts. Each use is listed in authorisation.test.ts. */
  | { readonly kind: 'public' }
  /** An API credential's access token with this permission, or local root. */
  | { readonly kind: 'api'; readonly permission: Permission }
  /** Only through the socket that root alone can reach. */
  | { readonly kind: 'local' }
  | { readonly kind: 'gateway' }
  | { readonly kind: 'connector-agent' }
  | { readonly kind: 'install-token' };

/** ListenerName is the socket a request came through; `https` is the one that is open to the world. */
export type ListenerName = 'https' | 'local' | 'gateway';
