import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KeptTrace } from '../../contract/api/trace.ts';
import { toErrorResponse } from '../../contract/errors.ts';
import { toCausewayError } from '../http/error-handler.ts';
import { beginEventStream } from '../http/event-stream.ts';

/** wantsStream is true where the caller reads text/event-stream. */
export function wantsStream(request: FastifyRequest): boolean {
  return /(^|,)\s*text\/event-stream\s*(;|,|$)/i.test(request.headers.accept ?? '');
}

/**
 * streamTrace answers with events: `progress` {"text"} for each step, then `result` with the trace or `error` with the API's error body, and
 * the end. A reader that has gone keeps nothing from being done: the trace is kept, and others may read it.
 */
export async function streamTrace(
  request: FastifyRequest,
  reply: FastifyReply,
  run: (tell: (progress: string) => void) => Promise<KeptTrace>,
): Promise<FastifyReply> {
  const raw = beginEventStream(reply);
  const send = (event: string, data: object): void => {
    // JSON has no raw line breaks, so one data line is enough.
    if (!raw.writableEnded && !raw.destroyed) raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  try {
    send('result', await run((text) => send('progress', { text })));
  } catch (error) {
    const visible = toCausewayError(error, request);
    if (visible.status >= 500) request.log.error({ err: error }, 'a trace failed after its stream was opened');
    send('error', toErrorResponse(visible));
  }
  raw.end();
  return reply;
}
