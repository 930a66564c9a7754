import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { longestAnswers } from '../../contract/agent-request.ts';
import { formatEnrollAnswer, longestDesiredWait_s, withRequest } from '../../contract/connector-agent.ts';
import { ConnectorAcks } from '../change/applied-changes.ts';
import type { RegisterRoutes } from '../deps.ts';
import { toCausewayError } from '../http/error-handler.ts';
import { newsOnce } from '../news.ts';
import { agentProfile } from '../pki/agent-profile.ts';
import type { Principal } from '../principal.ts';
import { insertAgentCredential, noteFirstUse } from './agent-credential.ts';
import { renewAgentCertificate } from './agent-certificate.ts';
import { connectorSnapshots } from './connector-snapshot.ts';
import { DesiredAnswers } from './desired-state.ts';
import { enroll } from './enroll.ts';
import { keepObservation } from './observation.ts';

const prefix = '/api/causeway/v1/connector-agent';

/** One event for each refused enrolment of a connector from an address in this time says as much as all of them. */
const refusalQuiet_ms = 300_000;

/** A connector reports once a minute, and at once when something has changed: it may change its router's address so often. */
const routerQuiet_ms = 20_000;

/** A request for a P-384 key is 600 characters. */
const longestCertificateRequest = 8192;

/** How long the agent looked at its machine, in milliseconds: seconds on a busy one. Agents of before do not say. */
const tookMs = z.coerce.number().int().min(0).max(600_000).default(0);

/** registerConnectorAgent serves contract/connector-agent.ts. Everything is text, refusals too: a shell reads them. */
export const registerConnectorAgent: RegisterRoutes = (app, deps) => {
  const desired = new DesiredAnswers(deps.wakeUp, connectorSnapshots(deps));
  const isNews = newsOnce(refusalQuiet_ms);
  const isNewRouter = newsOnce(routerQuiet_ms);
  const acks = new ConnectorAcks(deps.store);
  app.addHook('onClose', async () => await acks.close());
  let polls = 0;
  deps.metrics.live('causeway_connector_polls', () => [[{}, polls]]);
  const ofAgent = { auth: { kind: 'connector-agent' } } as const;

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setErrorHandler(async (error: unknown, request, reply) => {
    const visible = toCausewayError(error, request);
    deps.metrics.count('causeway_http_refusals_total', { code: visible.code });
    if (visible.status >= 500) request.log.error({ err: error }, `${request.method} ${request.routeOptions.url ?? ''} failed`);
    return reply.code(visible.status).type('text/plain; charset=utf-8').send(`${visible.message}\n`);
  });
  app.addHook('preHandler', async (request) => {
    const { principal } = request.actor;
    if (principal.kind === 'connector-agent' && principal.isFirstUse) await noteFirstUse(deps.store, principal);
  });

  app.post(
    `${prefix}/enroll`,
    {
      config: { auth: { kind: 'install-token' } },
      schema: {
        hide: true,
        querystring: z.object({ held: z.uuid().optional() }),
        body: z.string().max(longestCertificateRequest),
      },
    },
    async (request, reply) => {
      const answer = await enroll({ ...deps, isNews }, request.actor, principalOf(request, 'install-token'), {
        certificateRequest: request.body,
        held: request.query.held,
      });
      return reply.type('text/plain').send(formatEnrollAnswer(answer));
    },
  );

  app.get(`${prefix}/profile`, { config: ofAgent, schema: { hide: true } }, async (request, reply) => {
    const { connector } = principalOf(request, 'connector-agent');
    return reply.type('text/plain').send(await agentProfile(deps, deps.store.database, connector));
  });

  app.get(
    `${prefix}/desired`,
    {
      config: { ...ofAgent, waits: true },
      schema: {
        hide: true,
        querystring: z.object({
          revision: z
            .string()
            .regex(/^(none|\d{1,15})$/)
            .default('none'),
          wait: z.coerce.number().min(0).max(600).default(0),
          asks: z.literal('yes').optional(),
        }),
      },
    },
    async (request, reply) => {
      const { revision, wait, asks } = request.query;
      const { connector } = principalOf(request, 'connector-agent');
      const waiting = new AbortController();
      let isGone = false;
      reply.raw.once('close', () => {
        if (reply.raw.writableFinished) return;
        isGone = true;
        waiting.abort();
      });
      // What is not there yet is not believed: it would stand for everything that comes.
      const held = Number(revision);
      if (held <= deps.wakeUp.position().revision) acks.says(connector, held);
      polls += 1;
      const visit = deps.probes.requests.visit(connector, { asks: asks === 'yes', ring: () => waiting.abort() });
      try {
        const text = await desired.answer(connector, {
          revision: revision === 'none' ? undefined : Number(revision),
          wait_ms: Math.min(wait, longestDesiredWait_s) * 1000,
          signal: waiting.signal,
        });
        return await reply.type('text/plain').send(withRequest(text, isGone ? '' : visit.take()));
      } finally {
        visit.end();
        polls -= 1;
      }
    },
  );

  app.post(
    `${prefix}/answers`,
    {
      config: ofAgent,
      schema: { hide: true, querystring: z.object({ ask: z.uuid() }), body: z.string().max(longestAnswers) },
    },
    async (request, reply) => {
      deps.probes.requests.answer(principalOf(request, 'connector-agent').connector, request.query.ask, request.body);
      return reply.code(204).send();
    },
  );
  app.addHook('preClose', async () => deps.probes.requests.end());

  app.post(
    `${prefix}/certificate`,
    { config: ofAgent, schema: { hide: true, body: z.string().max(longestCertificateRequest) } },
    async (request, reply) => {
      const { connector } = principalOf(request, 'connector-agent');
      return reply.type('text/plain').send(await renewAgentCertificate(deps, request.actor, connector, request.body));
    },
  );

  app.post(`${prefix}/credential`, { config: ofAgent, schema: { hide: true } }, async (request, reply) => {
    const { connector } = principalOf(request, 'connector-agent');
    return reply.type('text/plain').send(`credential ${await insertAgentCredential(deps.store.database, connector)}\n`);
  });

  const observation = { hide: true, querystring: z.object({ took: tookMs }), body: z.string() };
  app.post(`${prefix}/observation`, { config: ofAgent, schema: observation }, async (request, reply) => {
    const { connector } = principalOf(request, 'connector-agent');
    const began = new Date(Date.now() - request.query.took);
    await keepObservation({ ...deps, isNews: isNewRouter }, request.actor, connector, { text: request.body, began });
    return reply.code(204).send();
  });
};

function principalOf<Kind extends Principal['kind']>(request: FastifyRequest, kind: Kind): Extract<Principal, { kind: Kind }> {
  const { principal } = request.actor;
  if (isOfKind(principal, kind)) return principal;
  throw new Error(`a route of ${kind} was reached by ${principal.kind}`);
}

function isOfKind<Kind extends Principal['kind']>(
  principal: Principal,
  kind: Kind,
): principal is Extract<Principal, { kind: Kind }> {
  return principal.kind === kind;
}
