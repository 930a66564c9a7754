import { z } from 'zod';
import { pageQuery, pageResponse } from '../page.ts';
import { descriptionText, optionalList, optionalQuery, optionalText } from './fields.ts';
import { defineRoute } from './route.ts';

/** Longer than any prefix, so that what is refused for its content is shown with its own reason. */
const maximumPrefixText = 200;

/** A prefix behind a network. Documents call it `value`; the Go client repeats a route as it read it, with `subnet`. Both are taken. */
export const networkRouteRequest = z.object({
  value: optionalText(maximumPrefixText),
  subnet: optionalText(maximumPrefixText),
  description: descriptionText(),
});
export type NetworkRouteRequest = z.infer<typeof networkRouteRequest>;

export const networkRouteRequests = optionalList(networkRouteRequest);

export const networkRoute = z.object({
  id: z.string(),
  type: z.enum(['IP_V4', 'IP_V6']),
  subnet: z.string(),
  description: z.string(),
});
export type NetworkRoute = z.infer<typeof networkRoute>;

const networkQuery = z.object({ networkId: optionalQuery() });

export const networkRouteRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/v1/networks/routes',
    summary: 'List the prefixes of all networks or of one',
    query: pageQuery.extend(networkQuery.shape),
    answer: pageResponse(networkRoute),
  }),
  create: defineRoute({
    method: 'POST',
    path: '/api/v1/networks/routes',
    summary: 'Add a prefix to a network',
    dryRun: true,
    query: networkQuery,
    body: networkRouteRequest,
    answer: networkRoute,
  }),
  read: defineRoute({
    method: 'GET',
    path: '/api/v1/networks/routes/:id',
    summary: 'Read a prefix of a network',
    answer: networkRoute,
  }),
  update: defineRoute({
    method: 'PUT',
    path: '/api/v1/networks/routes/:id',
    summary: 'Change a prefix of a network or its description',
    dryRun: true,
    body: networkRouteRequest,
    answer: networkRoute,
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/api/v1/networks/routes/:id',
    summary: 'Take a prefix from a network',
    dryRun: true,
    query: networkQuery,
    answer: null,
  }),
};
