import { setNatMode } from '../actions/add-network.ts';
import { awaitNatMode } from '../actions/install-connector.ts';
import { startInternetService } from '../services/start-internet-service.ts';
import type { World } from '../world.ts';
import type { ConnectedWpc } from './connected-wpc.ts';
import { buildConnectedWpc, wpcRange } from './connected-wpc.ts';
import { giveIpv6 } from './dual-stack.ts';
import { hideSources } from './nat-router.ts';
import { quickRecovery } from './region.ts';
import { headquarters } from './site.ts';

/** InternetWpc is the end of `remote-access`, with a service on the internet and a home that also has IPv6. */
export type InternetWpc = ConnectedWpc & {
  readonly nat: 'masquerade' | 'routed';
  /** What the service on the internet logs. */
  readonly internetLog: () => string;
};

/** buildInternetWpc sets up what was there before IG-1: Bob reaches HQ, and the internet by his own line. */
export async function buildInternetWpc(world: World, nat: InternetWpc['nat']): Promise<InternetWpc> {
  const wpc = await buildConnectedWpc(world, { pushedDns: true, times: quickRecovery });
  await giveIpv6(wpc.internet, wpc.bob);
  const internetLog = await startInternetService(wpc.internet.router);
  return useOption({ ...wpc, nat: 'masquerade', internetLog }, nat);
}

/** How answers from the internet find Bob: what the connector does, and what HQ's router does. */
type WayBack = { readonly nat: 'masquerade' | 'routed'; readonly staticRoute: boolean; readonly wideNat: boolean };

/** The two options of the tutorial. */
export const waysBack = {
  masquerade: { nat: 'masquerade', staticRoute: false, wideNat: false },
  routed: { nat: 'routed', staticRoute: true, wideNat: true },
} as const satisfies Record<string, WayBack>;

/** arrangeReturn brings connector and router into a state, whatever they were in. */
export async function arrangeReturn({ administrator, network, hq }: ConnectedWpc, way: WayBack): Promise<void> {
  await setNatMode(administrator, network.id, way.nat);
  await awaitNatMode(hq.connector, way.nat);
  await hideSources(hq.router, way.wideNat ? [headquarters.prefix, wpcRange] : [headquarters.prefix]);
  await hq.router.ip(
    way.staticRoute ? `route replace ${wpcRange} via ${headquarters.connector}` : `route flush exact ${wpcRange}`,
  );
}

/** useOption brings a WPC that has been built into the state of one of the scenario's options. */
export async function useOption(wpc: InternetWpc, nat: InternetWpc['nat']): Promise<InternetWpc> {
  await arrangeReturn(wpc, waysBack[nat]);
  return { ...wpc, nat };
}
