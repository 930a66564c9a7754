import { changeRoutes } from '../../contract/api/change.ts';
import type { RegisterRoutes } from '../deps.ts';
import { allowed, serve } from '../routes/serve.ts';
import { listChanges, readChange } from './read-change.ts';

/** registerChanges: changes of the model, and how far each has come, with the permission to read events. */
export const registerChanges: RegisterRoutes = (app, { store }) => {
  serve(app, changeRoutes.list, allowed('event:read'), async ({ query }) => await listChanges(store.database, query));
  serve(app, changeRoutes.read, allowed('event:read'), async ({ id }) => await readChange(store.database, id));
};
