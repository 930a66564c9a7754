import type { FastifyInstance } from 'fastify';

/** An API answer is never a page: it loads nothing, is framed nowhere, kept nowhere, and no browser guesses its type. */
export const responseHeaders = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
} as const;

/** setResponseHeaders adds them, and the request's id, by which the log is searched. */
export function setResponseHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(responseHeaders);
    reply.header('X-Request-Id', request.id);
  });
}
