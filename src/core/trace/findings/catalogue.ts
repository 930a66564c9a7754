import type { FindingCode } from '../finding-code.ts';
import { client } from './client.ts';
import { cloudFilters } from './cloud-filters.ts';
import { cloudRoutes } from './cloud-routes.ts';
import { connectorMachine } from './connector-machine.ts';
import { connectorSession } from './connector-session.ts';
import type { Entry } from './entry.ts';
import { forwarding } from './forwarding.ts';
import { hostFilter } from './host-filter.ts';
import { internet } from './internet.ts';
import { lanRouter } from './lan-router.ts';
import { overlay } from './overlay.ts';
import { server } from './server.ts';
import { translation } from './translation.ts';

/** themes are the parts of the catalogue in the order in which docs/findings.md has them. */
export const themes = {
  client,
  overlay,
  'connector-session': connectorSession,
  forwarding,
  'host-filter': hostFilter,
  translation,
  'connector-machine': connectorMachine,
  'lan-router': lanRouter,
  'cloud-routes': cloudRoutes,
  'cloud-filters': cloudFilters,
  internet,
  server,
} as const;

/** catalogue has the entry of every code. */
export const catalogue: Readonly<Record<FindingCode, Entry>> = {
  ...client,
  ...overlay,
  ...connectorSession,
  ...forwarding,
  ...hostFilter,
  ...translation,
  ...connectorMachine,
  ...lanRouter,
  ...cloudRoutes,
  ...cloudFilters,
  ...internet,
  ...server,
};
