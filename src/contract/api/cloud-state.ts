import { z } from 'zod';
import { cloudIds } from '../../core/trace/cloud/cloud-state.ts';
import { defineRoute } from './route.ts';

/** What was read of the cloud in which a network stands (docs/tracing.md): brought by an operator, or asked for by the controller. */
export const cloudId = z.enum(cloudIds);

/** Longest request with a cloud's answers: a network card is some 2 kB of them, so it has room for some 3,000. */
export const longestCloudAnswers_bytes = 8 * 1024 * 1024;

/** Answers as the vendor's command line prints them; which parts there are, and what is in them, depends on the cloud. */
export const cloudAnswersRequest = z.object({
  cloud: cloudId,
  /** When the cloud gave them; now where it is not said. */
  readAt: z.iso
    .datetime({ offset: true })
    .nullish()
    .transform((value) => value ?? undefined),
  answers: z.record(z.string().max(60), z.unknown()),
});

/** Null counts are of parts that were not read. */
export const knownCloud = z.object({
  cloud: cloudId,
  /** Of the VPC, VNet, VCN or network. */
  id: z.string(),
  label: z.string(),
  how: z.enum(['stated', 'api']),
  readAt: z.string(),
  ranges: z.array(z.string()).nullable(),
  cards: z.number(),
  subnets: z.number(),
  tables: z.number().nullable(),
  routes: z.number().nullable(),
  filters: z.number().nullable(),
  rules: z.number().nullable(),
});

export const networkCloud = z.object({
  networkId: z.uuid(),
  networkName: z.string(),
  /** Null: nobody has read it. */
  known: knownCloud.nullable(),
  /** The cloud that the operator named, or the connector's machine tells; null: none that could be read. */
  standsIn: cloudId.nullable(),
  /** What makes it doubtful that it fits the network, in sentences. */
  warnings: z.array(z.string()),
});
export type NetworkCloud = z.infer<typeof networkCloud>;

export const cloudCommands = z.object({
  networkId: z.uuid(),
  networkName: z.string(),
  cloud: cloudId,
  /** The vendor's program. */
  tool: z.string(),
  /** To be pasted into a shell; it writes `file`. */
  script: z.string(),
  file: z.string(),
  /** What is asked for each part of the answers. */
  parts: z.array(z.object({ part: z.string(), commands: z.array(z.string()) })),
  permissions: z.array(z.string()),
  /** Words in capitals that stand for what is not known. */
  missing: z.array(z.object({ word: z.string(), description: z.string() })),
  notes: z.array(z.string()),
});
export type CloudCommands = z.infer<typeof cloudCommands>;

export const cloudStateRoutes = {
  read: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/networks/:id/cloud',
    summary: 'Read what is known of the cloud in which a network stands',
    answer: networkCloud,
  }),
  write: defineRoute({
    method: 'PUT',
    path: '/api/causeway/v1/networks/:id/cloud',
    summary:
      'Say what the cloud of a network has answered, so that traces know its routes and filters; replaces what was known before',
    longestBody_bytes: longestCloudAnswers_bytes,
    body: cloudAnswersRequest,
    answer: networkCloud,
  }),
  ask: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/networks/:id/cloud/read',
    summary:
      "Ask the cloud's API what is set up there, with the controller's own credentials (AWS); replaces what was known before",
    answer: networkCloud,
  }),
  forget: defineRoute({
    method: 'DELETE',
    path: '/api/causeway/v1/networks/:id/cloud',
    summary: 'Forget what is known of the cloud of a network',
    answer: null,
  }),
  commands: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/networks/:id/cloud/commands',
    summary: "Write the commands of the vendor's command line that read the cloud of a network; they change nothing",
    query: z.object({ cloud: cloudId.optional() }),
    answer: cloudCommands,
  }),
};
