import { z } from 'zod';
import { optionalQuery } from './fields.ts';
import { defineRoute } from './route.ts';

/**
 * What the live tunnels of somebody carry and have carried, as the gateways report it every 10 seconds. In is towards the gateway: what people
 * send, and what comes from a network; out is what they are sent. It is counted outside the tunnel's encryption, keepalives included.
 */
export const traffic = z.object({
  /**
   * In both directions, between the last two reports that were 5 to 60 seconds apart. Null where none of the tunnels has two yet, and at a
   * gateway that is silent; tunnels that have only one do not count.
   */
  bytesPerSecond: z.number().nullable(),
  /** Since these tunnels began. */
  bytesIn: z.number(),
  bytesOut: z.number(),
  tunnels: z.int(),
  /** When the oldest of these tunnels began; null: there is none. */
  since: z.iso.datetime().nullable(),
});
export type Traffic = z.infer<typeof traffic>;

/** TrafficPart is whose tunnels are meant. What people send to a network is in both: in of the people, out of the network. */
export const trafficParts = ['people', 'network', 'host'] as const;
export type TrafficPart = (typeof trafficParts)[number];

/** The last hour: 60 whole minutes. */
export const sampleSeconds = 60;
export const sampleCount = 60;

const sample = z.object({ bytesIn: z.number(), bytesOut: z.number() });

const lastHour = z.object({
  /** When the first sample begins; each is as long as `sampleSeconds`. */
  from: z.iso.datetime(),
  sampleSeconds: z.int(),
  /** A part that the credential may not read is absent. A sample is null where no gateway reported in that minute. */
  parts: z.array(z.object({ part: z.enum(trafficParts), samples: z.array(sample.nullable()) })),
  /** Of the network that is asked for; null: none is. Connectors without a tunnel are there too. */
  connectors: z.array(z.object({ id: z.string(), traffic })).nullable(),
});
export type LastHour = z.infer<typeof lastHour>;

export const trafficRoutes = {
  read: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/traffic',
    summary: 'Read what passed in each minute of the last hour, of all or of one network',
    query: z.object({ networkId: optionalQuery().pipe(z.uuid({ error: 'is not the id of a network' }).optional()) }),
    answer: lastHour,
  }),
};
