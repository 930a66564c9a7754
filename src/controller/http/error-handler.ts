import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../contract/error-codes.ts';
import { CausewayError, toErrorResponse } from '../../contract/errors.ts';
import { SignerError } from '../pki/signer-error.ts';
import { isDatabaseUnavailable } from '../store/database-trouble.ts';
import { responseHeaders } from './response-headers.ts';

/**
 * handleErrors makes every failure leave as ErrorResponse: errors of the family as they are, Fastify's own refusals as the family's, and
 * everything else as `internal`, whose cause is in the log under the request's id and nowhere else. `refused` is told each code.
 */
export function handleErrors(app: FastifyInstance, refused: (code: ErrorCode) => void = () => undefined): void {
  app.setErrorHandler(async (error: unknown, request, reply) => {
    const visible = toCausewayError(error, request);
    refused(visible.code);
    if (visible.status >= 500) request.log.error({ err: error }, `${request.method} ${request.routeOptions.url ?? ''} failed`);
    if (visible.code === 'unauthenticated') reply.header('WWW-Authenticate', 'Bearer');
    if (visible.retryable && !reply.hasHeader('Retry-After')) reply.header('Retry-After', String(visible.retryAfter_s ?? 1));
    return await reply.code(visible.status).type('application/json').send(toErrorResponse(visible));
  });
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const error = new CausewayError(
      'not-found',
      `Route ${request.method} ${path} not found. The routes are listed in /api/v1/openapi.json.`,
    );
    return await reply.code(error.status).send(toErrorResponse(error));
  });
}

/** The longest parameter of a path; ids have 36 characters, references of encrypted profiles 40. */
export const longestPathParameter = 200;

/** answerUnroutable answers what Fastify's router itself refuses, before any hook: in the same shape and with the same headers as the rest. */
export function answerUnroutable(cause: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const error =
    cause.code === 'FST_ERR_MAX_PARAM_LENGTH'
      ? new CausewayError(
          'not-found',
          `Object not found: no id has more than ${String(longestPathParameter)} characters. List the objects to see what exists.`,
          { cause },
        )
      : new CausewayError('invalid-input', 'The path cannot be read: what stands after a % in it is no UTF-8. Escape it again.', {
          details: [{ field: 'path', message: 'what stands after a % is no UTF-8' }],
          cause,
        });
  void reply
    .headers({ ...responseHeaders, 'X-Request-Id': request.id })
    .code(error.status)
    .type('application/json')
    .send(JSON.stringify(toErrorResponse(error)));
}

/** toCausewayError gives the public face of any error. */
export function toCausewayError(error: unknown, request: Pick<FastifyRequest, 'id' | 'routeOptions'>): CausewayError {
  if (error instanceof CausewayError) return error;
  if (isDatabaseUnavailable(error)) {
    return new CausewayError('unavailable', 'The database cannot be reached at the moment. Try again in a few seconds.', {
      cause: error,
    });
  }
  if (error instanceof SignerError && error.code === 'unavailable') {
    return new CausewayError(
      'unavailable',
      'The certificate signer cannot be reached at the moment. Try again in a few seconds.',
      {
        cause: error,
      },
    );
  }
  const status = statusOf(error);
  if (status !== undefined && status < 500) return ofFramework(status, error, request.routeOptions.bodyLimit);
  return new CausewayError(
    'internal',
    `Something went wrong on our side. The controller's log has the details under request ${request.id}.`,
    {
      cause: error,
    },
  );
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** Refusals of the HTTP framework: a body that is not JSON, too long, of another type. */
function ofFramework(status: number, cause: unknown, longestBody_bytes: number): CausewayError {
  const framework: Partial<FastifyError> = cause instanceof Error ? cause : {};
  if (status === 413) {
    const kib = longestBody_bytes / 1024;
    const limit = kib < 1024 ? `${String(kib)} KiB` : `${String(kib / 1024)} MiB`;
    return new CausewayError('too-large', `The body is longer than ${limit}. Send less at once.`, { cause });
  }
  if (status === 415) {
    return new CausewayError(
      'unsupported-media-type',
      'The body has a media type that is not accepted here. Send application/json.',
      {
        cause,
      },
    );
  }
  const message = `The request cannot be read: ${framework.message ?? 'it is malformed'}.`.replace(/\.\.$/, '.');
  return new CausewayError('invalid-input', message, { details: [{ field: 'body', message }], cause });
}
