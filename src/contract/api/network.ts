import { z } from 'zod';
import { pageResponse } from '../page.ts';
import { connectorMentions, connectorRequest, networkConnector } from './connector.ts';
import {
  descriptionText,
  maximumNameLength,
  optionalChoice,
  optionalFlag,
  optionalList,
  optionalText,
  requiredText,
} from './fields.ts';
import type { AskedOf } from './list-query.ts';
import { listQuery } from './list-query.ts';
import { networkRoute, networkRouteRequests } from './network-route.ts';
import { defineRoute } from './route.ts';
import { internetAccessModes, tunnelingProtocols } from './words.ts';

const fields = {
  description: descriptionText(),
  internetAccess: optionalChoice(internetAccessModes),
  egress: optionalFlag(),
  routes: networkRouteRequests,
  tunnelingProtocol: optionalChoice(tunnelingProtocols),
  gatewaysIds: optionalList(z.string()),
};

export const networkRequest = z.object({
  ...fields,
  name: requiredText(maximumNameLength),
  connectors: optionalList(connectorRequest, 100),
});
export type NetworkRequest = z.infer<typeof networkRequest>;

/** What is not given stays; `routes` and `connectors` are changed by their own calls and never by this one. */
export const networkUpdate = z.object({ ...fields, name: optionalText(maximumNameLength), connectors: connectorMentions });
export type NetworkUpdate = z.infer<typeof networkUpdate>;

export const network = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  egress: z.boolean(),
  internetAccess: z.enum(internetAccessModes),
  routes: z.array(networkRoute),
  connectors: z.array(networkConnector),
  systemSubnets: z.array(z.string()),
  tunnelingProtocol: z.enum(tunnelingProtocols),
  gatewaysIds: z.array(z.string()),
});
export type Network = z.infer<typeof network>;

export const networkSorts = ['name', 'prefixes', 'state', 'connectors'] as const;
/** How many of a network's connectors are online: all, some, none of them, or there is none. */
export const networkStandings = ['online', 'partly', 'offline', 'none'] as const;

/** Ours: `q` looks in name, prefixes and names of connectors. */
export const networkListQuery = listQuery(networkSorts, { state: optionalChoice(networkStandings) });
export type NetworkListQuery = AskedOf<typeof networkListQuery>;

export const networkRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/v1/networks',
    summary: 'List networks with their prefixes and connectors',
    query: networkListQuery,
    answer: pageResponse(network),
  }),
  create: defineRoute({
    method: 'POST',
    path: '/api/v1/networks',
    summary: 'Create a network, with prefixes and connectors if they are given',
    dryRun: true,
    body: networkRequest,
    answer: network,
  }),
  read: defineRoute({ method: 'GET', path: '/api/v1/networks/:id', summary: 'Read a network', answer: network }),
  update: defineRoute({
    method: 'PUT',
    path: '/api/v1/networks/:id',
    summary: 'Change a network; its prefixes and connectors stay',
    dryRun: true,
    body: networkUpdate,
    answer: network,
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/api/v1/networks/:id',
    summary: 'Delete a network with its prefixes and connectors',
    dryRun: true,
    answer: null,
  }),
};
