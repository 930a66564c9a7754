import { observationRoutes } from '../../contract/api/observation.ts';
import type { RegisterRoutes } from '../deps.ts';
import { objectId } from '../domain/object-id.ts';
import { allowed, serve } from '../routes/serve.ts';
import { latestObservations } from './observations.ts';

/** registerObservations: raw text for programs and for support; the tracer reads the same rows. */
export const registerObservations: RegisterRoutes = (app, deps) => {
  serve(app, observationRoutes.list, allowed('network:read'), async ({ id }) => {
    const rows = await latestObservations(deps.store.database, objectId('connector', id));
    return rows.map(({ section, body, observed_at }) => ({ section, observedAt: observed_at.toISOString(), body }));
  });
};
