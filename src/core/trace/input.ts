import type { PoolId } from '../failover/pool.ts';
import type { GatewayConfiguration } from '../gateway-configuration.ts';
import type { ConnectorId, EndpointId, NetworkId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';
import type { LaneId } from '../lanes.ts';
import type { WpcModel } from '../model.ts';
import type { PlatformId } from '../platforms/catalogue.ts';
import type { CloudState } from './cloud/cloud-state.ts';
import type { ProbeResult } from './probe.ts';
import type { LanStatement } from './statement.ts';
import type { Supposed } from './supposition.ts';

/** TraceInput is everything that a trace depends on: the same input gives the same answer. */
export type TraceInput = {
  readonly model: WpcModel;
  /** What compile makes of the model for the gateway that serves; what is explained is what is installed. */
  readonly configuration: GatewayConfiguration;
  readonly observed: Observed;
  /** What is taken to be so whatever anybody says, to show where a packet ends then; absent: nothing. */
  readonly supposed?: Supposed;
};

export type Observed = {
  /** The time of the question, ISO 8601: ages are counted from it. */
  readonly now: string;
  /** Endpoints with an established session; `since` is when it began. An endpoint that is absent is not connected. */
  readonly attached: ReadonlyMap<EndpointId, Attachment>;
  /** Connectors that have the routes of a pool (a network, or a class of internet traffic) at the gateway now; absent: it has not said. */
  readonly owners: ReadonlyMap<PoolId, readonly ConnectorId[]>;
  /** The gateway's own report: what is wrong with it, and when it reported last (null: never). */
  readonly gateway: { readonly reportedAt: string | null; readonly problems: readonly GatewayProblem[] };
  readonly machines: ReadonlyMap<ConnectorId, ObservedMachine>;
  /** The router or cloud that routes a network's LAN, named or detected, and the names of its parts. */
  readonly platforms: ReadonlyMap<
    NetworkId,
    { readonly platform: PlatformId; readonly parameters: Readonly<Record<string, string>> }
  >;
  readonly statements: ReadonlyMap<NetworkId, LanStatement>;
  readonly clouds: ReadonlyMap<NetworkId, CloudState>;
  readonly probes: readonly ProbeResult[];
};

/** A problem that the gateway reported, by its stable code (`forwarding-off`: its machine passes nothing on). */
export type GatewayProblem = { readonly code: string; readonly message: string };

export type Attachment = { readonly lane: LaneId; readonly since: string; readonly clientAddress: AddressText | null };

/** ObservedMachine is what a connector's agent posted, raw: sections by name (connector/agent/observe.sh), each with its time. */
export type ObservedMachine = {
  readonly sections: ReadonlyMap<string, { readonly body: string; readonly observedAt: string }>;
};
