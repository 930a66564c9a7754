import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CausewayError, invalidInput } from '../../contract/errors.ts';
import type { RegisterRoutes } from '../deps.ts';
import { basicCredentials } from '../http/basic-auth.ts';
import { tokenBuckets } from '../http/token-bucket.ts';
import { sourceNetwork } from '../http/source-network.ts';
import { accessTokenLifetime_s, issueAccessToken, proveApiCredential } from './api-credentials.ts';

const parameters = z.object({
  client_id: z.string().max(200).optional(),
  client_secret: z.string().max(200).optional(),
  grant_type: z.string().max(60).optional(),
  scope: z.string().max(200).optional(),
});
type Parameters = z.infer<typeof parameters>;

const answer = z
  .object({ access_token: z.string(), token_type: z.literal('bearer'), expires_in: z.int(), scope: z.string() })
  .meta({ id: 'OAuthResponse' });

/**
 * Failed attempts of one source address. A secret of 256 bits is not guessed; this tells a program that runs wild to stop. Who knows the
 * secret is never held up by the failures of a neighbour behind the same NAT.
 */
const failures = { perSecond: 1, burst: 60 };

/** Tokens of one credential. Each lives for 12 h and is a row: a client that asks for one before every call would fill the database. */
const issues = { perSecond: 1, burst: 600 };

/**
 * registerOAuth: the token call in each shape that is in use (api.md 1.1): id and secret in the query, by HTTP Basic, or as the fields of a
 * JSON or form body. The query is never logged.
 */
export const registerOAuth: RegisterRoutes = async (app, deps) => {
  const failed = tokenBuckets(failures);
  const issued = tokenBuckets(issues);

  await app.register(async (scope) => {
    // RFC 6749 clients send a form; nothing else in the API does.
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body: string, done) => {
      done(null, Object.fromEntries(new URLSearchParams(body)));
    });
    scope.withTypeProvider<ZodTypeProvider>().post(
      '/oauth/token',
      {
        config: { auth: { kind: 'public' } },
        schema: { querystring: parameters, body: parameters.nullish(), response: { 200: answer } },
      },
      async (request) => {
        const given = { ...withoutEmpty(request.query), ...withoutEmpty(request.body ?? {}) };
        if (given.grant_type !== undefined && given.grant_type !== 'client_credentials') {
          throw invalidInput('grant_type', given.grant_type, 'is not allowed', 'client_credentials');
        }
        const basic = basicCredentials(request.headers.authorization);
        const clientId = basic?.clientId ?? given.client_id;
        const clientSecret = basic?.clientSecret ?? given.client_secret;
        if (clientId === undefined || clientSecret === undefined) {
          throw new CausewayError(
            'unauthenticated',
            'client_id and client_secret are missing; send them by HTTP Basic, in the query or in the body.',
          );
        }
        const { id: credentialId } = await proveApiCredential(
          deps.store,
          clientId,
          clientSecret,
          request.actor.sourceAddress,
        ).catch((error: unknown) => {
          if (!(error instanceof CausewayError) || error.code !== 'unauthenticated') throw error;
          if (failed.take(sourceNetwork(request.ip), performance.now()).allowed) throw error;
          throw new CausewayError(
            'rate-limited',
            'Too many failed attempts to get an access token from this address. Wait a minute.',
          );
        });
        if (!issued.take(credentialId, performance.now()).allowed) {
          throw new CausewayError(
            'rate-limited',
            'This API credential asks for more than one access token a second. A token is good for 12 hours: keep it, and use it for all calls.',
          );
        }
        const token = await issueAccessToken(deps.store, credentialId);
        return { access_token: token, token_type: 'bearer' as const, expires_in: accessTokenLifetime_s, scope: 'read write' };
      },
    );
  });
};

/** Clients write "not given" as an empty string (api.md 7). */
function withoutEmpty(given: Parameters): Partial<Record<keyof Parameters, string>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== ''));
}
