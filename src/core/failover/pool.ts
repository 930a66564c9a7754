import type { EgressClassId } from '../egress-classes.ts';
import type { GatewayConfiguration } from '../gateway-configuration.ts';
import type { EndpointId, NetworkId } from '../ids.ts';

/**
 * A pool is a set of connectors that can stand in for each other: those of one network for its prefixes, or those of the internet
 * gateways that a class of sources may use.
 */
export type PoolId = `network:${NetworkId}` | `egress:${EgressClassId}`;

export type Pool = {
  readonly id: PoolId;
  /** In order of preference. */
  readonly candidates: readonly EndpointId[];
  /** All that are healthy take flows at once; else exactly one does. */
  readonly sharing: boolean;
  /** When nobody is healthy: the last owner keeps the routes (it may be the probes that are wrong), or traffic is refused at once. */
  readonly whenNoneIsHealthy: 'keep' | 'refuse';
};

/**
 * Owners is who has the routes of each pool: one connector, several where it is shared, none where traffic is refused. The first is the
 * best. A pool that is absent has not been decided yet.
 */
export type Owners = ReadonlyMap<PoolId, readonly EndpointId[]>;

/** poolsOf gives every pool of a configuration, also those of one connector and of none. */
export function poolsOf(configuration: GatewayConfiguration): readonly Pool[] {
  const networks = Object.entries(configuration.networks).map(
    ([id, { connectors, sharing }]): Pool => ({
      id: `network:${id as NetworkId}`,
      candidates: connectors,
      sharing,
      whenNoneIsHealthy: 'keep',
    }),
  );
  const classes = Object.entries(configuration.egress).map(
    ([id, { candidates }]): Pool => ({
      id: `egress:${id as EgressClassId}`,
      candidates,
      sharing: false,
      whenNoneIsHealthy: 'refuse',
    }),
  );
  return [...networks, ...classes];
}
