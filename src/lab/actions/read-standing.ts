import { z } from 'zod';
import type { Administrator } from '../administrator.ts';

const details = z.object({
  connectors: z.array(
    z.object({ id: z.string(), name: z.string(), role: z.string(), health: z.string(), healthReason: z.string() }),
  ),
  serving: z.array(z.object({ connectorIds: z.array(z.string()), reason: z.string() })),
});

export type Standing = { readonly name: string; readonly role: string; readonly health: string; readonly reason: string };

/** NetworkStanding is what the API says of who serves a network: each connector by its id, and why it is so. */
export type NetworkStanding = { readonly of: ReadonlyMap<string, Standing>; readonly reason: string };

export async function readStanding(administrator: Administrator, network: string): Promise<NetworkStanding> {
  const { connectors, serving } = await administrator.must(details, 'GET', `/api/causeway/v1/networks/${network}`);
  return {
    of: new Map(connectors.map(({ id, name, role, health, healthReason }) => [id, { name, role, health, reason: healthReason }])),
    reason: serving.map(({ reason }) => reason).join('; '),
  };
}

export async function drain(administrator: Administrator, connector: string): Promise<void> {
  await administrator.must(z.unknown(), 'PUT', `/api/causeway/v1/connectors/${connector}/drain`);
}

export async function resume(administrator: Administrator, connector: string): Promise<void> {
  await administrator.must(z.unknown(), 'PUT', `/api/causeway/v1/connectors/${connector}/resume`);
}
