import type { Permission } from '../../contract/permission.ts';

/**
 * RouteAuth is what a route demands of its caller. Every route declares one in `config.auth`; registering a route without it throws
 * (authorisation.ts), so that forgetting cannot open a door.
 */
export type RouteAuth =
  /** Nobody is asked: liveness, the token call itself, static texts. Each use is listed in authorisation.test.ts. */
  | { readonly kind: 'public' }
  /** Nobody has to be signed in, but what changes something is taken from our own pages only: signing in, and links that were handed out. */
  | { readonly kind: 'browser' }
  /** Anybody who is signed in, whatever the role: only for what is one's own. */
  | { readonly kind: 'person' }
  /** As `person`, and open to whoever has to add a second factor first, to whom everything else is closed: adding one, and seeing the own account. */
  | { readonly kind: 'own-account' }
  /**
   * An API credential's access token with this permission, a signed-in OWNER or ADMIN, or local root. `basic`: its client id and secret by HTTP
   * Basic are as good as a token, for programs that send the same header for years (scrapers).
   */
  | { readonly kind: 'api'; readonly permission: Permission; readonly basic?: true }
  /** A signed-in OWNER or ADMIN, or local root; never an API credential, which could make itself another one, or a way in as a person. */
  | { readonly kind: 'administrator' }
  /** Only through the socket that root alone can reach. */
  | { readonly kind: 'local' }
  | { readonly kind: 'gateway' }
  | { readonly kind: 'connector-agent' }
  | { readonly kind: 'install-token' };

/** ListenerName is the socket a request came through; `https` is the one that is open to the world. */
export type ListenerName = 'https' | 'local' | 'gateway';
