/**
 * src/controller/routes translates between HTTP and the domain: which permission, which function, how the answer is written. Tests ask the
 * application on a real PostgreSQL: `node --test 'src/controller/routes/*.test.ts'`.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { dryRunOf } from '../../contract/api/impact.ts';
import type { RouteShape } from '../../contract/api/route.ts';
import type { Permission } from '../../contract/permission.ts';
import type { ControllerApp } from '../deps.ts';
import type { RouteAuth } from '../http/route-auth.ts';
import type { Actor } from '../principal.ts';
import { Rehearsed } from '../store/rehearsal.ts';

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Answer<Shape extends RouteShape> = Shape['answer'] extends z.ZodType
  ? z.input<Shape['answer']>
  : Shape['answer'] extends 'text'
    ? string
    : void;

/** Asked is a request whose every part has been checked against its schema. */
export type Asked<Shape extends RouteShape> = {
  readonly actor: Actor;
  /** The path's `:id`; empty for routes without one. What it must be, the domain says. */
  readonly id: string;
  readonly query: Parsed<Shape['query']>;
  readonly body: Parsed<Shape['body']>;
};

/** Exchange is the HTTP of a call, for the few handlers that read or set cookies. */
export type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply };

/** allowed is the usual authorisation: an API credential with this permission, or an administrator. */
export function allowed(permission: Permission): RouteAuth {
  return { kind: 'api', permission };
}

/**
 * serve registers one route of the contract. A route without answer gives 204. One that says `dryRun` is registered twice: the other path asks
 * the same of the same callers, and what the handler changes in its model transaction is told and taken back.
 */
export function serve<const Shape extends RouteShape>(
  app: ControllerApp,
  shape: Shape,
  auth: RouteAuth,
  handle: (asked: Asked<Shape>, exchange: Exchange) => Promise<Answer<Shape>>,
): void {
  register(app, shape, auth, handle);
  if (shape.dryRun !== true) return;
  register(app, dryRunOf<RouteShape>(shape), auth, async (asked, exchange) => {
    try {
      await handle({ ...asked, actor: { ...asked.actor, rehearses: true } } as Asked<Shape>, exchange);
    } catch (error) {
      if (error instanceof Rehearsed) return error.impact;
      throw error;
    }
    throw new Error(`${shape.method} ${shape.path} says dryRun and makes no model transaction: it may have changed something`);
  });
}

function register<const Shape extends RouteShape>(
  app: ControllerApp,
  shape: Shape,
  auth: RouteAuth,
  handle: (asked: Asked<Shape>, exchange: Exchange) => Promise<unknown>,
): void {
  const names = [...shape.path.matchAll(/:([A-Za-z]+)/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  if (!shape.path.startsWith(app.prefix)) throw new Error(`route ${shape.path} is registered below ${app.prefix}`);
  app.route({
    method: shape.method,
    url: shape.path.slice(app.prefix.length),
    ...(shape.longestBody_bytes === undefined ? {} : { bodyLimit: shape.longestBody_bytes }),
    config: { auth, ...(shape.secretPath === true ? { secretPath: true } : {}) },
    schema: {
      summary: shape.summary,
      ...(names.length === 0 ? {} : { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
      ...(shape.query === undefined ? {} : { querystring: shape.query }),
      ...(shape.body === undefined ? {} : { body: shape.body }),
      response: responseSchema(shape),
    },
    handler: async (request, reply) => {
      const asked = {
        actor: request.actor,
        id: names.length === 0 ? '' : Object.values(request.params as Record<string, string>)[0],
        query: request.query,
        body: request.body,
      };
      // Fastify has run the schemas above; its types do not follow a shape that is a parameter.
      const answer: unknown = await handle(asked as Asked<Shape>, { request, reply });
      if (shape.answer === null) return reply.code(204).send();
      if (shape.answer === 'text') return reply.type('text/plain; charset=utf-8').send(String(answer));
      return reply.code(shape.status ?? 200).send(answer);
    },
  });
}

function responseSchema({ answer, status }: RouteShape): Record<number, unknown> {
  if (answer === null) return { 204: z.null().describe('Done') };
  if (answer === 'text') return { 200: { content: { 'text/plain': { schema: z.string() } } } };
  return { [status ?? 200]: answer };
}
