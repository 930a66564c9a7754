import { observationRoutes } from '../../contract/api/observation.ts';
import type { RegisterRoutes } from '../deps.ts';
import { readAnyConnector } from '../domain/connector-view.ts';
import { objectId } from '../domain/object-id.ts';
import { allowed, serve } from '../routes/serve.ts';
import { demandSitePermission } from '../routes/site-permission.ts';
import { latestObservations } from './observations.ts';

/** registerObservations: raw text for programs and for support; the tracer reads the same rows. */
export const registerObservations: RegisterRoutes = (app, { store }) => {
  serve(app, observationRoutes.list, allowed('network:read'), async ({ actor, id }) => {
    const connector = await readAnyConnector(store.database, objectId('connector', id));
    demandSitePermission(actor, connector, 'read');
    const rows = await latestObservations(store.database, connector.id);
    return rows.map(({ section, body, observed_at }) => ({ section, observedAt: observed_at.toISOString(), body }));
  });
};
