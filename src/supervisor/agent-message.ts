import { z } from 'zod';
import type { AgentToKeeper } from '../contract/lane-keeper.ts';
import { strictAddress } from '../core/ip/address.ts';
import type { AddressText } from '../core/ip/address.ts';
import { strictPrefix } from '../core/ip/prefix.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import type { LaneId } from '../core/lanes.ts';

const lane = z
  .templateLiteral([z.enum(['u', 't', 'c', 'h']), z.string().regex(/^(0|[1-9]\d{0,2})$/)])
  .transform((text) => text as LaneId);

/** Canonical text only: what is written into openvpn's configuration is exactly what was checked. */
const canonical = <T extends string>(parse: (text: string) => unknown) =>
  z
    .string()
    .max(49)
    .refine((text) => doesNotThrow(() => parse(text)), 'not in canonical form')
    .transform((text) => text as T);

const timings = z.strictObject({
  pingSeconds: z.int().min(1).max(600),
  restartSeconds: z.int().min(2).max(3600),
  renegotiationSeconds: z.int().min(0).max(604_800),
});

const laneStart = z.strictObject({
  kind: z.literal('lane-start'),
  lane,
  device: z.string().max(15),
  protocol: z.enum(['udp', 'tcp']),
  port: z.int().min(1).max(65_535),
  address: canonical<AddressText>(strictAddress),
  range: canonical<PrefixText>(strictPrefix),
  timings,
});

/** agentMessage is what a gateway agent may ask of root; whoever takes the agent over can ask nothing else. `ready` is read elsewhere. */
export const agentMessage = z.discriminatedUnion('kind', [
  laneStart,
  z.strictObject({ kind: z.literal('lane-stop'), lane }),
  z.strictObject({ kind: z.literal('lane-list') }),
  z.strictObject({ kind: z.literal('device-settings'), device: z.string().max(15) }),
]) satisfies z.ZodType<Exclude<AgentToKeeper, { kind: 'ready' }>>;

export type AgentMessage = z.infer<typeof agentMessage>;
export type LaneStartMessage = Extract<AgentMessage, { kind: 'lane-start' }>;

function doesNotThrow(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
