/**
 * What `causeway status --json` prints, and GET /api/causeway/v1/status answers. Stable: fields may be added, none change.
 * Explained for users in docs/json.md.
 */
import { z } from 'zod';
import { connectorRoles, shownHealths } from '../api/connector-state.ts';

export const statusLane = z.object({
  id: z.string(),
  protocol: z.enum(['udp', 'tcp']),
  port: z.int(),
  /** False when its openvpn is not running or does not answer its management socket. */
  up: z.boolean(),
  sessions: z.int(),
});
export type StatusLane = z.infer<typeof statusLane>;

export const statusConnector = z.object({
  name: z.string(),
  /** ONLINE only when packets can pass. */
  connectionStatus: z.string(),
  ipV4Address: z.string().nullable(),
  /** What its probes say, and what it does for its network: contract/api/connector-state.ts. */
  health: z.enum(shownHealths),
  healthReason: z.string(),
  role: z.enum(connectorRoles),
  /** Of its agent, as it was last reported; null: it never was, or by a controller that does not say. */
  agentVersion: z.string().nullable().default(null),
});
export type StatusConnector = z.infer<typeof statusConnector>;

export const statusNetwork = z.object({
  name: z.string(),
  routes: z.array(z.string()),
  /** It is an internet gateway. */
  egress: z.boolean(),
  connectors: z.array(statusConnector),
});
export type StatusNetwork = z.infer<typeof statusNetwork>;

export const statusHost = z.object({ name: z.string(), connectors: z.array(statusConnector) });
export type StatusHost = z.infer<typeof statusHost>;

export const statusProblem = z.object({
  /** Stable code, for programs. */
  code: z.string(),
  /** One sentence: what is wrong with which object, and what to do. */
  message: z.string(),
});
export type StatusProblem = z.infer<typeof statusProblem>;

export const status = z.object({
  version: z.string(),
  ready: z.boolean(),
  gateway: z.object({ lanes: z.array(statusLane) }),
  networks: z.array(statusNetwork),
  hosts: z.array(statusHost),
  problems: z.array(statusProblem),
});
export type Status = z.infer<typeof status>;
