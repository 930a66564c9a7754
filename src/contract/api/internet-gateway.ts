import { z } from 'zod';
import { connectorState, shownHealths } from './connector-state.ts';
import { defineRoute } from './route.ts';

/** Who has internet traffic that does not stay on the local line. */
const internetUserKinds = ['user-group', 'network', 'host'] as const;

const internetUser = {
  kind: z.enum(internetUserKinds),
  id: z.string(),
  name: z.string(),
  internetAccess: z.enum(['SPLIT_TUNNEL_OFF', 'RESTRICTED_INTERNET']),
  /** The region of the gateway that reported it: people and connectors of other gateways may leave elsewhere. */
  gatewayRegion: z.string(),
  /** One sentence for people. */
  reason: z.string(),
  since: z.iso.datetime(),
};

/** InternetUse is who leaves by an internet gateway now, and why by this one. Restricted ones reach the WPC's resolvers by it. */
export const internetUse = z.object({ ...internetUser, connectorId: z.string() });
export type InternetUse = z.infer<typeof internetUse>;

/** InternetRefusal is whose internet traffic is refused now, and why. */
export const internetRefusal = z.object(internetUser);
export type InternetRefusal = z.infer<typeof internetRefusal>;

export const internetGateway = z.object({
  id: z.string(),
  name: z.string(),
  /** That of its best connector; `offline`: none is connected. */
  health: z.enum([...shownHealths, 'offline']),
  connectors: z.array(z.object({ id: z.string(), name: z.string(), vpnRegionId: z.string(), ...connectorState.shape })),
  usedBy: z.array(internetUse),
});
export type InternetGateway = z.infer<typeof internetGateway>;

export const internetGateways = z.object({ gateways: z.array(internetGateway), refused: z.array(internetRefusal) });
export type InternetGateways = z.infer<typeof internetGateways>;

export const internetGatewayRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/internet-gateways',
    summary: 'List internet gateways with their health and who leaves by each now, and whose internet traffic is refused',
    answer: internetGateways,
  }),
};
