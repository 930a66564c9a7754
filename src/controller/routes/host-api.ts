import type { Host } from '../../contract/api/host.ts';
import { hostRoutes } from '../../contract/api/host.ts';
import { toPage } from '../../contract/page.ts';
import type { RegisterRoutes } from '../deps.ts';
import type { HostView } from '../domain/hosts.ts';
import { createHost, listHosts, readHost, removeHost, updateHost } from '../domain/hosts.ts';
import { objectId } from '../domain/object-id.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { hostConnectorAnswer } from './connector-answer.ts';
import { allowed, serve } from './serve.ts';

const reading = allowed('host:read');
const modifying = allowed('host:modify');

/** registerHosts: /hosts. */
export const registerHosts: RegisterRoutes = (app, { store }) => {
  serve(app, hostRoutes.list, reading, async ({ query }) => {
    const { items, total } = await listHosts(store.database, query);
    return toPage(items.map(hostAnswer), total, query);
  });
  serve(app, hostRoutes.create, modifying, async ({ actor, body }) =>
    hostAnswer(await inModelTransaction(store, actor, async (change) => createHost(change, body))),
  );
  serve(app, hostRoutes.read, reading, async ({ id }) => hostAnswer(await readHost(store.database, objectId('host', id))));
  serve(app, hostRoutes.update, modifying, async ({ actor, id, body }) =>
    hostAnswer(await inModelTransaction(store, actor, async (change) => updateHost(change, objectId('host', id), body))),
  );
  serve(app, hostRoutes.remove, modifying, async ({ actor, id }) =>
    inModelTransaction(store, actor, async (change) => removeHost(change, objectId('host', id))),
  );
};

function hostAnswer({ id, name, description, internet, connectors }: HostView): Host {
  return {
    id,
    name,
    description,
    internetAccess: internet.mode,
    systemSubnets: [],
    connectors: connectors.map(hostConnectorAnswer),
    gatewaysIds: [...internet.gateways],
  };
}
