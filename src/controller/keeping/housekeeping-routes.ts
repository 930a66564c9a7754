import { housekeepingRoutes } from '../../contract/api/housekeeping.ts';
import type { RegisterRoutes } from '../deps.ts';
import { allowed, serve } from '../routes/serve.ts';
import { readHousekeeping } from './read-housekeeping.ts';

/** registerHousekeeping: what the installation cannot mend by itself, and its room. */
export const registerHousekeeping: RegisterRoutes = (app, deps) => {
  serve(app, housekeepingRoutes.read, allowed('status:read'), async () => readHousekeeping(deps));
};
