/**
 * What a gateway's agent and the controller say to each other (design.md 3, 4). HTTP on a unix socket where both are on one machine,
 * HTTPS otherwise, in both cases with `Authorization: Bearer TOKEN` of that gateway:
 *
 *   POST /gateway/v1/hello    GatewayHello -> GatewayWelcome: who the gateway is, and its key material
 *   GET  /gateway/v1/stream   text/event-stream; header Last-Event-ID: the revision held on disk (absent: none)
 *                             event `snapshot` data GatewayConfiguration, event `delta` data ConfigurationDelta; `id` is the revision
 *   POST /gateway/v1/authority {} -> GatewayAuthority: what the key material should be from; who has other says hello again
 *   POST /gateway/v1/report   GatewayReport -> 204
 *   POST /gateway/v1/connect-attempts…  who connects has to be asked who they are: contract/connect-attempt.ts
 *
 * A receiver refuses a revision older than the one it holds; a delta whose `from` is not the held revision ends the stream and it is
 * opened again without Last-Event-ID.
 */
import { z } from 'zod';
import { maximumMachineLength } from '../core/device-identity.ts';

const laneId = z.string().regex(/^[utch]\d{1,3}$/);
export const serial = z.string().regex(/^[0-9a-f]{32}$/);
const endpointId = z.string().regex(/^(connector|device):[0-9a-f-]{36}$/);
const instant = z.iso.datetime();

export const gatewayHello = z.object({
  openvpnVersion: z.string().max(40),
  agentVersion: z.string().max(40),
  cores: z.int().min(1).max(1024),
  /** PKCS#10, PEM: the key stays on the gateway. */
  certificateRequest: z.string().max(8192),
});
export type GatewayHello = z.infer<typeof gatewayHello>;

export const gatewayWelcome = z.object({
  gatewayId: z.uuid(),
  /** PEM: the lanes' server certificate, and the CA that signs endpoints. */
  certificate: z.string(),
  ca: z.string(),
  /** PEM `OpenVPN tls-crypt-v2 server key` of the region group. */
  tlsCryptV2ServerKey: z.string(),
});
export type GatewayWelcome = z.infer<typeof gatewayWelcome>;

/** GatewayAuthority is the PEM of the roots that lanes should believe; the first one has signed their certificate. */
export const gatewayAuthority = z.object({ ca: z.string() });
export type GatewayAuthority = z.infer<typeof gatewayAuthority>;

/** SessionState: `established` only when the kernel holds the session's routes, so that packets can pass. */
export const sessionReport = z.object({
  /** `LANE:DAEMON_START:CID`: unique for ever, since CIDs restart with the daemon (openvpn.md 2.2). */
  key: z.string().max(80),
  lane: laneId,
  endpoint: endpointId,
  serial,
  state: z.enum(['established', 'ended', 'refused']),
  /** Why it was refused or ended, from a closed list in src/gateway/decision.ts; absent while established. */
  reason: z.string().max(200).optional(),
  clientAddress: z.string().max(60),
  startedAt: instant,
  endedAt: instant.optional(),
  bytesIn: z.number().min(0),
  bytesOut: z.number().min(0),
  clientVersion: z.string().max(60).optional(),
  platform: z.string().max(60).optional(),
  /** What the client calls its machine (core/device-identity.ts). */
  machine: z.string().max(maximumMachineLength).optional(),
});
export type SessionReport = z.infer<typeof sessionReport>;

export const laneReport = z.object({
  id: laneId,
  state: z.enum(['up', 'starting', 'down']),
  device: z.string().max(15),
  protocol: z.enum(['udp', 'tcp']),
  port: z.int(),
  clients: z.int(),
  reason: z.string().max(300).optional(),
});
export type LaneReport = z.infer<typeof laneReport>;

/**
 * ConnectorHealth of a connector that stands in for others or has others that stand in for it; who serves a network alone is not probed.
 * `recovering` ones answer again but not for long enough to be trusted: they are used only where nobody better is.
 */
export const connectorHealths = ['healthy', 'recovering', 'unhealthy'] as const;

export const connectorReport = z.object({
  connector: z.uuid(),
  health: z.enum(connectorHealths),
  /** One sentence for people: what is probed, and what came of it. */
  reason: z.string().max(300),
  since: instant,
  /** What counts of that which is probed behind it; null: only its tunnel does, also while what was named has never answered. */
  target: z.string().max(60).nullable(),
  /** Of the last answer; null: there is none. */
  roundTripMs: z.number().min(0).nullable(),
});
export type ConnectorReport = z.infer<typeof connectorReport>;

/** PoolReport says which connectors have the routes of a network, or of a class of internet traffic, and since when and why. */
export const poolReport = z.object({
  pool: z.string().regex(/^(network:[0-9a-f-]{36}|egress:e\d{1,4})$/),
  /** Empty: refused, or nobody is there. */
  owners: z.array(z.uuid()),
  reason: z.string().max(300),
  since: instant,
});
export type PoolReport = z.infer<typeof poolReport>;

const count = z.number().min(0);

/**
 * GatewayFigures is what an agent counts for the metrics. Counts begin with the agent (`startedAt`) and only grow; the controller hands them on as
 * they are, and Prometheus knows what a count that fell means. Nothing here is kept in the database.
 */
export const gatewayFigures = z.object({
  startedAt: instant,
  /** Of the agent's process: seconds of CPU, bytes, open files. */
  process: z.object({ cpuSeconds: count, residentBytes: count, openFiles: count.optional() }),
  /** When the certificate that its lanes show ends. */
  certificateExpiresAt: instant.optional(),
  streamOpens: count,
  failedReports: count,
  kernel: z.object({
    /** Passes by what came of them: the kernel was right, was made right, was made right in part, could not be read. */
    passes: z.object({ unchanged: count, changed: count, partial: count, failed: count }),
    passSeconds: count,
    /** Passes that put back what somebody else had changed. */
    repairs: count,
    failedSteps: z.object({ nft: count, ip: count }),
  }),
  changes: z.object({ applied: count, applySeconds: count }),
  /** Clients that wanted to connect: `accepted`, or why they were refused. */
  connects: z.array(z.object({ outcome: z.string().max(60), count })).max(50),
  lanes: z.array(z.object({ lane: laneId, exits: count, bytesIn: count, bytesOut: count })).max(512),
  connectors: z
    .array(z.object({ connector: z.uuid(), bytesIn: count, bytesOut: count, probesAnswered: count, probesMissed: count }))
    .max(5_000),
  /** Times that the routes of a pool went from one connector to another. */
  moves: z.array(z.object({ pool: z.string().max(60), count })).max(5_000),
});
export type GatewayFigures = z.infer<typeof gatewayFigures>;

/** AppliedChange says that the kernel has a revision, and what that took. Told once; after a report that failed, with the next. */
export const appliedChange = z.object({
  revision: z.int(),
  receivedAt: instant,
  appliedAt: instant,
  /** From the revision coming to the kernel having it; by the gateway's own clock. */
  tookMs: count,
  /** How many steps there were for each kind of object: `route`, `rule`, `address` … */
  steps: z.record(z.string().max(40), count),
  /** The first of the commands that were given to ip and nft. */
  commands: z.array(z.string().max(300)).max(40),
});
export type AppliedChange = z.infer<typeof appliedChange>;

/**
 * GatewayReport carries what changed since the last one (sessions), and the whole of what is small (lanes). `full: true` means that
 * `sessions` lists every live session: others that the controller holds as live at this gateway have ended.
 */
export const gatewayReport = z.object({
  appliedRevision: z.int().nullable(),
  full: z.boolean(),
  lanes: z.array(laneReport),
  sessions: z.array(sessionReport).max(10_000),
  /** The whole of both, always; agents of the version before this one do not send them. */
  connectors: z.array(connectorReport).default([]),
  pools: z.array(poolReport).default([]),
  /** SHA-256 (`AB:CD:…`) of the roots that every lane believes; empty while that is not known. */
  trusts: z.array(z.string().max(100)).max(8).default([]),
  /** What the last pass of a reconciler could not reach, one sentence each; empty when the kernel equals the configuration. */
  problems: z.array(z.object({ code: z.string().max(60), message: z.string().max(500) })),
  /** Every few seconds; agents of before do not send them. */
  figures: gatewayFigures.optional(),
  /** Since the last report that arrived, oldest first; agents of before do not send them. */
  applied: z.array(appliedChange).max(100).optional(),
});
export type GatewayReport = z.infer<typeof gatewayReport>;
