import type { ConnectorId, NetworkId } from '../ids.ts';
import type { LanAddress } from '../site-routes/lan-address.ts';
import type { NetworkRoutes } from '../site-routes/site-routes.ts';
import { siteRoutes } from '../site-routes/site-routes.ts';
import type { FixContext } from './findings/entry.ts';
import type { Scene } from './scene.ts';

const remembered = new WeakMap<Scene, FixContext>();

/** fixContext is what fixes need of the WPC. The plan of all sites' routes is made when the first fix asks for it: most traces have none. */
export function fixContext(scene: Scene): FixContext {
  const known = remembered.get(scene);
  if (known !== undefined) return known;
  const { model, observed, configuration } = scene.input;
  let routes: ((id: NetworkId) => NetworkRoutes | undefined) | undefined;
  const context: FixContext = {
    platforms: observed.platforms,
    tunnelRanges: model.tunnelRanges,
    routesOf: (id) => {
      routes ??= siteRoutes({
        ...model,
        gatewayAddresses: configuration.gateway.publicAddresses,
        lan: lanAddresses(scene),
        owners: networkOwners(scene),
      });
      return routes(id);
    },
  };
  remembered.set(scene, context);
  return context;
}

function lanAddresses(scene: Scene): ReadonlyMap<ConnectorId, LanAddress> {
  return new Map(
    scene.input.model.connectors.flatMap(({ id }): [ConnectorId, LanAddress][] => {
      const lan = scene.lan(id);
      return lan === null ? [] : [[id, lan]];
    }),
  );
}

function networkOwners(scene: Scene): ReadonlyMap<NetworkId, ReadonlySet<ConnectorId>> {
  return new Map(
    scene.input.model.networks.flatMap(({ id }): [NetworkId, ReadonlySet<ConnectorId>][] => {
      const owners = scene.input.observed.owners.get(`network:${id}`);
      return owners === undefined ? [] : [[id, new Set(owners)]];
    }),
  );
}
