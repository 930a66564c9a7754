import { z } from 'zod';
import { networkConnector } from './connector.ts';
import { connectorState } from './connector-state.ts';
import { internetUse } from './internet-gateway.ts';
import { network } from './network.ts';
import { defineRoute } from './route.ts';

/** What `routed` and `masquerade` mean: core/model.ts. */
export const natModes = ['masquerade', 'routed'] as const;

/** NetworkServing is which connectors have a network's routes at a gateway, and why; none: its packets are refused. */
export const networkServing = z.object({
  gatewayRegion: z.string(),
  connectorIds: z.array(z.string()),
  reason: z.string(),
  since: z.iso.datetime(),
});
export type NetworkServing = z.infer<typeof networkServing>;

/** NetworkDetails is a network with what the vendor's shape cannot say. */
export const networkDetails = network.extend({
  nat: z.enum(natModes),
  /** As they were named; empty: the router that each connector reports. */
  probeTargets: z.array(z.string()),
  connectors: z.array(
    networkConnector.extend({
      ...connectorState.shape,
      /** What its OpenVPN says of itself, version and platform; null: it is not connected, or says nothing. */
      version: z.string().nullable(),
    }),
  ),
  serving: z.array(networkServing),
  /** Who leaves by it now; empty where it is no internet gateway. */
  usedBy: z.array(internetUse),
  /** What an administrator should know of it; `code` is stable (docs/json.md). */
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type NetworkDetails = z.infer<typeof networkDetails>;

/** As many as the table takes: one that is silent costs nothing, but each is pinged five times a second through each connector. */
export const mostProbeTargets = 4;

export const networkDetailsPatch = z.object({
  nat: z.enum(natModes).optional(),
  /** IPv4 addresses behind the network that answer pings; an empty list: the router that each connector reports. */
  probeTargets: z.array(z.string().max(100)).max(mostProbeTargets).optional(),
});
export type NetworkDetailsPatch = z.infer<typeof networkDetailsPatch>;

export const networkDetailsRoutes = {
  read: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/networks/:id',
    summary: 'Read a network with what is not in the vendor shape',
    answer: networkDetails,
  }),
  change: defineRoute({
    method: 'PATCH',
    path: '/api/causeway/v1/networks/:id',
    summary: 'Choose how the connectors of a network hand packets to the LAN, and what is probed through them',
    dryRun: true,
    body: networkDetailsPatch,
    answer: networkDetails,
  }),
};
