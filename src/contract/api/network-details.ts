import { z } from 'zod';
import { network } from './network.ts';
import { defineRoute } from './route.ts';

/** What `routed` and `masquerade` mean: core/model.ts. */
export const natModes = ['masquerade', 'routed'] as const;

/** NetworkDetails is a network with what the vendor's shape cannot say. */
export const networkDetails = network.extend({ nat: z.enum(natModes) });
export type NetworkDetails = z.infer<typeof networkDetails>;

export const networkDetailsPatch = z.object({
  nat: z.enum(natModes).optional(),
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
    summary: 'Choose how the connectors of a network hand packets to the LAN',
    body: networkDetailsPatch,
    answer: networkDetails,
  }),
};
