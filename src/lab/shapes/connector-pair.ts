import { addConnector, setNatMode } from '../actions/add-network.ts';
import { awaitNatMode, installConnector } from '../actions/install-connector.ts';
import type { Host } from '../host.ts';
import type { World } from '../world.ts';
import type { ConnectedWpc } from './connected-wpc.ts';
import { buildConnectedWpc } from './connected-wpc.ts';
import { quickRecovery } from './region.ts';
import { headquarters, joinSite } from './site.ts';

/** Member is one of the connectors of HQ: its machine, its address on the LAN, and that of its tunnel. */
export type Member = {
  readonly name: string;
  readonly id: string;
  readonly machine: Host;
  readonly lan: string;
  readonly address: string;
};

/** PairWpc is HQ with two connectors; who is the first is what the network prefers. */
export type PairWpc = ConnectedWpc & { readonly nat: 'masquerade' | 'routed'; readonly members: readonly [Member, Member] };

/** buildPair adds a second connector to a WPC that works with one. */
export async function buildPair(world: World, nat: PairWpc['nat']): Promise<PairWpc> {
  const wpc = await buildConnectedWpc(world, { nat, times: quickRecovery });
  const { administrator, network, hq, region } = wpc;
  const machine = await world.machine('hq-connector2');
  await joinSite(world, hq, headquarters, machine, secondConnector);
  const second = await addConnector(administrator, network.id, 'hq-2');
  await region.explain(installConnector(administrator, second.id, machine));
  return {
    ...wpc,
    nat,
    members: [
      { ...network.connector, name: 'hq-1', machine: hq.connector, lan: headquarters.connector },
      { ...second, name: 'hq-2', machine, lan: secondConnector },
    ],
  };
}

/** useNat changes how HQ's connectors hand packets to the LAN, on both of them and for whoever follows. */
export async function useNat(wpc: PairWpc, nat: PairWpc['nat']): Promise<PairWpc> {
  await setNatMode(wpc.administrator, wpc.network.id, nat);
  for (const { machine } of wpc.members) await awaitNatMode(machine, nat);
  return { ...wpc, nat };
}

/**
 * laneOf is the device of a member's tunnel at the gateway now; undefined while it has none. A connector that was cut off for long may come
 * back by the TCP lane, whichever of its remotes answers first.
 */
export function laneOf({ gateway }: PairWpc, { address }: Member): Promise<string | undefined> {
  return gateway.deviceOf(address);
}

const secondConnector = '10.0.0.11';
