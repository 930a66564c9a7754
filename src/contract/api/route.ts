import type { z } from 'zod';

/** RouteShape is one operation of the API: what is asked and what is answered. `answer: null` has no body, 'text' is text/plain. */
export type RouteShape = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As Fastify writes it: `/api/v1/networks/:id`. */
  readonly path: string;
  /** What it does, for OpenAPI: begins with a verb. */
  readonly summary: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** 1 MiB where it is not said. */
  readonly longestBody_bytes?: number;
  /** 200 where it is not said. */
  readonly status?: 200 | 201;
  readonly answer: z.ZodType | 'text' | null;
  /** It changes the model in one transaction, so that it can be tried out (impact.ts). */
  readonly dryRun?: true;
  /** The path holds a secret: it is not logged. */
  readonly secretPath?: true;
};

/** defineRoute keeps the exact types of a route's schemas, so that a server's handler and a client's call are checked against them. */
export function defineRoute<const Shape extends RouteShape>(shape: Shape): Shape {
  return shape;
}

/** pathTo fills in a route's parameters, escaped: `pathTo('/api/v1/networks/:id', { id })`. Throws RangeError where one is missing. */
export function pathTo(path: string, parameters: Readonly<Record<string, string>> = {}): string {
  return path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined || value === '') throw new RangeError(`the path ${path} needs the parameter ${name}`);
    return encodeURIComponent(value);
  });
}
