import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * The two cookies that browsers keep for us. `__Host-` makes a browser take them only from this very host, over TLS and for every path, so that
 * no neighbour (another port's page, a subdomain) can plant one. Scripts cannot read them, and other sites' pages do not send them with what
 * they post.
 */
export const sessionCookie = '__Host-causeway';
/** Says that somebody has signed in here before (identity/browsers.ts). */
export const browserCookie = '__Host-causeway-browser';

type CookieName = typeof sessionCookie | typeof browserCookie;

/** readCookie gives the token of a cookie of ours; undefined where it is absent or is none that we made. */
export function readCookie(request: FastifyRequest, name: CookieName): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value = ''] = part.split('=', 2);
    if (key?.trim() === name) return /^[A-Za-z0-9_-]{43}$/.test(value) ? value : undefined;
  }
  return undefined;
}

export function setCookie(reply: FastifyReply, name: CookieName, value: string, lifetime_s: number): void {
  void reply.header('Set-Cookie', `${name}=${value}; Path=/; Max-Age=${String(lifetime_s)}; Secure; HttpOnly; SameSite=Lax`);
}

export function clearCookie(reply: FastifyReply, name: CookieName): void {
  setCookie(reply, name, '', 0);
}
