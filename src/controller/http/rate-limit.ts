import type { FastifyInstance } from 'fastify';
import { CausewayError } from '../../contract/errors.ts';
import type { RateLimit } from '../deps.ts';
import { tokenBuckets } from './token-bucket.ts';

/**
 * limitRates counts the requests of each API credential, and of each session in a browser. The three headers are on every answer to a
 * credential, all of them or none: CloudConnexa's client fails on a part of them, and divides by the rate (api.md 1.4). Register after
 * declareAuthorisation.
 */
export function limitRates(app: FastifyInstance, limit: RateLimit): void {
  const buckets = tokenBuckets(limit);
  app.addHook('onRequest', async (request, reply) => {
    const { principal } = request.actor;
    if (principal.kind !== 'api-credential' && principal.kind !== 'person') return;
    const key = principal.kind === 'person' ? principal.session : principal.id;
    const taken = buckets.take(key, performance.now());
    if (principal.kind === 'api-credential')
      reply.headers({
        'X-RateLimit-Replenish-Rate': String(limit.perSecond),
        // Seconds in which so many requests become free again.
        'X-RateLimit-Replenish-Time': '1',
        'X-RateLimit-Remaining': String(taken.remaining),
      });
    if (taken.allowed) return;
    reply.header('Retry-After', String(taken.retryAfter_s));
    throw new CausewayError(
      'rate-limited',
      `${principal.kind === 'person' ? 'This session' : 'This API credential'} sends more than ${String(limit.perSecond)} requests a second. Wait ${String(taken.retryAfter_s)} s and go on slower.`,
    );
  });
}
