import { z } from 'zod';
import { platformIds } from '../../core/platforms/catalogue.ts';
import { pageQuery, pageResponse } from '../page.ts';
import { natModes } from './network-details.ts';
import { defineRoute } from './route.ts';

/** Static routes of LANs, and the words of their routers and clouds (docs/site-to-site.md, docs/platforms.md). */
export const platformId = z.enum(platformIds as [(typeof platformIds)[number], ...(typeof platformIds)[number][]]);

const evidence = z.enum(['tested', 'documented', 'unverified']);
const note = z.object({ text: z.string(), evidence });

/** Names of parameters and values, both checked by the platform; the bounds keep nonsense short. */
const parameters = z.record(z.string().max(60), z.string().max(4_000));

export const platformDescription = z.object({
  id: platformId,
  name: z.string(),
  kind: z.enum(['cloud', 'hypervisor', 'router', 'host', 'dhcp']),
  /** Whether it routes the WPC's range; `otherwise` says what to do where not. */
  routesWpcRange: z.enum(['yes', 'no', 'unknown']),
  otherwise: z.string().nullable(),
  evidence,
  parameters: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      allowed: z.string(),
      example: z.string(),
      many: z.boolean(),
      optional: z.boolean(),
    }),
  ),
});

/** NamedRouter is what routes a LAN: named by the operator, or seen by the connector's agent where it runs in a cloud. */
const namedRouter = z.object({ platform: platformId, parameters, source: z.enum(['named', 'detected']) });

const lanConnector = z.object({
  id: z.uuid(),
  name: z.string(),
  /** Its address on the LAN, as its agent reported it; null: not known. */
  lanAddress: z.string().nullable(),
  lanSubnet: z.string().nullable(),
  lanInterface: z.string().nullable(),
  lanRouter: z.string().nullable(),
  /** It has the network's routes at the gateway now; null: no gateway has said. */
  owns: z.boolean().nullable(),
  draining: z.boolean(),
});

export const staticRoute = z.object({
  destination: z.string(),
  via: z.string().nullable(),
  need: z.enum(['required', 'useful']),
  /** `hosts`: for the machines of the LAN, never for the router that the connector itself uses. */
  at: z.enum(['router', 'hosts']),
  flows: z.array(
    z.object({
      kind: z.enum(['devices-reach-network', 'network-reaches-devices', 'site-to-site', 'internet']),
      networkId: z.uuid().nullable(),
    }),
  ),
  why: z.string(),
});

export const staticRoutes = z.object({
  networkId: z.uuid(),
  networkName: z.string(),
  nat: z.enum(natModes),
  platform: namedRouter.nullable(),
  routes: z.array(staticRoute),
  connectors: z.array(lanConnector),
  /** What has to be done when another connector takes over; null where there is one. */
  whenConnectorsChange: z.string().nullable(),
});
export type StaticRoutes = z.infer<typeof staticRoutes>;

export const routerCommandsAnswer = z.object({
  platform: platformId,
  add: z.string(),
  remove: z.string(),
  verify: z.string(),
  terraform: z.string().nullable(),
  permissions: z.string().nullable(),
  /** Where to click. */
  console: z.array(z.string()),
  notes: z.array(note),
  /** Words in capitals that stand for what is not known. */
  missing: z.array(z.string()),
  leftOut: z.array(z.object({ destination: z.string(), reason: z.string() })),
});
export type RouterCommandsAnswer = z.infer<typeof routerCommandsAnswer>;

const pairSite = z.object({
  networkId: z.uuid(),
  networkName: z.string(),
  nat: z.enum(natModes),
  /** Connectors that have to forward. */
  connectorIds: z.array(z.uuid()),
});

export const sitePair = z.object({
  from: pairSite,
  to: pairSite,
  routesAtFrom: z.array(z.string()),
  routesAtTo: z.array(z.string()),
  mixedNat: z.boolean(),
  blocked: z.enum(['no-prefix', 'no-connector']).nullable(),
  why: z.string(),
});

export const siteRouteRoutes = {
  platforms: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/platforms',
    summary: 'List the routers and clouds whose commands can be written',
    answer: z.array(platformDescription),
  }),
  staticRoutes: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/networks/:id/static-routes',
    summary: 'Read the static routes that the LAN of a network needs now',
    answer: staticRoutes,
  }),
  allStaticRoutes: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/static-routes',
    summary: 'List the static routes that the LANs of all networks need now',
    query: pageQuery,
    answer: pageResponse(staticRoutes),
  }),
  nameRouter: defineRoute({
    method: 'PUT',
    path: '/api/causeway/v1/networks/:id/router',
    summary: 'Say which router or cloud routes the LAN of a network, and what its parts are called',
    body: z.object({ platform: platformId.nullable(), parameters: parameters.optional() }),
    answer: z.object({ platform: namedRouter.nullable() }),
  }),
  routerCommands: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/networks/:id/router-commands',
    summary:
      'Write the static routes of a network in the words of a router or cloud; further query parameters are those of the platform',
    query: z
      .object({ platform: platformId.optional(), routes: z.enum(['required', 'all']).default('required') })
      .catchall(z.string().max(4_000)),
    answer: routerCommandsAnswer,
  }),
  sitePairs: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/site-pairs',
    summary: 'List what each network needs to reach each other one, or the pairs of one network',
    query: pageQuery.extend({ networkId: z.string().optional() }),
    answer: pageResponse(sitePair),
  }),
};
