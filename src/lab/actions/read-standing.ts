import { z } from 'zod';
import type { Administrator } from '../administrator.ts';

const details = z.object({
  connectors: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      role: z.string(),
      health: z.string(),
      healthReason: z.string(),
      probeTarget: z.string().nullable(),
    }),
  ),
  serving: z.array(z.object({ connectorIds: z.array(z.string()), reason: z.string() })),
});

export type Standing = {
  readonly name: string;
  readonly role: string;
  readonly health: string;
  readonly reason: string;
  /** What is probed behind it; null: only its tunnel. */
  readonly probeTarget: string | null;
};

/** NetworkStanding is what the API says of who serves a network: each connector by its id, and why it is so. */
export type NetworkStanding = { readonly of: ReadonlyMap<string, Standing>; readonly reason: string };

export async function readStanding(administrator: Administrator, network: string): Promise<NetworkStanding> {
  const { connectors, serving } = await administrator.must(details, 'GET', `/api/causeway/v1/networks/${network}`);
  return {
    of: new Map(connectors.map(({ id, healthReason, ...standing }) => [id, { ...standing, reason: healthReason }])),
    reason: serving.map(({ reason }) => reason).join('; '),
  };
}

export async function drain(administrator: Administrator, connector: string): Promise<void> {
  await administrator.must(z.unknown(), 'PUT', `/api/causeway/v1/connectors/${connector}/drain`);
}

export async function resume(administrator: Administrator, connector: string): Promise<void> {
  await administrator.must(z.unknown(), 'PUT', `/api/causeway/v1/connectors/${connector}/resume`);
}

/** nameProbeTargets says what is probed behind a network's connectors; none: the router that each of them reports. */
export async function nameProbeTargets(administrator: Administrator, network: string, targets: readonly string[]): Promise<void> {
  await administrator.must(z.unknown(), 'PATCH', `/api/causeway/v1/networks/${network}`, { probeTargets: targets });
}
