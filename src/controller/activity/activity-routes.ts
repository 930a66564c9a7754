import { activityRoutes } from '../../contract/api/activity.ts';
import type { RegisterRoutes } from '../deps.ts';
import { allowed, serve } from '../routes/serve.ts';
import { readActivity } from './read-activity.ts';

/** registerActivity: audit and events as one list, with the permission to read events. */
export const registerActivity: RegisterRoutes = (app, { store }) => {
  serve(app, activityRoutes.list, allowed('event:read'), async ({ query }) => await readActivity(store.database, query));
};
