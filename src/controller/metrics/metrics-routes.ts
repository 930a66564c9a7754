import { metricsRoutes } from '../../contract/api/metrics.ts';
import type { RegisterRoutes } from '../deps.ts';
import { measurePool } from './measure-database.ts';
import { metricsReader } from './read-metrics.ts';

/** registerMetrics: text for Prometheus. An API credential with metrics:read is enough, and nothing else it opens. */
export const registerMetrics: RegisterRoutes = (app, deps) => {
  measurePool(deps.metrics, deps.store);
  const read = metricsReader(deps);
  app.get(
    metricsRoutes.read.path,
    {
      config: { auth: { kind: 'api', permission: 'metrics:read', basic: true } },
      schema: { hide: true },
      exposeHeadRoute: false,
    },
    async (_request, reply) => reply.type(deps.metrics.contentType).send(await read()),
  );
};
