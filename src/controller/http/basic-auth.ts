import type { FastifyRequest } from 'fastify';
import { isPermission } from '../../contract/permission.ts';
import { noteUse, proveApiCredential } from '../api-credential/api-credentials.ts';
import type { Principal } from '../principal.ts';
import { isDatabaseUnavailable } from '../store/database-trouble.ts';
import type { Store } from '../store/store.ts';
import { hashSecret } from './secret-hash.ts';

export type BasicCredentials = { readonly clientId: string; readonly clientSecret: string };

/** basicCredentials reads the header of HTTP Basic; undefined for none, and for what cannot be one. */
export function basicCredentials(header: string | undefined): BasicCredentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=]{1,600})$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { clientId: text.slice(0, colon), clientSecret: text.slice(colon + 1) };
}

/** For so long a credential that was good is taken for good while the database cannot be asked. Nobody can withdraw it meanwhile. */
const remembered_ms = 3_600_000;
const mostRemembered = 100;

/**
 * BasicAuth proves API credentials by client id and secret. While the database is away, who was let in within the last hour is let in again from
 * the same address: what is served this way are the metrics, and that the database is away is what they have to say then.
 */
export class BasicAuth {
  readonly #store: Store;
  readonly #now: () => number;
  /** By the hash of all that was shown, so that no secret lies in memory. */
  readonly #known = new Map<string, { readonly principal: Principal; readonly at_ms: number }>();

  constructor(store: Store, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  /** prove gives who it is; throws `unauthenticated`, `forbidden` (from another address than allowed), or what the database says. */
  async prove(request: FastifyRequest, { clientId, clientSecret }: BasicCredentials): Promise<Principal> {
    const { sourceAddress } = request.actor;
    const key = hashSecret(JSON.stringify([clientId, clientSecret, sourceAddress])).toString('hex');
    try {
      const found = await proveApiCredential(this.#store, clientId, clientSecret, sourceAddress);
      // Where nothing can be written (the disk is full) the metrics are needed most; the time of use is for people who look at the list.
      await noteUse(this.#store, found.id).catch(() => undefined);
      const principal: Principal = { kind: 'api-credential', ...found, permissions: found.permissions.filter(isPermission) };
      if (this.#known.size >= mostRemembered) this.#known.clear();
      this.#known.set(key, { principal, at_ms: this.#now() });
      return principal;
    } catch (error) {
      if (!isDatabaseUnavailable(error)) {
        this.#known.delete(key);
        throw error;
      }
      const known = this.#known.get(key);
      if (known === undefined || this.#now() - known.at_ms > remembered_ms) throw error;
      return known.principal;
    }
  }
}
