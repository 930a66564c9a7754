import { z } from 'zod';
import { pageQuery, pageResponse } from '../page.ts';
import {
  descriptionText,
  maximumNameLength,
  optionalChoice,
  optionalList,
  optionalQuery,
  optionalText,
  requiredText,
} from './fields.ts';
import { defineRoute } from './route.ts';
import { connectionStatuses, tunnelingProtocols } from './words.ts';

const description = descriptionText();
const vpnRegionId = optionalText(40);
/** Anything but null is refused where the request is carried out, with the reason: IPsec is not in this version. */
const ipSecConfig = z.unknown().optional();
const tunnelingProtocol = optionalChoice(tunnelingProtocols);

/** Request to create a connector. Without a region it gets the WPC's default region. */
export const connectorRequest = z.object({
  name: requiredText(maximumNameLength),
  description,
  vpnRegionId,
  tunnelingProtocol,
  ipSecConfig,
});
export type ConnectorRequest = z.infer<typeof connectorRequest>;

/** Request to change one: what is not given stays. */
export const connectorUpdate = z.object({
  name: optionalText(maximumNameLength),
  description,
  vpnRegionId,
  tunnelingProtocol,
  ipSecConfig,
});
export type ConnectorUpdate = z.infer<typeof connectorUpdate>;

/** What PUT of a network or host carries in `connectors`: only looked at to find one that the client believes it is creating. */
export const connectorMention = z.object({ id: optionalText(100), name: z.string().nullish() });
export const connectorMentions = optionalList(connectorMention);

const common = {
  id: z.string(),
  networkItemId: z.string(),
  name: z.string(),
  description: z.string(),
  vpnRegionId: z.string(),
  ipV4Address: z.string(),
  connectionStatus: z.enum(connectionStatuses),
  licensed: z.boolean(),
};

/** ipV6Address is left out: the WPC hands out IPv4 only (IP_V4_ONLY, api.md 2.1). */
export const networkConnector = z.object({
  ...common,
  networkItemType: z.literal('NETWORK'),
  tunnelingProtocol: z.literal('OPENVPN'),
});
export type NetworkConnector = z.infer<typeof networkConnector>;

export const hostConnector = z.object({ ...common, networkItemType: z.literal('HOST') });
export type HostConnector = z.infer<typeof hostConnector>;

const networkQuery = z.object({ networkId: optionalQuery() });
const hostQuery = z.object({ hostId: optionalQuery() });

export const networkConnectorRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/v1/networks/connectors',
    summary: 'List the connectors of all networks or of one',
    query: pageQuery.extend(networkQuery.shape),
    answer: pageResponse(networkConnector),
  }),
  create: defineRoute({
    method: 'POST',
    path: '/api/v1/networks/connectors',
    summary: 'Add a connector to a network',
    query: networkQuery,
    body: connectorRequest,
    answer: networkConnector,
  }),
  read: defineRoute({
    method: 'GET',
    path: '/api/v1/networks/connectors/:id',
    summary: 'Read a connector of a network',
    answer: networkConnector,
  }),
  update: defineRoute({
    method: 'PUT',
    path: '/api/v1/networks/connectors/:id',
    summary: 'Change a connector of a network',
    dryRun: true,
    body: connectorUpdate,
    answer: networkConnector,
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/api/v1/networks/connectors/:id',
    summary: 'Delete a connector of a network; its tunnel is cut and its certificates are revoked',
    dryRun: true,
    query: networkQuery,
    answer: null,
  }),
  profile: defineRoute({
    method: 'POST',
    path: '/api/v1/networks/connectors/:id/profile',
    summary: 'Make a profile with a new key and certificate; earlier ones stay valid',
    answer: 'text',
  }),
  encryptProfile: defineRoute({
    method: 'POST',
    path: '/api/v1/networks/connectors/:id/profile/encrypt',
    summary: 'Make a set-up token for openvpn-connector-setup; earlier ones stay valid',
    answer: 'text',
  }),
  activate: defineRoute({
    method: 'PUT',
    path: '/api/v1/networks/connectors/:id/activate',
    summary: 'Let a suspended connector connect again',
    dryRun: true,
    answer: networkConnector,
  }),
  suspend: defineRoute({
    method: 'PUT',
    path: '/api/v1/networks/connectors/:id/suspend',
    summary: 'Cut a connector off and refuse it until it is activated',
    dryRun: true,
    answer: networkConnector,
  }),
};

export const hostConnectorRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/v1/hosts/connectors',
    summary: 'List the connectors of all hosts or of one',
    query: pageQuery.extend(hostQuery.shape),
    answer: pageResponse(hostConnector),
  }),
  create: defineRoute({
    method: 'POST',
    path: '/api/v1/hosts/connectors',
    summary: 'Add a connector to a host',
    query: hostQuery,
    body: connectorRequest,
    answer: hostConnector,
  }),
  read: defineRoute({
    method: 'GET',
    path: '/api/v1/hosts/connectors/:id',
    summary: 'Read a connector of a host',
    answer: hostConnector,
  }),
  update: defineRoute({
    method: 'PUT',
    path: '/api/v1/hosts/connectors/:id',
    summary: 'Change a connector of a host',
    dryRun: true,
    body: connectorUpdate,
    answer: hostConnector,
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/api/v1/hosts/connectors/:id',
    summary: 'Delete a connector of a host; its tunnel is cut and its certificates are revoked',
    dryRun: true,
    query: hostQuery,
    answer: null,
  }),
  profile: defineRoute({
    method: 'POST',
    path: '/api/v1/hosts/connectors/:id/profile',
    summary: 'Make a profile with a new key and certificate; earlier ones stay valid',
    answer: 'text',
  }),
  encryptProfile: defineRoute({
    method: 'POST',
    path: '/api/v1/hosts/connectors/:id/profile/encrypt',
    summary: 'Make a set-up token for openvpn-connector-setup; earlier ones stay valid',
    answer: 'text',
  }),
  activate: defineRoute({
    method: 'PUT',
    path: '/api/v1/hosts/connectors/:id/activate',
    summary: 'Let a suspended connector connect again',
    dryRun: true,
    answer: hostConnector,
  }),
  suspend: defineRoute({
    method: 'PUT',
    path: '/api/v1/hosts/connectors/:id/suspend',
    summary: 'Cut a connector off and refuse it until it is activated',
    dryRun: true,
    answer: hostConnector,
  }),
};
