import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics } from '../metrics/metrics.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer comes when there is news: how long it took says nothing. Streams are known by their type. */
    waits?: true;
  }
}

/** Whatever else somebody invents as a method must not become a series. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** measureRequests counts every answer by its route's template, never by the path: that has ids in it, and whatever strangers type. */
export function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    const method = methods.has(request.method) ? request.method : 'other';
    metrics.count('causeway_http_requests_total', { route, method, status: `${String(Math.floor(reply.statusCode / 100))}xx` });
    if (!waits(request, reply))
      metrics.observe('causeway_http_request_duration_seconds', { route, method }, reply.elapsedTime / 1000);
  });
}

function waits(request: FastifyRequest, reply: FastifyReply): boolean {
  return (
    request.routeOptions.config?.waits === true ||
    String(reply.raw.getHeader('content-type') ?? '').startsWith('text/event-stream')
  );
}
