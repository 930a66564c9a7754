import { z } from 'zod';
import { defineRoute } from './route.ts';

const instant = z.iso.datetime();

/** Who asked for a change, and with which request; the log has more under its id. */
export const changeAuthor = z.object({
  kind: z.string(),
  id: z.string().nullable(),
  name: z.string(),
  sourceAddress: z.string().nullable(),
  requestId: z.string().nullable(),
});

export const changeDeed = z.object({
  action: z.string(),
  entity: z.string(),
  entityId: z.string(),
  /** What it is called now, or was called last; null: nobody knows any more. */
  name: z.string().nullable(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
});

/**
 * How far a change is at a gateway. `applied`: its kernel has it, `by` says with which revision: several that come at once are applied together.
 * `waiting`: it has not said so yet. Times of the gateway are by its own clock; null: an agent of before, which does not tell, or it is long ago.
 */
export const changeAtGateway = z.object({
  gateway: z.string(),
  state: z.enum(['applied', 'waiting']),
  by: z.int().nullable(),
  receivedAt: instant.nullable(),
  appliedAt: instant.nullable(),
  /** From its coming to the kernel having it, in milliseconds. */
  tookMs: z.number().nullable(),
  /** How many commands there were for each kind of object, such as `route` and `element`. */
  steps: z.record(z.string(), z.number()),
  /** The first of the commands that ip and nft were given. */
  commands: z.array(z.string()),
});

export const changeAtConnectors = z.object({
  /** Connectors that say that they have this revision or a later one, of all that have an agent that said so of any. */
  have: z.int(),
  all: z.int(),
  /** Those that had it first, with when they said so. */
  first: z.array(z.object({ id: z.string(), name: z.string(), at: instant })),
});

/** Change is one revision of the model, from whoever asked for it to the kernels. */
export const change = z.object({
  revision: z.int(),
  at: instant,
  /** Null: the audit of that time has been deleted. */
  who: changeAuthor.nullable(),
  did: z.array(changeDeed),
  /** Events that came of it, besides those that say the same as `did`. */
  cameOfIt: z.array(
    z.object({
      topic: z.string(),
      entityId: z.string(),
      name: z.string().nullable(),
      payload: z.record(z.string(), z.unknown()),
    }),
  ),
  gateways: z.array(changeAtGateway),
  connectors: changeAtConnectors,
});
export type Change = z.infer<typeof change>;

export const listedChange = z.object({
  revision: z.int(),
  at: instant,
  who: z.string(),
  requestId: z.string().nullable(),
  /** `network created`, once for each deed. */
  did: z.array(z.string()),
});

export const changeList = z.object({ changes: z.array(listedChange) });
export type ChangeList = z.infer<typeof changeList>;

export const changeQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  /** Only changes before this revision; left out: the newest. */
  before: z.coerce.number().int().min(1).optional(),
});

export const changeRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/changes',
    summary: 'List changes of the model, newest first',
    query: changeQuery,
    answer: changeList,
  }),
  read: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/changes/:id',
    summary: 'Follow one change, by its revision (X-Change-Id) or by the id of the request that made it (X-Request-Id)',
    answer: change,
  }),
};
