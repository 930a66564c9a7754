import type { z } from 'zod';
import { invalidInput, notFound } from '../../contract/errors.ts';
import type { sitePair as sitePairShape } from '../../contract/api/site-routes.ts';
import { siteRouteRoutes } from '../../contract/api/site-routes.ts';
import { toPage } from '../../contract/page.ts';
import type { NetworkId } from '../../core/ids.ts';
import type { Address4, AddressText } from '../../core/ip/address.ts';
import { strictAddress } from '../../core/ip/address.ts';
import type { Prefix4, PrefixText } from '../../core/ip/prefix.ts';
import { strictPrefix } from '../../core/ip/prefix.ts';
import { platformIds, platformOf } from '../../core/platforms/catalogue.ts';
import type { RouteRequest } from '../../core/platforms/router-commands.ts';
import { routerCommands } from '../../core/platforms/router-commands.ts';
import { explainMove, explainPair, explainRoute } from '../../core/site-routes/explain-route.ts';
import type { SitePair } from '../../core/site-routes/site-pairs.ts';
import { sitePairs } from '../../core/site-routes/site-pairs.ts';
import type { NetworkRoutes, SiteWpc } from '../../core/site-routes/site-routes.ts';
import { siteRoutes, sourcesAt } from '../../core/site-routes/site-routes.ts';
import type { RegisterRoutes } from '../deps.ts';
import { objectId } from '../domain/object-id.ts';
import { allowed, serve } from '../routes/serve.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { NetworkRouter } from './network-router.ts';
import { nameRouter, readRouters, requireParameters } from './network-router.ts';
import { readSiteWpc } from './site-wpc.ts';

const reading = allowed('network:read');

/** registerSiteRoutes: what each LAN needs for site to site, and in whose words. */
export const registerSiteRoutes: RegisterRoutes = (app, { store }) => {
  serve(app, siteRouteRoutes.platforms, reading, async () =>
    platformIds.map((id) => {
      const { name, kind, sharedSpace, otherwise, evidence, parameters } = platformOf(id);
      const shown = parameters.map((each) => ({
        name: each.name,
        description: each.description,
        allowed: each.allowed,
        example: each.example,
        many: each.many,
        optional: each.optional,
      }));
      return { id, name, kind, routesWpcRange: sharedSpace, otherwise: otherwise ?? null, evidence, parameters: shown };
    }),
  );

  const routesOf = async (text: string) => {
    const id = objectId('network', text);
    const { wpc, observed } = await readSiteWpc(store.database, () => [id]);
    const routes = siteRoutes(wpc)(id);
    if (routes === undefined) throw notFound('network', id);
    const routerOf = await readRouters(store.database, [routes], observed);
    return { wpc, routes, router: routerOf(routes) };
  };

  serve(app, siteRouteRoutes.staticRoutes, reading, async ({ id }) => {
    const { wpc, routes, router } = await routesOf(id);
    return routesAnswer(routes, router, namesOf(wpc));
  });

  serve(app, siteRouteRoutes.allStaticRoutes, reading, async ({ query }) => {
    const pageOf = (networks: readonly { readonly id: NetworkId }[]) =>
      networks.slice(query.page * query.size, (query.page + 1) * query.size).map(({ id }) => id);
    const { wpc, observed } = await readSiteWpc(store.database, pageOf);
    const routesFor = siteRoutes(wpc);
    const found = pageOf(wpc.networks)
      .map((id) => routesFor(id))
      .filter((routes) => routes !== undefined);
    const routerOf = await readRouters(store.database, found, observed);
    const nameOf = namesOf(wpc);
    return toPage(
      found.map((routes) => routesAnswer(routes, routerOf(routes), nameOf)),
      wpc.networks.length,
      query,
    );
  });

  serve(
    app,
    siteRouteRoutes.nameRouter,
    allowed('network:modify'),
    async ({ actor, id, body: { platform, parameters = {} } }) => {
      const network = objectId('network', id);
      if (platform === null && Object.keys(parameters).length > 0) {
        throw invalidInput('parameters', parameters, 'belong to no platform', 'none with platform null');
      }
      const router = platform === null ? null : { platform, parameters };
      await inModelTransaction(store, actor, async (change) => nameRouter(change, network, router));
      return { platform: (await routesOf(id)).router };
    },
  );

  serve(app, siteRouteRoutes.routerCommands, reading, async ({ id, query: { platform, routes: wanted, ...given } }) => {
    const { wpc, routes, router } = await routesOf(id);
    const chosen = platform ?? router?.platform;
    if (chosen === undefined) {
      throw invalidInput(
        'platform',
        undefined,
        'is not allowed: nothing is known of the router of this network',
        platformIds.join(', '),
      );
    }
    // What was named for another platform has other names.
    const known = router?.platform === chosen ? router.parameters : {};
    const checked = requireParameters(chosen, { ...known, ...(given as Readonly<Record<string, string>>) });
    const commands = routerCommands(checked, requestOf(wpc, routes, wanted));
    return {
      ...commands,
      platform: chosen,
      console: [...commands.console],
      notes: [...commands.notes],
      missing: [...commands.missing],
      leftOut: [...commands.leftOut],
    };
  });

  serve(app, siteRouteRoutes.sitePairs, reading, async ({ query }) => {
    const only = query.networkId === undefined ? undefined : objectId('network', query.networkId);
    const { wpc } = await readSiteWpc(store.database, () => []);
    if (only !== undefined && !wpc.networks.some(({ id }) => id === only)) throw notFound('network', only);
    const pairs = sitePairs(wpc, only);
    const first = query.page * query.size;
    const indexes = Array.from({ length: Math.max(0, Math.min(query.size, pairs.length - first)) }, (_, index) => first + index);
    const nameOf = namesOf(wpc);
    const content = indexes.flatMap((index) => {
      const pair = pairs.at(index);
      return pair === undefined ? [] : [pairAnswer(pair, nameOf)];
    });
    return toPage(content, pairs.length, query);
  });
};

function namesOf({ networks }: SiteWpc): (id: NetworkId) => string {
  const names = new Map(networks.map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? '';
}

function routesAnswer(routes: NetworkRoutes, platform: NetworkRouter | null, nameOf: (id: NetworkId) => string) {
  return {
    platform,
    networkId: routes.network,
    networkName: routes.name,
    nat: routes.nat,
    routes: routes.routes.map((route) => ({
      destination: route.destination,
      via: route.via,
      need: route.need,
      at: route.at,
      flows: route.flows.map((flow) => ({ kind: flow.kind, networkId: flow.kind === 'site-to-site' ? flow.network : null })),
      why: explainRoute(route, routes.nat, nameOf),
    })),
    connectors: routes.connectors.map(({ id, name, lan, owns, draining }) => ({
      id,
      name,
      lanAddress: lan?.address ?? null,
      lanSubnet: lan?.subnet ?? null,
      lanInterface: lan?.interface ?? null,
      lanRouter: lan?.router ?? null,
      owns,
      draining,
    })),
    whenConnectorsChange: explainMove(routes),
  };
}

function requestOf(wpc: SiteWpc, routes: NetworkRoutes, wanted: 'required' | 'all'): RouteRequest {
  const chosen = routes.routes.filter(({ need }) => wanted === 'all' || need === 'required');
  const via = routes.routes[0]?.via ?? null;
  const router = routes.connectors.find(({ lan }) => lan !== null && lan.address === via)?.lan?.router ?? null;
  return {
    network: routes.name,
    destinations: onlyPrefix4(chosen.map(({ destination }) => destination)),
    via: via === null ? null : onlyAddress4(via),
    router: router === null ? null : onlyAddress4(router),
    sources: onlyPrefix4(sourcesAt(routes, wpc.tunnelRanges)),
    lan: onlyPrefix4(routes.prefixes),
  };
}

/** The API takes IPv4 only for networks and ranges; nothing else can be here. */
function onlyPrefix4(texts: readonly PrefixText[]): readonly Prefix4[] {
  return texts.map((text) => strictPrefix(text)).filter((prefix) => prefix.family === 4);
}

function onlyAddress4(text: AddressText): Address4 | null {
  const address = strictAddress(text);
  return address.family === 4 ? address : null;
}

function pairAnswer(pair: SitePair, nameOf: (id: NetworkId) => string): z.input<typeof sitePairShape> {
  const side = ({ network, nat, mayForward }: SitePair['from']) => ({
    networkId: network,
    networkName: nameOf(network),
    nat,
    connectorIds: [...mayForward],
  });
  return {
    from: side(pair.from),
    to: side(pair.to),
    routesAtFrom: [...pair.routesAtFrom],
    routesAtTo: [...pair.routesAtTo],
    mixedNat: pair.mixedNat,
    blocked: pair.blocked,
    why: explainPair(pair, nameOf),
  };
}
