import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CausewayError } from '../../contract/errors.ts';

/**
 * acceptVendorBodies makes the bodies that CloudConnexa's clients send readable inside `app` (api.md 1.1, 1.5, 7): JSON without a
 * Content-Type, an empty body that says it is JSON, text/plain. A browser can send exactly those to another origin without asking, so they
 * are accepted only where a browser adds no credential by itself: with an Authorization header, or where none is needed.
 */
export function acceptVendorBodies(app: FastifyInstance): void {
  // Fastify's own parser keeps __proto__ and constructor out; one that calls JSON.parse would let them in.
  const parseJson = app.getDefaultJsonParser('error', 'error');

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body.trim() !== '') {
      void parseJson(request, body, done);
      return;
    }
    refuseAmbient(request, 'an empty JSON body');
    done(null, undefined);
  });
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, (request, body: string, done) => {
    refuseAmbient(request, 'text/plain');
    done(null, body);
  });
  // '*' is what Fastify calls a body without Content-Type, and every type that nobody else takes.
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body: string, done) => {
    const type = request.headers['content-type'];
    if (type !== undefined) {
      done(
        new CausewayError(
          'unsupported-media-type',
          `A body of type ${JSON.stringify(type.slice(0, 80))} is not accepted here. Send application/json.`,
        ),
      );
      return;
    }
    refuseAmbient(request, 'a body without Content-Type');
    if (body.trim() === '') done(null, undefined);
    else void parseJson(request, body, done);
  });
}

function refuseAmbient(request: FastifyRequest, what: string): void {
  const { auth } = request.routeOptions.config;
  const explicit = /^(bearer|basic) /i.test(request.headers.authorization ?? '');
  if (explicit || auth.kind === 'public' || request.actor.principal.kind === 'local-root') return;
  throw new CausewayError(
    'unsupported-media-type',
    `The request has ${what}, which is accepted only with a Bearer or Basic credential.`,
  );
}
