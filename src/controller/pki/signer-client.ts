import { setTimeout as delay } from 'node:timers/promises';
import type { Serial } from '../../core/ids.ts';
import type { AuthorityStep, SignerAnswer, SignerRequest } from '../signer/protocol.ts';
import { ConnectionLost, SignerConnection } from './signer-connection.ts';
import { SignerError } from './signer-error.ts';

/** SignedCertificate is what came back from the signer; times are those in the certificate. */
export type SignedCertificate = {
  readonly certificate: string;
  readonly serial: Serial;
  readonly notBefore: Date;
  readonly notAfter: Date;
};

/** CertificateOrder is what may be asked for; `hostName` is the portal's. */
export type CertificateOrder =
  | { readonly kind: 'connector' | 'device' | 'gateway'; readonly certificateRequest: string; readonly lifetimeSeconds: number }
  | { readonly kind: 'portal'; readonly certificateRequest: string; readonly lifetimeSeconds: number; readonly hostName: string };

export type Revocation = { readonly serial: Serial; readonly revokedAt: Date };

/** KnownAuthorities are the roots of the signer, PEM (signer/authorities.ts). */
export type KnownAuthorities = {
  readonly current: string;
  readonly next: string | undefined;
  readonly switchedAt: Date | undefined;
};

/** Signer is the CA as the rest of the controller sees it. Every method rejects with SignerError. */
export interface Signer {
  /** What is trusted, PEM: the CA, and behind it the next one while it is being renewed. Known for some seconds, then asked for again. */
  authority(): Promise<string>;
  /** The same by its parts. */
  authorities(): Promise<KnownAuthorities>;
  /** Takes a step of the renewal; one that was taken changes nothing. Gives what stands then. */
  stepAuthority(step: AuthorityStep): Promise<KnownAuthorities>;
  sign(order: CertificateOrder): Promise<SignedCertificate>;
  /** A CRL as PEM, valid for `lifetimeSeconds`. */
  signRevocationList(revoked: readonly Revocation[], lifetimeSeconds: number): Promise<string>;
}

/** The supervisor restarts a dead signer within 0.1 to 5 s: whoever asks meanwhile waits rather than fails. */
const patienceMs = 10_000;
const retryAfterMs = 100;

/** It changes every sixteen years, and is asked for with each profile. Of several controllers one takes the steps. */
const knownFor_ms = 5_000;

type Order = SignerRequest extends infer Request ? (Request extends SignerRequest ? Omit<Request, 'id'> : never) : never;

/**
 * SignerClient speaks to the signer process over its socket. It connects when it is first needed, and again after the signer has
 * been away; a request that was lost with the connection is repeated, which costs at most a certificate that nobody gets.
 */
export class SignerClient implements Signer {
  readonly #path: string;
  readonly #patienceMs: number;
  #connection: Promise<SignerConnection> | undefined;
  #known: { readonly authorities: KnownAuthorities; readonly at: number } | undefined;
  #lastId = 0;

  constructor(socketPath: string, options: { readonly patienceMs?: number } = {}) {
    this.#path = socketPath;
    this.#patienceMs = options.patienceMs ?? patienceMs;
  }

  async authority(): Promise<string> {
    const { current, next } = await this.authorities();
    return current + (next ?? '');
  }

  async authorities(): Promise<KnownAuthorities> {
    const now = performance.now();
    if (this.#known !== undefined && now - this.#known.at < knownFor_ms) return this.#known.authorities;
    return this.#learn(await this.#ask({ kind: 'authority' }));
  }

  async stepAuthority(step: AuthorityStep): Promise<KnownAuthorities> {
    return this.#learn(await this.#ask({ kind: 'authority-step', step }));
  }

  #learn(answer: SignerAnswer): KnownAuthorities {
    if (answer.kind !== 'authority') throw unexpected(answer);
    const { certificate: current, next, switchedAt } = answer;
    const authorities = { current, next, switchedAt: switchedAt === undefined ? undefined : new Date(switchedAt) };
    this.#known = { authorities, at: performance.now() };
    return authorities;
  }

  async sign(order: CertificateOrder): Promise<SignedCertificate> {
    const answer = await this.#ask(order);
    if (answer.kind !== 'certificate') throw unexpected(answer);
    const { certificate, serial, notBefore, notAfter } = answer;
    return { certificate, serial, notBefore: new Date(notBefore), notAfter: new Date(notAfter) };
  }

  async signRevocationList(revoked: readonly Revocation[], lifetimeSeconds: number): Promise<string> {
    const list = revoked.map(({ serial, revokedAt }) => ({ serial, revokedAt: revokedAt.toISOString() }));
    const answer = await this.#ask({ kind: 'revocation-list', revoked: list, lifetimeSeconds });
    if (answer.kind !== 'revocation-list') throw unexpected(answer);
    return answer.revocationList;
  }

  /** close ends the connection; whoever still waits is rejected. A later request would connect again. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    // A connection that never came about needs no closing.
    await connection?.then((open) => open.close()).catch(() => undefined);
  }

  async #ask(order: Order): Promise<SignerAnswer> {
    const deadline = Date.now() + this.#patienceMs;
    for (;;) {
      try {
        const answer = await this.#attempt(order, Math.max(1, deadline - Date.now()));
        if (answer.kind === 'error') throw errorOf(answer);
        return answer;
      } catch (cause) {
        if (!(cause instanceof ConnectionLost)) throw cause;
        if (Date.now() + retryAfterMs >= deadline) {
          throw new SignerError('unavailable', 'The signer did not answer; try again, and if that does not help, read its log.', {
            cause,
          });
        }
      }
      await delay(retryAfterMs);
    }
  }

  async #attempt(order: Order, timeoutMs: number): Promise<SignerAnswer> {
    const connection = await this.#open();
    this.#lastId += 1;
    return connection.send({ ...order, id: this.#lastId }, timeoutMs);
  }

  async #open(): Promise<SignerConnection> {
    const current = this.#connection;
    if (current !== undefined) {
      const open = await current.catch(() => undefined);
      if (open !== undefined && !open.closed) return open;
    }
    // Whoever finds the dead one first replaces it for all.
    if (this.#connection === current) this.#connection = SignerConnection.open(this.#path);
    return this.#connection ?? this.#open();
  }
}

function errorOf(answer: SignerAnswer & { kind: 'error' }): SignerError {
  switch (answer.code) {
    case 'refused':
      return new SignerError('refused', `The signer refused: ${answer.message}.`);
    case 'malformed':
    case 'failed':
      return new SignerError('failed', 'The signer failed; its log says why.', { cause: new Error(answer.message) });
  }
}

function unexpected(answer: SignerAnswer): SignerError {
  const cause = new Error(`the signer answered with ${answer.kind}, which was not asked for`);
  return new SignerError('failed', 'The signer failed; its log says why.', { cause });
}
