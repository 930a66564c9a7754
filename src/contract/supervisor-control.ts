/**
 * What root says to the supervisor over DIR/run/supervisor.sock, which lies in a directory that only root may enter: one JSON line, answered
 * by one JSON line. `causeway service` is the client. There is nothing in it that reads or writes anything but processes of the supervisor's own.
 */
import { z } from 'zod';

/** The parts that can be restarted alone. Lanes are no part: their end costs tunnels. */
export const supervisedParts = ['controller', 'gateway', 'signer', 'database'] as const;
export const supervisedPart = z.enum(supervisedParts);
export type SupervisedPart = z.infer<typeof supervisedPart>;

export const supervisorRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('state') }),
  /** Answered when the part is ready again. */
  z.strictObject({ kind: z.literal('restart'), part: supervisedPart }),
  /** The next SIGTERM within a minute leaves the lanes running: OpenRC restarts with the signal with which it stops. */
  z.strictObject({ kind: z.literal('keep-lanes') }),
]);
export type SupervisorRequest = z.infer<typeof supervisorRequest>;

export const supervisorState = z.object({
  kind: z.literal('state'),
  pid: z.int(),
  /** ISO 8601, as all times here. */
  startedAt: z.string(),
  /** The ready line was said. */
  ready: z.boolean(),
  parts: z.array(
    z.object({
      part: supervisedPart,
      /** Null while it does not run. */
      pid: z.int().nullable(),
      startedAt: z.string().nullable(),
      ready: z.boolean(),
    }),
  ),
  lanes: z.array(z.object({ lane: z.string(), pid: z.int(), startedAt: z.string() })),
});
export type SupervisorState = z.infer<typeof supervisorState>;

export const supervisorAnswer = z.discriminatedUnion('kind', [
  supervisorState,
  z.object({ kind: z.literal('done') }),
  z.object({ kind: z.literal('refused'), reason: z.string() }),
]);
export type SupervisorAnswer = z.infer<typeof supervisorAnswer>;

/** controlSocket is where the supervisor of an installation listens. */
export function controlSocket(dataDirectory: string): string {
  return `${dataDirectory}/run/supervisor.sock`;
}

/**
 * The supervisor asks controller and gateway agent now and then over their IPC channels whether they still take turns (ping, answered with
 * pong): a process that hangs is ended and started again, since nobody else would notice.
 */
export const ping = { kind: 'ping' } as const;
export const pong = { kind: 'pong' } as const;

/** isPing recognises the supervisor's question among its messages. */
export function isPing(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === ping.kind;
}
