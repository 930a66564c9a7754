import { hostConnectorRoutes, networkConnectorRoutes } from '../../contract/api/connector.ts';
import { drainRoutes } from '../../contract/api/connector-state.ts';
import { encryptedProfileRoutes } from '../../contract/api/encrypted-profile.ts';
import { toPage } from '../../contract/page.ts';
import type { ConnectorId } from '../../core/ids.ts';
import type { ControllerDeps, RegisterRoutes } from '../deps.ts';
import type { ConnectorSite, ConnectorView, SiteKind } from '../domain/connector-view.ts';
import { listConnectors, readAnyConnector, readConnector } from '../domain/connector-view.ts';
import { addConnectors, removeConnector, requireSite, setConnectorSuspended, updateConnector } from '../domain/connectors.ts';
import { setDraining } from '../domain/draining.ts';
import { objectId, requiredObjectId } from '../domain/object-id.ts';
import { issueEncryptedProfile, readEncryptedProfile } from '../pki/encrypted-profile.ts';
import { issueConnectorProfile } from '../pki/endpoint-profile.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { Actor } from '../principal.ts';
import type { ConnectorRequest, ConnectorUpdate } from '../../contract/api/connector.ts';
import type { PageQuery } from '../../contract/page.ts';
import { hostConnectorAnswer, networkConnectorAnswer } from './connector-answer.ts';
import { allowed, serve } from './serve.ts';
import { demandSitePermission } from './site-permission.ts';

/** registerNetworkConnectors: /networks/connectors. */
export const registerNetworkConnectors: RegisterRoutes = (app, deps) => {
  const calls = connectorCalls(deps, 'network', 'networkId');
  const answer = networkConnectorAnswer;
  const [reading, modifying] = [allowed('network:read'), allowed('network:modify')];

  serve(app, networkConnectorRoutes.list, reading, async ({ query }) => {
    const { items, total } = await calls.list(query.networkId, query);
    return toPage(items.map(answer), total, query);
  });
  serve(app, networkConnectorRoutes.create, modifying, async ({ actor, query, body }) =>
    answer(await calls.create(actor, query.networkId, body)),
  );
  serve(app, networkConnectorRoutes.read, reading, async ({ id }) => answer(await calls.read(id)));
  serve(app, networkConnectorRoutes.update, modifying, async ({ actor, id, body }) =>
    answer(await calls.update(actor, id, body)),
  );
  serve(app, networkConnectorRoutes.remove, modifying, async ({ actor, id, query }) => calls.remove(actor, id, query.networkId));
  // A profile holds a private key: whoever may only read must not be able to become the connector.
  serve(app, networkConnectorRoutes.profile, modifying, async ({ actor, id }) => calls.profile(actor, id));
  serve(app, networkConnectorRoutes.encryptProfile, modifying, async ({ actor, id }) => calls.encryptProfile(actor, id));
  serve(app, networkConnectorRoutes.activate, modifying, async ({ actor, id }) => answer(await calls.suspend(actor, id, false)));
  serve(app, networkConnectorRoutes.suspend, modifying, async ({ actor, id }) => answer(await calls.suspend(actor, id, true)));
};

/** registerHostConnectors: /hosts/connectors. */
export const registerHostConnectors: RegisterRoutes = (app, deps) => {
  const calls = connectorCalls(deps, 'host', 'hostId');
  const answer = hostConnectorAnswer;
  const [reading, modifying] = [allowed('host:read'), allowed('host:modify')];

  serve(app, hostConnectorRoutes.list, reading, async ({ query }) => {
    const { items, total } = await calls.list(query.hostId, query);
    return toPage(items.map(answer), total, query);
  });
  serve(app, hostConnectorRoutes.create, modifying, async ({ actor, query, body }) =>
    answer(await calls.create(actor, query.hostId, body)),
  );
  serve(app, hostConnectorRoutes.read, reading, async ({ id }) => answer(await calls.read(id)));
  serve(app, hostConnectorRoutes.update, modifying, async ({ actor, id, body }) => answer(await calls.update(actor, id, body)));
  serve(app, hostConnectorRoutes.remove, modifying, async ({ actor, id, query }) => calls.remove(actor, id, query.hostId));
  serve(app, hostConnectorRoutes.profile, modifying, async ({ actor, id }) => calls.profile(actor, id));
  serve(app, hostConnectorRoutes.encryptProfile, modifying, async ({ actor, id }) => calls.encryptProfile(actor, id));
  serve(app, hostConnectorRoutes.activate, modifying, async ({ actor, id }) => answer(await calls.suspend(actor, id, false)));
  serve(app, hostConnectorRoutes.suspend, modifying, async ({ actor, id }) => answer(await calls.suspend(actor, id, true)));
};

/** registerDraining: for connectors of networks; that of a host is told why not. */
export const registerDraining: RegisterRoutes = (app, { store }) => {
  const set = async (actor: Actor, id: string, draining: boolean) =>
    inModelTransaction(store, actor, async (change) => {
      const connector = await readAnyConnector(change.trx, objectId('connector', id));
      demandSitePermission(actor, connector, 'modify');
      return setDraining(change, connector, draining);
    });
  serve(app, drainRoutes.drain, allowed('network:modify'), async ({ actor, id }) => set(actor, id, true));
  serve(app, drainRoutes.resume, allowed('network:modify'), async ({ actor, id }) => set(actor, id, false));
};

/** registerEncryptedProfiles: what openvpn-connector-setup fetches. The reference in the path is half of the secret; the text is ciphertext. */
export const registerEncryptedProfiles: RegisterRoutes = (app, { store }) => {
  serve(app, encryptedProfileRoutes.read, { kind: 'public' }, async ({ id }) => readEncryptedProfile(store.database, id));
};

/** The calls that connectors of networks and of hosts have in common; `parameter` is how the query names the site. */
function connectorCalls(deps: ControllerDeps, kind: SiteKind, parameter: string) {
  const { store } = deps;
  const siteId = (text: string | undefined) => (text === undefined ? undefined : siteOf(kind, objectId(kind, text)));
  const existing = async (id: string): Promise<ConnectorId> =>
    (await readConnector(store.database, kind, objectId('connector', id))).id;

  return {
    list: async (siteText: string | undefined, query: PageQuery) => {
      const site = siteId(siteText);
      if (site !== undefined) await requireSite(store.database, site);
      return listConnectors(store.database, kind, site?.id, query);
    },
    create: async (actor: Actor, siteText: string | undefined, request: ConnectorRequest): Promise<ConnectorView> => {
      const site = siteOf(kind, requiredObjectId(kind, parameter, siteText));
      return inModelTransaction(store, actor, async (change) => {
        await requireSite(change.trx, site);
        const [id] = await addConnectors(change, site, [request]);
        if (id === undefined) throw new Error('adding a connector gave none');
        return readConnector(change.trx, kind, id);
      });
    },
    read: async (id: string) => readConnector(store.database, kind, objectId('connector', id)),
    update: async (actor: Actor, id: string, update: ConnectorUpdate) =>
      inModelTransaction(store, actor, async (change) => updateConnector(change, kind, objectId('connector', id), update)),
    remove: async (actor: Actor, id: string, siteText: string | undefined): Promise<void> =>
      inModelTransaction(store, actor, async (change) =>
        removeConnector(change, kind, objectId('connector', id), siteId(siteText)?.id),
      ),
    suspend: async (actor: Actor, id: string, suspended: boolean) =>
      inModelTransaction(store, actor, async (change) =>
        setConnectorSuspended(change, kind, objectId('connector', id), suspended),
      ),
    profile: async (actor: Actor, id: string) => issueConnectorProfile(deps, actor, await existing(id)),
    encryptProfile: async (actor: Actor, id: string) => issueEncryptedProfile(deps, actor, await existing(id)),
  };
}

/** The kind says which kind of id it is; the compiler cannot follow that through a parameter. */
function siteOf(kind: SiteKind, id: string): ConnectorSite {
  return kind === 'network' ? { kind, id: objectId('network', id) } : { kind, id: objectId('host', id) };
}
