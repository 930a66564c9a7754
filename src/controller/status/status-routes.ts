import { status } from '../../contract/cli/status.ts';
import type { RegisterRoutes } from '../deps.ts';
import { readStatus } from './read-status.ts';

/** registerStatus: the JSON of `causeway status --json`, explained in docs/json.md. */
export const registerStatus: RegisterRoutes = (app, deps) => {
  app.get(
    '/status',
    { config: { auth: { kind: 'api', permission: 'status:read' } }, schema: { response: { 200: status } } },
    async () => await readStatus(deps, new Date()),
  );
};
