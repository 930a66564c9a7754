import type { KeptTrace, TraceRequest } from '../../contract/api/trace.ts';
import { keptTrace, traceRequest, traceRoutes } from '../../contract/api/trace.ts';
import { networkCheckRoutes } from '../../contract/api/network-checks.ts';
import { lanStatementRoutes } from '../../contract/api/lan-statement.ts';
import { whatIfRoutes } from '../../contract/api/what-if.ts';
import { toPage } from '../../contract/page.ts';
import type { RegisterRoutes } from '../deps.ts';
import { objectId } from '../domain/object-id.ts';
import type { Actor } from '../principal.ts';
import { allowed, serve } from '../routes/serve.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { applyFix } from './apply-fix.ts';
import { diagnose } from './doctor.ts';
import { checkNetwork } from './network-checks.ts';
import { keepTrace, listTraces, readTrace } from './keep-trace.ts';
import { readLanStatement, stateLan } from './lan-statements.ts';
import type { PreparedTrace, TraceParts } from './run-trace.ts';
import { prepareTrace, runTrace } from './run-trace.ts';
import { supposeInTrace } from './suppose.ts';
import { streamTrace, wantsStream } from './stream-trace.ts';
import { whatIf } from './what-if.ts';

/** Tracing reads; that probes need more is decided where they are wanted (run-trace.ts). */
const reading = allowed('network:read');
const modifying = allowed('network:modify');

/** registerTraces: traces, the doctor, what-if, and what operators say of their LANs. */
export const registerTraces: RegisterRoutes = (app, { store, configurations, probes }) => {
  const parts: TraceParts = { database: store.database, configurations, probes };
  const answer = async (actor: Actor, prepared: PreparedTrace, tell: (progress: string) => void): Promise<KeptTrace> =>
    await keepTrace(store, actor, prepared, await runTrace(parts, actor, prepared, tell));
  const askQuietly = async (actor: Actor, request: TraceRequest): Promise<KeptTrace> =>
    await answer(actor, await prepareTrace(parts, actor, request), () => undefined);

  // Not by `serve`, because the same call may be answered by a stream.
  app.post(
    traceRoutes.ask.path.slice(app.prefix.length),
    {
      config: { auth: reading },
      schema: { summary: traceRoutes.ask.summary, body: traceRequest, response: { 200: keptTrace } },
    },
    async (request, reply) => {
      const { actor } = request;
      // Before the stream is opened: a question that cannot be meant is refused with its status.
      const prepared = await prepareTrace(parts, actor, request.body);
      if (!wantsStream(request)) return await answer(actor, prepared, () => undefined);
      return await streamTrace(request, reply, async (tell) => await answer(actor, prepared, tell));
    },
  );
  serve(app, traceRoutes.list, reading, async ({ actor, query }) => {
    const { items, total } = await listTraces(store.database, actor, query);
    return toPage(items, total, query);
  });
  serve(app, traceRoutes.read, reading, async ({ actor, id }) => await readTrace(store.database, actor, id));
  serve(app, traceRoutes.rerun, reading, async ({ actor, id }) => {
    const { asked } = await readTrace(store.database, actor, id);
    return await askQuietly(actor, asked);
  });

  serve(app, traceRoutes.findings, reading, async ({ actor, query }) => await diagnose(parts, actor, query.network));
  serve(
    app,
    networkCheckRoutes.read,
    reading,
    async ({ actor, id, query }) => await checkNetwork(parts, actor, objectId('network', id), query.probe),
  );
  serve(
    app,
    traceRoutes.apply,
    modifying,
    async ({ actor, body }) => await applyFix(parts, actor, body, async (asked) => await askQuietly(actor, asked)),
  );
  serve(app, whatIfRoutes.suppose, reading, async ({ actor, body }) => await supposeInTrace(parts, actor, body));
  serve(app, whatIfRoutes.ask, reading, async ({ body }) => await whatIf(parts, body.changes));

  serve(app, lanStatementRoutes.read, reading, async ({ id }) => await readLanStatement(store.database, objectId('network', id)));
  serve(app, lanStatementRoutes.write, modifying, async ({ actor, id, body }) =>
    inModelTransaction(store, actor, async (change) => await stateLan(change, objectId('network', id), body)),
  );
};
