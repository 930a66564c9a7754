/** The changes whose cost change-cost.ts measures, in an order in which each finds what it needs and the last leaves the first's state. */
import { z } from 'zod';
import { addNetwork, setNatMode } from '../../src/lab/actions/add-network.ts';
import { addDevice, addUser } from '../../src/lab/actions/add-person.ts';
import type { Client } from '../../src/lab/actions/connect-client.ts';
import { awaitRoutes, startClient, stopClient } from '../../src/lab/actions/connect-client.ts';
import { installConnector } from '../../src/lab/actions/install-connector.ts';
import type { Host } from '../../src/lab/host.ts';
import { clientDevice, wpcRange } from '../../src/lab/shapes/connected-wpc.ts';
import { resolverAddress } from '../../src/lab/shapes/internet.ts';
import { headquarters } from '../../src/lab/shapes/site.ts';
import type { Endpoints, InternetAccess } from '../shapes/endpoints.ts';
import { depotPrefix, exitOf, setEgress, setInternetAccess } from '../shapes/endpoints.ts';
import {
  connectorOn,
  cutOff,
  killTunnel,
  mend,
  renewCertificate,
  restartAgent,
  swapLanes,
  uninstallConnector,
} from './connector-machine.ts';
import { awaitNewTunnel } from './await-new-tunnel.ts';
import { carrierOf } from '../measure/carrier.ts';
import { killProcess, laneProcess, productProcesses } from './product-process.ts';

/** Change is one row of the table. `make` resolves when all has begun that follows from it, but for what a stock client does by itself. */
export type Change = {
  readonly name: string;
  readonly make: (endpoints: Endpoints) => Promise<void>;
  /** What must be put back before the next row, and is not measured. */
  /** Nobody asked for it: something failed. */
  readonly isFault?: boolean;
  readonly undo?: (endpoints: Endpoints) => Promise<void>;
};

/** What the rows have made and later rows take away. */
type Made = { depot?: string; route?: string; shared?: string[] };

const movedPrefix = '10.77.0.0/24';

export function changesInOrder(): readonly Change[] {
  const made: Made = {};
  return [
    ...controls,
    ...siteChanges(made),
    ...internetChanges,
    { name: 'DNS servers set', make: (wpc) => setDns(wpc, resolverAddress), undo: (wpc) => setDns(wpc, null) },
    ...connectorChanges,
    ...faults.map((fault) => ({ ...fault, isFault: true })),
  ];
}

const controls: readonly Change[] = [
  { name: 'none', make: () => Promise.resolve() },
  {
    name: 'a device added elsewhere',
    make: async ({ administrator, bob }) => void (await addDevice(administrator, bob.user, 'spare')),
  },
  {
    name: 'a user suspended elsewhere',
    make: async ({ administrator, bob }) => {
      const user = await addUser(administrator, 'carol', bob.group);
      await administrator.must(z.unknown(), 'PUT', `/api/v1/users/${user}/suspend`);
    },
  },
];

function siteChanges(made: Made): readonly Change[] {
  return [
    networkAdded(made),
    {
      name: "a prefix added to the first column's network",
      make: async (wpc) => {
        made.route = await addPrefix(wpc, wpc.hq.network.id);
      },
    },
    {
      name: 'the prefix moved to another network',
      make: async (wpc) => {
        await removePrefix(wpc, required(made.route));
        made.route = await addPrefix(wpc, required(made.depot));
      },
    },
    { name: 'the prefix removed', make: (wpc) => removePrefix(wpc, required(made.route)) },
    {
      name: "a prefix added to the second and third column's networks",
      make: async (wpc) => {
        const { plant, branch } = wpc;
        made.shared = [];
        await Promise.all([
          awaitNewTunnel(
            plant.machine,
            async () => void made.shared?.push(await addPrefix(wpc, plant.network.id, '10.78.0.0/24')),
          ),
          awaitNewTunnel(
            branch.connector,
            async () => void made.shared?.push(await addPrefix(wpc, branch.network.id, '10.79.0.0/24')),
          ),
        ]);
      },
      undo: async (wpc) => {
        for (const route of made.shared ?? []) await removePrefix(wpc, route);
      },
    },
    networkRemoved(made),
    {
      // The LAN has the route already, as one who switches would see to first.
      name: "NAT of the first column's network off (`routed`)",
      make: async ({ administrator, hq }) => {
        await hq.router.ip(`route replace ${wpcRange} via ${headquarters.connector}`);
        await setNatMode(administrator, hq.network.id, 'routed');
      },
    },
    {
      name: 'NAT on again (`masquerade`)',
      make: ({ administrator, hq }) => setNatMode(administrator, hq.network.id, 'masquerade'),
    },
  ];
}

function networkAdded(made: Made): Change {
  return {
    name: 'a network added, its connector connects',
    make: async ({ administrator, depot }) => {
      const network = await addNetwork(administrator, 'Depot', depotPrefix.prefix, 'depot-1');
      made.depot = network.id;
      await installConnector(administrator, network.connector.id, depot);
    },
  };
}

/** By a stock openvpn: our installer would be busy on a computer of its own, and not on the one that the measured flow needs. */
function networkAddedWithProfile(): Change {
  let ended: { readonly network: string; readonly client: Client } | undefined;
  return {
    name: 'a network added, its connector connects',
    make: async ({ administrator, depot }) => {
      const { id, connector } = await addNetwork(administrator, 'Depot', depotPrefix.prefix, 'depot-1');
      const path = `/api/v1/networks/connectors/${connector.id}/profile`;
      const client = await startClient(depot, await administrator.must(z.string(), 'POST', path), clientDevice);
      ended = { network: id, client };
      await awaitRoutes(depot, client, clientDevice, [wpcRange]);
    },
    undo: async ({ administrator }) => {
      if (ended === undefined) return;
      await stopClient(ended.client);
      await administrator.must(z.unknown(), 'DELETE', `/api/v1/networks/${ended.network}`);
    },
  };
}

function networkRemoved(made: Made): Change {
  return {
    name: 'the network removed',
    make: async ({ administrator }) =>
      void (await administrator.must(z.unknown(), 'DELETE', `/api/v1/networks/${required(made.depot)}`)),
    undo: ({ depot }) => uninstallConnector(depot),
  };
}

/** Of the group of the fifth column, and of the group of the sixth and seventh. */
const internetChanges: readonly Change[] = [
  groupTurned('split tunnel of the fifth column turned off', 'SPLIT_TUNNEL_OFF'),
  groupTurned('… restricted', 'RESTRICTED_INTERNET'),
  groupTurned('… turned on again', 'SPLIT_TUNNEL_ON'),
  {
    name: 'an internet gateway added',
    make: ({ administrator, exits: [, other] }) => setEgress(administrator, other.network.id, true),
  },
  {
    name: 'another internet gateway chosen for the seventh column',
    make: ({ administrator, alice, exits: [, other] }) =>
      setInternetAccess(administrator, alice.group, 'SPLIT_TUNNEL_OFF', [other.network.id]),
  },
  {
    name: 'any internet gateway allowed again',
    make: ({ administrator, alice }) => setInternetAccess(administrator, alice.group, 'SPLIT_TUNNEL_OFF'),
  },
];

function groupTurned(name: string, access: InternetAccess): Change {
  return { name, make: ({ administrator, bob }) => setInternetAccess(administrator, bob.group, access) };
}

/** What is about a tunnel itself; those of HQ and Branch at once. */
const connectorChanges: readonly Change[] = [
  {
    name: 'certificates of the first three columns renewed',
    make: async ({ region, hq, plant, branch }) =>
      forEach([hq.connector, plant.machine, branch.connector], async (machine) =>
        awaitNewTunnel(machine, () => renewCertificate(region, machine)),
      ),
  },
  {
    name: 'the lane of the first column moved (its profile changes)',
    make: async ({ region, hq, branch }) => awaitNewTunnel(hq.connector, () => swapLanes(region, hq.connector, branch.connector)),
  },
  {
    name: "a second connector of the first column's network connects",
    make: ({ administrator, hq }) => installConnector(administrator, hq.secondConnector, hq.second),
  },
  {
    name: '… the one that carries the flow drained',
    make: async (wpc) => drain(wpc, await connectorOn(await carrierOf(wpc.hq)), true),
    undo: async (wpc) => {
      for (const machine of [wpc.hq.connector, wpc.hq.second]) await drain(wpc, await connectorOn(machine), false);
    },
  },
];

const faults: readonly Change[] = [
  {
    name: "of the two connectors of the first column's network, the one that carries the flow cut off",
    make: async ({ hq }) => cutOff(await carrierOf(hq), 'lan0'),
    undo: async ({ hq }) => void (await Promise.all([hq.connector, hq.second].map(mend))),
  },
  { name: '… its openvpn killed', make: async ({ hq }) => killTunnel(await carrierOf(hq)) },
  {
    name: "the seventh column's internet gateway cut off (there are two)",
    make: async (wpc) => cutOff((await exitOf(wpc)).machine, 'wan0'),
    undo: async ({ exits }) => void (await Promise.all(exits.map(({ machine }) => mend(machine)))),
  },
  {
    name: 'the agents of the first and third column killed and started again',
    make: async ({ hq, branch }) => {
      await restartAgent(hq.connector);
      await restartAgent(branch.connector);
    },
  },
  { name: "the gateway's agent killed", make: async ({ region }) => killProcess(region, productProcesses.gatewayAgent) },
  { name: 'the controller killed', make: async ({ region }) => killProcess(region, productProcesses.controller) },
  { name: 'the shared TCP lane killed', make: async ({ region }) => killProcess(region, laneProcess('t0')) },
  { name: 'a user lane killed', make: async ({ region }) => killProcess(region, laneProcess('u0')) },
];

/** changesUnderLoad are those that the issue of lossless changes is about: a site that comes, and a prefix that comes and goes. */
export function changesUnderLoad(): readonly Change[] {
  return [
    networkAddedWithProfile(),
    {
      name: "a prefix added to the first column's network and removed",
      make: async (wpc) => removePrefix(wpc, await addPrefix(wpc, wpc.hq.network.id)),
    },
  ];
}

async function forEach(machines: readonly Host[], work: (machine: Host) => Promise<void>): Promise<void> {
  await Promise.all(machines.map(work));
}

async function addPrefix({ administrator }: Endpoints, network: string, value: string = movedPrefix): Promise<string> {
  const path = `/api/v1/networks/routes?networkId=${network}`;
  return (await administrator.must(z.object({ id: z.string() }), 'POST', path, { value })).id;
}

async function removePrefix({ administrator }: Endpoints, route: string): Promise<void> {
  await administrator.must(z.unknown(), 'DELETE', `/api/v1/networks/routes/${route}`);
}

async function setDns({ administrator }: Endpoints, primaryIpV4: string | null): Promise<void> {
  await administrator.must(z.unknown(), 'PUT', '/api/v1/settings/dns/custom-servers', { primaryIpV4 });
}

async function drain({ administrator }: Endpoints, connector: string, draining: boolean): Promise<void> {
  const path = `/api/causeway/v1/connectors/${connector}/${draining ? 'drain' : 'resume'}`;
  await administrator.must(z.unknown(), 'PUT', path);
}

function required(id: string | undefined): string {
  if (id === undefined) throw new Error('an earlier row has not made what this one changes');
  return id;
}
