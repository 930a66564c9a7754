import { addConnector } from '../actions/add-network.ts';
import { installConnector } from '../actions/install-connector.ts';
import type { Host } from '../host.ts';
import type { World } from '../world.ts';
import type { ConnectedWpc } from './connected-wpc.ts';
import { buildConnectedWpc } from './connected-wpc.ts';
import { quickRecovery } from './region.ts';
import { headquarters, joinSite } from './site.ts';

/** Member is one of the connectors of HQ: its machine, its address on the LAN, and the lane of its tunnel at the gateway. */
export type Member = {
  readonly name: string;
  readonly id: string;
  readonly machine: Host;
  readonly lan: string;
  readonly lane: string;
};

/** PairWpc is HQ with two connectors; who is the first is what the network prefers. */
export type PairWpc = ConnectedWpc & { readonly nat: 'masquerade' | 'routed'; readonly members: readonly [Member, Member] };

/** buildPair adds a second connector to a WPC that works with one. */
export async function buildPair(world: World, nat: PairWpc['nat']): Promise<PairWpc> {
  const wpc = await buildConnectedWpc(world, { nat, times: quickRecovery });
  const { administrator, network, hq, gateway, region } = wpc;
  const machine = await world.machine('hq-connector2');
  await joinSite(world, hq, headquarters, machine, secondConnector);
  const second = await addConnector(administrator, network.id, 'hq-2');
  await region.explain(installConnector(administrator, second.id, machine));
  const laneOf = (address: string) => gateway.awaitDeviceOf(address);
  return {
    ...wpc,
    nat,
    members: [
      {
        name: 'hq-1',
        id: network.connector.id,
        machine: hq.connector,
        lan: headquarters.connector,
        lane: await laneOf(network.connector.address),
      },
      { name: 'hq-2', id: second.id, machine, lan: secondConnector, lane: await laneOf(second.address) },
    ],
  };
}

const secondConnector = '10.0.0.11';
