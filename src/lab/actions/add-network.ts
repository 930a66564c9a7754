import { z } from 'zod';
import type { Administrator } from '../administrator.ts';

const answer = z.object({
  id: z.string(),
  routes: z.array(z.object({ subnet: z.string() })),
  connectors: z.array(z.object({ id: z.string(), ipV4Address: z.string() })),
});

export type AddedNetwork = {
  readonly id: string;
  readonly prefixes: readonly string[];
  readonly connector: { readonly id: string; readonly address: string };
};

export const labRegion = 'eu-central-1';

/** addNetwork adds a network with one connector, in one call as the vendor's clients do. */
export async function addNetwork(
  administrator: Administrator,
  name: string,
  prefix: string,
  connectorName: string,
): Promise<AddedNetwork> {
  const made = await administrator.must(answer, 'POST', '/api/v1/networks', {
    name,
    routes: [{ value: prefix }],
    connectors: [{ name: connectorName, vpnRegionId: labRegion }],
  });
  const [connector] = made.connectors;
  if (connector === undefined) throw new Error('the answer has no connector');
  return {
    id: made.id,
    prefixes: made.routes.map((route) => route.subnet),
    connector: { id: connector.id, address: connector.ipV4Address },
  };
}

/** setNatMode says how a network's connectors hand packets to its LAN. */
export async function setNatMode(administrator: Administrator, network: string, nat: 'masquerade' | 'routed'): Promise<void> {
  await administrator.must(z.unknown(), 'PATCH', `/api/causeway/v1/networks/${network}`, { nat });
}
