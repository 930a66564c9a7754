import { z } from 'zod';
import type { CloudState } from '../../core/trace/cloud/cloud-state.ts';
import { many } from './vendor-schema.ts';
import { addressTexts, prefixText, prefixTexts } from './vendor-values.ts';

/** hetznerAnswers are `network` of GET /networks/{id} and `servers` of GET /servers. */
export const hetznerAnswers = z.object({
  network: z.object({
    id: z.number(),
    name: z.string(),
    ip_range: z.string(),
    subnets: many(z.object({ ip_range: z.string() })),
    routes: many(z.object({ destination: z.string(), gateway: z.string() })),
  }),
  servers: z.array(
    z.object({
      id: z.number(),
      name: z.string(),
      private_net: many(z.object({ network: z.number(), ip: z.string(), alias_ips: many(z.string()) })),
    }),
  ),
});

/** fromHetzner makes a state of them. Nothing filters in a private network, so there are no filters to read. */
export function fromHetzner({ network, servers }: z.infer<typeof hetznerAnswers>, at: string): CloudState {
  const id = String(network.id);
  return {
    cloud: 'hetzner',
    id,
    label: network.name,
    reading: { from: 'api', at },
    ranges: prefixTexts([network.ip_range]),
    cards: servers.flatMap((server) =>
      server.private_net
        .filter((net) => net.network === network.id)
        .map((net) => ({
          id: `${String(server.id)}/${id}`,
          label: server.name,
          aliases: [String(server.id)],
          addresses: addressTexts([net.ip, ...net.alias_ips]),
          subnet: null,
          // There is no such check.
          forwards: null,
          refusal: null,
          filters: [],
          tags: [],
        })),
    ),
    subnets: network.subnets.map(({ ip_range }) => ({
      id: ip_range,
      label: ip_range,
      prefixes: prefixTexts([ip_range]),
      table: { kind: 'default' },
      filters: [],
    })),
    tables: [
      {
        id,
        label: network.name,
        main: true,
        routes: network.routes.flatMap(({ destination, gateway }) =>
          addressTexts([gateway]).map((address) => ({
            destination: prefixText(destination) ?? null,
            target: { kind: 'address' as const, address },
            state: 'active' as const,
            origin: 'user' as const,
            priority: null,
            tags: null,
          })),
        ),
      },
    ],
    filters: [],
  };
}
