import { z } from 'zod';
import { defineRoute } from './route.ts';

export const searchKinds = ['network', 'host', 'connector', 'user', 'device'] as const;
export type SearchKind = (typeof searchKinds)[number];

export const searchQuery = z.object({
  /** Part of a name, an address or prefix, or the beginning of one. */
  q: z.string().trim().min(1).max(200),
  /** Of each kind. */
  limit: z.coerce.number().int().min(1).max(50).default(10),
});

export const searchResult = z.object({
  kind: z.enum(searchKinds),
  id: z.string(),
  name: z.string(),
  /** Of a connector its network or host, of a device its user; of others null. */
  parent: z.object({ kind: z.enum(['network', 'host', 'user']), id: z.string(), name: z.string() }).nullable(),
  /** Its tunnel address, or of a network the prefix that was asked for; null: the name was found. */
  address: z.string().nullable(),
});
export type SearchResult = z.infer<typeof searchResult>;

export const search = z.object({
  /** Networks, hosts, connectors, users, devices; of each kind those whose name begins with `q` first. Kinds that may not be read are left out. */
  results: z.array(searchResult),
  /** For an address: where it is, in one sentence. Null: `q` is no address. */
  answer: z.string().nullable(),
});
export type Search = z.infer<typeof search>;

export const searchRoutes = {
  find: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/search',
    summary: 'Find objects by name or address, and say where an address is',
    query: searchQuery,
    answer: search,
  }),
};
