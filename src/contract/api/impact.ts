import { z } from 'zod';
import type { RouteShape } from './route.ts';

/** The shape of core/impact as JSON; docs/api.md explains it. Lists of prefixes are cut, their totals are not. */

const endCount = z.object({ people: z.int(), devices: z.int(), connectors: z.int() });

const accessChange = z.object({
  kind: z.enum(['lost', 'gained']),
  networkId: z.string(),
  networkName: z.string(),
  prefixes: z.array(z.string()).readonly(),
  prefixesTotal: z.int(),
  people: z.int(),
  connectors: z.int(),
});

const routerWork = z.object({
  networkId: z.string(),
  networkName: z.string(),
  added: z.array(z.string()).readonly(),
  addedTotal: z.int(),
  removed: z.array(z.string()).readonly(),
  removedTotal: z.int(),
  /** The default route of the LAN's machines, which its router must not have. */
  machines: z.enum(['need-default', 'need-no-default']).nullable(),
});

const internetWay = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('local') }),
  z.object({ kind: z.literal('restricted') }),
  z.object({ kind: z.literal('gateway'), networkId: z.string(), networkName: z.string() }),
  z.object({ kind: z.literal('no-gateway') }),
]);

const internetChange = z.object({
  kind: z.enum(['user-group', 'network', 'host']),
  id: z.string(),
  name: z.string(),
  before: internetWay,
  after: internetWay,
  people: z.int(),
});

/** ImpactAnswer is what a change would do to what is connected now. */
export const impactAnswer = z.object({
  /** The model that it was tried on. */
  revision: z.int(),
  /** False: everything is so already, and nothing happens at all; `sentences` is empty then. */
  changes: z.boolean(),
  /** The whole for people, what hurts most first. */
  sentences: z.array(z.string()).readonly(),
  /** Tunnels that end and cannot come back as they are. */
  cut: endCount,
  /** Tunnels that carry nothing for one to three seconds. */
  interrupted: endCount,
  access: z.array(accessChange).readonly(),
  routers: z.array(routerWork).readonly(),
  internet: z.array(internetChange).readonly(),
  /** People who are connected, and asked who they are at their next connection because of this. */
  asked: z.int(),
});
export type ImpactAnswer = z.infer<typeof impactAnswer>;

/** Tried is a route that can be tried out: it has the same parameters, query and body, changes nothing, and answers what it would do. */
export type Tried<Shape extends RouteShape> = Omit<Shape, 'answer' | 'status' | 'dryRun'> & {
  readonly answer: typeof impactAnswer;
};

/**
 * dryRunOf is the route that tries another one out: `/dry-run` stands behind the version in its path. A path and not a header, because a server
 * that does not know it must not take the question for the change.
 */
export function dryRunOf<const Shape extends RouteShape>(shape: Shape): Tried<Shape> {
  const { answer: _answer, status: _status, dryRun: _dryRun, ...asked } = shape;
  return {
    ...asked,
    path: shape.path.replace(/\/v1\//, '/v1/dry-run/'),
    summary: `Tell what this would do, and do nothing: ${shape.summary}`,
    answer: impactAnswer,
  };
}
