import type { Owners, Pool, PoolId } from '../core/failover/pool.ts';
import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { EndpointId } from '../core/ids.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import { classNumber } from './kernel/egress-facts.ts';
import type { Routes } from './kernel/kernel-routes.ts';
import { devicesOf } from './kernel/kernel-routes.ts';
import type { ObservedKernel } from './kernel/observed-kernel.ts';
import type { KernelOwnership } from './kernel/ownership.ts';
import { classMark } from './kernel/ownership.ts';

/**
 * ownersInKernel reads from the kernel's routes who has the routes of each pool: an agent that was restarted goes on with them. Pure.
 * Pools that have no route there are left out. A connector is where its own address leads, whichever lane that is.
 */
export function ownersInKernel(
  own: KernelOwnership,
  pools: readonly Pool[],
  configuration: GatewayConfiguration,
  kernel: Pick<ObservedKernel, 'routes' | 'tables'>,
): Owners {
  const networkVias = new Map<PoolId, string>();
  for (const [prefix, { network }] of Object.entries(configuration.prefixes)) {
    const via = kernel.routes.get(prefix as PrefixText);
    if (via !== undefined) networkVias.set(`network:${network}`, via);
  }
  const owners = new Map<PoolId, readonly EndpointId[]>();
  for (const { id, candidates, sharing } of pools) {
    const via = networkVias.get(id) ?? egressVia(own, id, kernel.tables);
    if (via === undefined) continue;
    const devices = devicesOf(via);
    const found = candidates.filter((endpoint) => leadsTo(endpoint, devices, configuration, kernel));
    // On a lane that several have, it cannot be told which of them it is: the first then.
    if (found.length > 0) owners.set(id, sharing ? found : found.slice(0, 1));
  }
  return owners;
}

function egressVia(own: KernelOwnership, pool: PoolId, tables: ReadonlyMap<number, Routes>): string | undefined {
  const [kind, name = ''] = pool.split(':');
  if (kind !== 'egress') return undefined;
  const routes = tables.get(classMark(own, classNumber(name as `e${number}`)).table);
  return routes?.values().next().value;
}

function leadsTo(
  endpoint: EndpointId,
  devices: readonly string[],
  configuration: GatewayConfiguration,
  { routes }: Pick<ObservedKernel, 'routes'>,
): boolean {
  const address = configuration.endpoints[endpoint]?.address;
  const via = address === undefined ? undefined : routes.get(`${address}/32` as PrefixText);
  return via !== undefined && devices.includes(via);
}
