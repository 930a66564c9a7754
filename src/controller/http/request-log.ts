import type { FastifyInstance, FastifyRequest } from 'fastify';
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { principalName } from '../principal.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The path's parameter is a secret or part of one; the route's pattern is logged in its place. */
    secretPath?: true;
  }
}

/** Fields that hold a secret wherever they turn up; what an object two levels deep carries is covered too. */
const secretFields = [
  'authorization',
  'cookie',
  'client_secret',
  'clientSecret',
  'access_token',
  'password',
  'secret',
  'token',
  'key',
  'privateKey',
];

/** From the most to the least that is said. */
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** logLevel takes a level as somebody has written it; what is none is `info`, since a slip of the pen must not keep the controller from starting. */
export function logLevel(text: string | undefined): string {
  const level = text?.toLowerCase() ?? '';
  return logLevels.includes(level) ? level : 'info';
}

/** createLog is the controller's log: one JSON object on a line. Secrets are blanked by name, and request URLs lose their query. */
export function createLog(options: { readonly level?: string; readonly destination?: DestinationStream } = {}): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`, `*.*.*.${field}`]),
        censor: '[secret]',
      },
    },
    options.destination ?? pino.destination({ fd: 1, sync: false }),
  );
}

/** logRequests writes a line for each answer; what is routine and went well only at level debug. Never the query: it may hold a secret. */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { kind } = request.actor.principal;
    // Gateways and agents report every few seconds; what matters in it becomes an event.
    const routine = request.method === 'GET' || kind === 'gateway' || kind === 'connector-agent';
    const level = reply.statusCode >= 400 || !routine || request.changeId !== undefined ? 'info' : 'debug';
    request.log[level](
      {
        method: request.method,
        path: loggedPath(request),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        who: principalName(request.actor.principal).name,
        from: request.actor.sourceAddress,
        ...(request.changeId === undefined ? {} : { revision: request.changeId }),
      },
      'request',
    );
  });
}

/**
 * A path that no route knows may be a known one with a slip of the pen, a secret in it included, so words longer than any id (a UUID has
 * 36 characters) are left out of it.
 */
function loggedPath(request: FastifyRequest): string | undefined {
  if (request.routeOptions.config?.secretPath === true) return request.routeOptions.url;
  const path = request.url.split('?', 1)[0] ?? '';
  return request.is404 ? path.replace(/[^/]{37,}/g, '…').slice(0, 200) : path;
}
