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

/** addNetwork adds a network of one or more prefixes with one connector, in one call as the vendor's clients do. */
export async function addNetwork(
  administrator: Administrator,
  name: string,
  prefixes: string | readonly string[],
  connectorName: string,
): Promise<AddedNetwork> {
  const made = await administrator.must(answer, 'POST', '/api/v1/networks', {
    name,
    routes: [prefixes].flat().map((value) => ({ value })),
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

/** addConnector gives a network one more connector. */
export async function addConnector(
  administrator: Administrator,
  network: string,
  name: string,
): Promise<AddedNetwork['connector']> {
  const made = await administrator.must(
    z.object({ id: z.string(), ipV4Address: z.string() }),
    'POST',
    `/api/v1/networks/connectors?networkId=${network}`,
    { name, vpnRegionId: labRegion },
  );
  return { id: made.id, address: made.ipV4Address };
}
