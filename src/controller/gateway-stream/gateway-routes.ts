/**
 * The controller's side of contract/gateway.ts: hello, configuration stream and reports of the gateways. The configuration is compiled
 * in configuration-source.ts, each open stream is a StreamWriter, reports become rows in store-report.ts.
 * Tests: `node --test 'src/controller/gateway-stream/*.test.ts'` (real PostgreSQL and signer).
 */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CausewayError } from '../../contract/errors.ts';
import { gatewayAuthority, gatewayHello, gatewayReport, gatewayWelcome } from '../../contract/gateway.ts';
import type { GatewayId } from '../../core/ids.ts';
import type { ControllerDeps, RegisterRoutes } from '../deps.ts';
import { hashSecret } from '../http/secret-hash.ts';
import { ConnectorEvents } from './connector-events.ts';
import { learnMachines } from './learn-machines.ts';
import { storeReport } from './store-report.ts';
import { StreamWriter } from './stream-writer.ts';
import { welcomeGateway } from './welcome-gateway.ts';

/** The agent gives a stream up after 60 s of silence. */
const heartbeatMs = 15_000;

/** 10,000 sessions with all their fields, the contract's limit, have about 5 MB. */
const reportBodyLimit = 16 * 1024 * 1024;

const auth = { kind: 'gateway' } as const;

/** registerGatewayStream serves /gateway/v1; streams end when the application closes. */
export const registerGatewayStream: RegisterRoutes = (app, deps) => {
  const source = deps.configurations;
  const streams = new Set<StreamWriter>();
  const events = new ConnectorEvents(deps.store);
  // Whoever was not served by this process gets a snapshot first: the same revision may have been compiled by another version.
  const served = new Set<GatewayId>();

  deps.metrics.live('causeway_gateway_streams', () => [[{}, streams.size]]);
  const unsubscribe = deps.wakeUp.subscribe(({ revision }) => deps.metrics.revisions.seen(revision, Date.now()));
  deps.metrics.revisions.seen(deps.wakeUp.position().revision, Date.now());

  app.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
    unsubscribe();
    await source.close();
  });

  app.post(
    '/gateway/v1/hello',
    { config: { auth }, schema: { body: gatewayHello, response: { 200: gatewayWelcome }, hide: true } },
    async (request) => await welcomeGateway(deps, request.actor, gatewayOf(request), request.body),
  );

  app.post(
    '/gateway/v1/authority',
    { config: { auth }, schema: { body: z.object({}), response: { 200: gatewayAuthority }, hide: true } },
    async () => ({ ca: await deps.signer.authority() }),
  );

  app.get('/gateway/v1/stream', { config: { auth }, schema: { hide: true } }, async (request, reply) => {
    const gateway = gatewayOf(request);
    const held = request.headers['last-event-id'];
    const heldRevision = typeof held === 'string' && /^\d{1,15}$/.test(held) && served.has(gateway) ? Number(held) : null;
    served.add(gateway);
    reply.hijack();
    const stream = new StreamWriter(reply.raw, source, { gateway, tokenHash: tokenHashOf(request), heldRevision, heartbeatMs });
    streams.add(stream);
    reply.raw.once('close', () => streams.delete(stream));
  });

  app.post(
    '/gateway/v1/report',
    { config: { auth }, bodyLimit: reportBodyLimit, schema: { body: gatewayReport, hide: true } },
    async (request, reply) => {
      const { figures } = request.body;
      if (figures !== undefined) deps.metrics.gateways.keep(gatewayOf(request), figures, Date.now());
      const changes = await storeReport(deps.store, gatewayOf(request), request.body);
      // A failure here fails the report: the gateway sends it again, and what it says is learnt then.
      await learnMachines(deps.store, request.actor, request.body.sessions);
      await tellEvents(deps, events, changes);
      return await reply.code(204).send();
    },
  );
};

async function tellEvents(
  deps: ControllerDeps,
  events: ConnectorEvents,
  changes: Awaited<ReturnType<typeof storeReport>>,
): Promise<void> {
  try {
    await events.tell(changes, Date.now());
  } catch (error) {
    // The report is stored; failing the request would make the gateway send all of it again. What is lost is a line in the event list.
    deps.log.warn({ err: error }, 'recording events of connectors failed; their state is right all the same');
  }
}

/** gatewayOf is the gateway whose token the request carries. */
export function gatewayOf(request: FastifyRequest): GatewayId {
  const { principal } = request.actor;
  if (principal.kind === 'gateway') return principal.id;
  throw new CausewayError('forbidden', 'This is served to gateways only, with their token.');
}

/** The header was checked before: it carries exactly one bearer token. */
function tokenHashOf(request: FastifyRequest): string {
  const token = /^bearer +(.*)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  return hashSecret(token).toString('hex');
}
