import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** beginEventStream takes the answer out of Fastify's hands and begins it as text/event-stream, with the headers that every answer has. */
export function beginEventStream(reply: FastifyReply): ServerResponse {
  reply.hijack();
  const { raw } = reply;
  const set = Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]);
  raw.writeHead(200, {
    ...Object.fromEntries(set),
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    // A proxy that collects the answer would hold back every event.
    'x-accel-buffering': 'no',
  });
  return raw;
}
