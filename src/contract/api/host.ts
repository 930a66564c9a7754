import { z } from 'zod';
import { pageResponse } from '../page.ts';
import { connectorMentions, connectorRequest, hostConnector } from './connector.ts';
import { descriptionText, maximumNameLength, optionalChoice, optionalList, optionalText, requiredText } from './fields.ts';
import type { AskedOf } from './list-query.ts';
import { listQuery } from './list-query.ts';
import { defineRoute } from './route.ts';
import { internetAccessModes } from './words.ts';

const fields = {
  description: descriptionText(),
  domain: optionalText(253),
  internetAccess: optionalChoice(internetAccessModes),
  gatewaysIds: optionalList(z.string()),
};

export const hostRequest = z.object({
  ...fields,
  name: requiredText(maximumNameLength),
  connectors: optionalList(connectorRequest, 100),
});
export type HostRequest = z.infer<typeof hostRequest>;

/** What is not given stays; `connectors` are changed by their own calls. */
export const hostUpdate = z.object({ ...fields, name: optionalText(maximumNameLength), connectors: connectorMentions });
export type HostUpdate = z.infer<typeof hostUpdate>;

export const host = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  internetAccess: z.enum(internetAccessModes),
  systemSubnets: z.array(z.string()),
  connectors: z.array(hostConnector),
  gatewaysIds: z.array(z.string()),
});
export type Host = z.infer<typeof host>;

export const hostSorts = ['name', 'description', 'address', 'connectors', 'internet'] as const;

/** Ours: `q` looks in name, description and tunnel addresses. `online` is a host that packets can reach by one connector at least. */
export const hostListQuery = listQuery(hostSorts, { state: optionalChoice(['online', 'offline']) });
export type HostListQuery = AskedOf<typeof hostListQuery>;

export const hostRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/v1/hosts',
    summary: 'List hosts with their connectors',
    query: hostListQuery,
    answer: pageResponse(host),
  }),
  create: defineRoute({
    method: 'POST',
    path: '/api/v1/hosts',
    summary: 'Create a host, with connectors if they are given',
    body: hostRequest,
    answer: host,
  }),
  read: defineRoute({ method: 'GET', path: '/api/v1/hosts/:id', summary: 'Read a host', answer: host }),
  update: defineRoute({
    method: 'PUT',
    path: '/api/v1/hosts/:id',
    summary: 'Change a host; its connectors stay',
    dryRun: true,
    body: hostUpdate,
    answer: host,
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/api/v1/hosts/:id',
    summary: 'Delete a host with its connectors',
    dryRun: true,
    answer: null,
  }),
};
