import { z } from 'zod';
import type { Supposition } from '../../core/trace/supposition.ts';
import { suppositions } from '../../core/trace/supposition.ts';
import { verdicts } from '../../core/trace/words.ts';
import type { Verdict } from '../../core/trace/words.ts';
import { maximumNameLength, requiredText } from './fields.ts';
import { natModes } from './network-details.ts';
import { defineRoute } from './route.ts';
import { flowCheck } from './trace.ts';

/** Changes of the model that can be tried out before they are made; they are applied in their order. */
const internetModes = ['SPLIT_TUNNEL_ON', 'SPLIT_TUNNEL_OFF', 'RESTRICTED_INTERNET'] as const;
const id = z.string().max(100);
const prefix = z.string().max(100);

export const proposedChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('add-prefix'), networkId: id, prefix }),
  z.object({ kind: z.literal('remove-prefix'), networkId: id, prefix }),
  z.object({ kind: z.literal('set-nat'), networkId: id, nat: z.enum(natModes) }),
  /** `gatewaysIds` are the internet gateways of SPLIT_TUNNEL_OFF; empty: all. The tunnel bypass stays as it is. */
  z.object({
    kind: z.literal('set-internet-access'),
    userGroupId: id,
    internetAccess: z.enum(internetModes),
    gatewaysIds: z.array(id).max(1_000).default([]),
  }),
  /** It has no connector yet: what it takes away from others, and what is missing then. */
  z.object({
    kind: z.literal('add-network'),
    name: requiredText(maximumNameLength),
    nat: z.enum(natModes).default('masquerade'),
    prefixes: z.array(prefix).max(1_000).default([]),
  }),
]);
export type ProposedChange = z.infer<typeof proposedChange>;

const verdict = z.enum(Object.keys(verdicts) as [Verdict, ...Verdict[]]);

const pair = z.object({
  userGroupId: z.string(),
  userGroupName: z.string(),
  /** What the people of the group want to reach. */
  destination: z.object({ kind: z.string(), id: z.string(), label: z.string() }),
  address: z.string(),
  protocol: z.enum(['tcp', 'udp', 'icmp']),
  port: z.int().nullable(),
  /** Null of those that open: it was any other. */
  before: verdict.nullable(),
  after: verdict,
});

/** ChangeEffect: pairs of a user group and something to reach whose verdict changes. Groups without devices are not among them. */
export const changeEffect = z.object({
  revision: z.int(),
  checked: z.int(),
  breaks: z.array(pair),
  opens: z.array(pair),
  others: z.array(pair),
  /** "this change breaks 3 flows and opens 14". */
  summary: z.string(),
});

/** SupposedTrace is the flow of a kept trace with something of its way taken to be otherwise: where the packet ends then. */
export const supposedTrace = flowCheck.extend({
  revision: z.int(),
  suppose: z.enum(Object.keys(suppositions) as [Supposition, ...Supposition[]]),
});
export type SupposedTrace = z.input<typeof supposedTrace>;

export const whatIfRoutes = {
  suppose: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/what-if/trace',
    summary: 'Walk the flow of a kept trace with something of its way taken to be otherwise, without changing it',
    body: z.object({ traceId: z.string().max(100), suppose: supposedTrace.shape.suppose }),
    answer: supposedTrace,
  }),
  ask: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/what-if',
    summary: 'Tell which flows a change would break and open, without making it',
    body: z.object({ changes: z.array(proposedChange).min(1).max(50) }),
    answer: changeEffect,
  }),
};
