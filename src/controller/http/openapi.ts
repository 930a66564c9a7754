import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { errorResponse } from '../../contract/errors.ts';
import type { ControllerApp } from '../deps.ts';
import { sessionCookie } from './cookies.ts';
import type { RouteAuth } from './route-auth.ts';

/** describeRoutes collects the schemas of all routes that are registered after it into one OpenAPI 3.1 document. */
export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Causeway',
        version,
        description: '/api/v1 in the shapes of CloudConnexa API 1.2.3, ours below /api/causeway/v1.',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'From POST /api/v1/oauth/token.' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: sessionCookie,
            description: 'From POST /api/causeway/v1/sign-in; what changes something needs the header "X-Causeway: 1" too.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  app.addHook('onRoute', (route) => {
    // Every route may answer with the error body; saying it once keeps it out of each.
    route.schema = {
      ...route.schema,
      response: { '4xx': errorResponse, '5xx': errorResponse, ...responsesOf(route.schema?.response) },
      ...securityOf(route.config?.auth),
    };
  });
}

function securityOf(auth: RouteAuth | undefined): { readonly security?: readonly Record<string, readonly string[]>[] } {
  switch (auth?.kind) {
    case undefined:
    case 'public':
    case 'browser':
      return {};
    case 'own-account':
    case 'person':
    case 'administrator':
      return { security: [{ session: [] }] };
    case 'api':
      return { security: [{ bearer: [] }, { session: [] }] };
    case 'local':
    case 'gateway':
    case 'connector-agent':
    case 'install-token':
      return { security: [{ bearer: [] }] };
  }
}

function responsesOf(response: unknown): Record<string, unknown> {
  return typeof response === 'object' && response !== null ? { ...response } : {};
}

/** serveOpenApi publishes the document, which holds nothing that differs between installations. */
export function serveOpenApi(app: ControllerApp): void {
  app.get('/openapi.json', { config: { auth: { kind: 'public' } }, schema: { hide: true } }, async (_request, reply) => {
    return await reply.type('application/json').send(JSON.stringify(app.swagger()));
  });
}
