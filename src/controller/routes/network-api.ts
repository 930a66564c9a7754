import { internetGatewayRoutes } from '../../contract/api/internet-gateway.ts';
import type { NetworkDetails } from '../../contract/api/network-details.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { networkDetailsRoutes } from '../../contract/api/network-details.ts';
import { networkRouteRoutes } from '../../contract/api/network-route.ts';
import { toPage } from '../../contract/page.ts';
import type { RegisterRoutes } from '../deps.ts';
import {
  addPrefixes,
  listPrefixes,
  parseWantedPrefix,
  readPrefix,
  removePrefix,
  updatePrefix,
} from '../domain/network-prefixes.ts';
import type { NetworkView } from '../domain/networks.ts';
import { createNetwork, listNetworks, readNetwork, removeNetwork, setNetworkDetails, updateNetwork } from '../domain/networks.ts';
import { requireSite } from '../domain/connectors.ts';
import { readInternetGateways } from '../domain/internet-gateways.ts';
import { readNetworkStanding } from '../domain/network-details.ts';
import { objectId, requiredObjectId } from '../domain/object-id.ts';
import { withOverlapJudge } from '../domain/site-prefix.ts';
import type { Reader } from '../store/database.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { networkAnswer, networkRouteAnswer } from './network-answer.ts';
import { allowed, serve } from './serve.ts';

const reading = allowed('network:read');
const modifying = allowed('network:modify');

/** registerNetworks: /networks and /networks/routes. */
export const registerNetworks: RegisterRoutes = (app, { store }) => {
  serve(app, networkRoutes.list, reading, async ({ query }) => {
    const { items, total } = await listNetworks(store.database, query);
    return toPage(items.map(networkAnswer), total, query);
  });
  serve(app, networkRoutes.create, modifying, async ({ actor, body }) => networkAnswer(await createNetwork(store, actor, body)));
  serve(app, networkRoutes.read, reading, async ({ id }) =>
    networkAnswer(await readNetwork(store.database, objectId('network', id))),
  );
  serve(app, networkRoutes.update, modifying, async ({ actor, id, body }) =>
    networkAnswer(await inModelTransaction(store, actor, async (change) => updateNetwork(change, objectId('network', id), body))),
  );
  serve(app, networkRoutes.remove, modifying, async ({ actor, id }) =>
    inModelTransaction(store, actor, async (change) => removeNetwork(change, objectId('network', id))),
  );

  serve(app, networkRouteRoutes.list, reading, async ({ query }) => {
    const network = query.networkId === undefined ? undefined : objectId('network', query.networkId);
    if (network !== undefined) await requireSite(store.database, { kind: 'network', id: network });
    const { items, total } = await listPrefixes(store.database, network, query);
    return toPage(items.map(networkRouteAnswer), total, query);
  });
  serve(app, networkRouteRoutes.create, modifying, async ({ actor, query, body }) => {
    const network = requiredObjectId('network', 'networkId', query.networkId);
    const wanted = parseWantedPrefix(body);
    return withOverlapJudge(store, [wanted], async () =>
      inModelTransaction(store, actor, async (change) => {
        await requireSite(change.trx, { kind: 'network', id: network });
        const [added] = await addPrefixes(change, network, [wanted]);
        if (added === undefined) throw new Error('adding a prefix gave none');
        return networkRouteAnswer(added);
      }),
    );
  });
  serve(app, networkRouteRoutes.read, reading, async ({ id }) =>
    networkRouteAnswer(await readPrefix(store.database, objectId('network-route', id))),
  );
  serve(app, networkRouteRoutes.update, modifying, async ({ actor, id, body }) => {
    const route = objectId('network-route', id);
    const wanted = body.value === undefined && body.subnet === undefined ? [] : [parseWantedPrefix(body)];
    return withOverlapJudge(store, wanted, async () =>
      inModelTransaction(store, actor, async (change) => networkRouteAnswer(await updatePrefix(change, route, body))),
    );
  });
  serve(app, networkRouteRoutes.remove, modifying, async ({ actor, id, query }) => {
    const network = query.networkId === undefined ? undefined : objectId('network', query.networkId);
    await inModelTransaction(store, actor, async (change) => removePrefix(change, objectId('network-route', id), network));
  });
};

/** registerNetworkDetails: what is ours about a network. */
export const registerNetworkDetails: RegisterRoutes = (app, { store }) => {
  serve(app, networkDetailsRoutes.read, reading, async ({ id }) =>
    networkDetailsAnswer(store.database, await readNetwork(store.database, objectId('network', id))),
  );
  serve(app, networkDetailsRoutes.change, modifying, async ({ actor, id, body }) => {
    const network = await inModelTransaction(store, actor, async (change) =>
      setNetworkDetails(change, objectId('network', id), body),
    );
    return networkDetailsAnswer(store.database, network);
  });
};

async function networkDetailsAnswer(reader: Reader, network: NetworkView): Promise<NetworkDetails> {
  const { standings, ...standing } = await readNetworkStanding(reader, network);
  const answer = networkAnswer(network);
  return {
    ...answer,
    nat: network.nat,
    probeTargets: [...network.probeTargets],
    connectors: answer.connectors.map((connector) => ({ ...connector, ...present(standings.get(connector.id)) })),
    ...standing,
  };
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a connector of the network has no standing');
  return value;
}

/** registerInternetGateways: which internet gateways there are, and who leaves by them now. */
export const registerInternetGateways: RegisterRoutes = (app, { store }) => {
  serve(app, internetGatewayRoutes.list, reading, async () => readInternetGateways(store.database));
};
