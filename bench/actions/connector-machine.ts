/** What is done to the machine of a connector and to its place in the database, beside what the API can do. */
import { sql } from 'kysely';
import { systemActor } from '../../src/controller/principal.ts';
import type { ModelTrx } from '../../src/controller/store/database.ts';
import { inModelTransaction } from '../../src/controller/store/model-transaction.ts';
import type { ConnectorId } from '../../src/core/ids.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Host } from '../../src/lab/host.ts';
import { findProcess } from '../../src/lab/processes.ts';
import type { Region } from '../../src/lab/shapes/region.ts';
import { tunnelProcess } from './await-new-tunnel.ts';
import { openInstallationStore } from '../shapes/installation-store.ts';

const agent = '/usr/local/lib/causeway-connector/agent.sh';

/**
 * The agent looks once a minute whether its certificate is to be renewed, and the controller gives a new one in the last two thirds of
 * its life. Here the controller is told that it ends sooner, and the agent's own function is called at once.
 */
const renewNow = [
  'set -eu',
  'umask 077',
  // All parts, without the call of main.
  `parts=$(mktemp) && sed 's/^main "[$]@"$/:/' ${agent} >"$parts" && . "$parts" && rm "$parts"`,
  'waiting_pid=',
  'renew_certificate || { echo "$renew_failure" >&2; exit 1; }',
  'touch "$RUN/apply-now"',
].join('\n');

/** connectorOn is the connector that a machine with our agent is. */
export async function connectorOn(machine: Host): Promise<ConnectorId> {
  return (await machine.must(['cat', '/var/lib/causeway-connector/connector'])).trim() as ConnectorId;
}

/** renewCertificate resolves when the machine has the new certificate; what the agent does about it comes after that. */
export async function renewCertificate(region: Region, machine: Host): Promise<void> {
  const connector = await connectorOn(machine);
  await changeModel(region, connector, async (trx) => {
    await sql`update certificate set not_after = now() + interval '59 days' where connector_id = ${connector}`.execute(trx);
  });
  const before = await certificateOf(machine);
  await machine.must(['sh', '-c', renewNow]);
  if ((await certificateOf(machine)) === before) throw new Error(`${machine.name} still has the certificate that it had`);
}

async function certificateOf(machine: Host): Promise<string> {
  return machine.must(['cat', '/var/lib/causeway-connector/certificate.pem']);
}

/** moveLane gives the connector on a machine another lane of its own, the lowest that nobody has: its profile changes with it. */
export async function moveLane(region: Region, machine: Host): Promise<void> {
  const connector = await connectorOn(machine);
  await changeModel(region, connector, async (trx) => {
    const taken = new Set((await trx.selectFrom('lane_assignment').select('lane').execute()).map(({ lane }) => lane));
    const free = Array.from({ length: taken.size + 1 }, (_, lane) => lane).find((lane) => !taken.has(lane)) ?? taken.size;
    await giveLane(trx, connector, free);
  });
}

/** swapLanes exchanges the lanes of two connectors: both profiles change, and no lane comes or goes. */
export async function swapLanes(region: Region, one: Host, other: Host): Promise<void> {
  const [first, second] = [await connectorOn(one), await connectorOn(other)];
  await changeModel(region, first, async (trx) => {
    const of = async (connector: ConnectorId) =>
      (await trx.selectFrom('lane_assignment').select('lane').where('connector_id', '=', connector).executeTakeFirstOrThrow())
        .lane;
    const lanes = [await of(first), await of(second)] as const;
    await giveLane(trx, first, unusedLane);
    await giveLane(trx, second, lanes[0]);
    await giveLane(trx, first, lanes[1]);
  });
}

/** The last that there can be; a lane has one owner at any moment. */
const unusedLane = 255;

async function giveLane(trx: ModelTrx, connector: ConnectorId, lane: number): Promise<void> {
  await trx.updateTable('lane_assignment').set({ lane }).where('connector_id', '=', connector).execute();
}

/** lanesRunOut leaves no lane for connectors that are added from now on: they share the TCP lane. */
export async function lanesRunOut(region: Region, connector: ConnectorId): Promise<void> {
  await changeModel(region, connector, async (trx) => {
    await sql`update gateway set connector_lanes = (select count(*) from lane_assignment)`.execute(trx);
  });
}

/** changeModel writes what no call of the API does, as the controller writes: with a revision, and waking those who wait for one. */
async function changeModel(region: Region, connector: ConnectorId, change: (trx: ModelTrx) => Promise<void>): Promise<void> {
  const store = openInstallationStore(region);
  try {
    await inModelTransaction(store, systemActor, async ({ trx, record }) => {
      await change(trx);
      record({ entity: 'connector', entityId: connector, action: 'updated' });
    });
  } finally {
    await store.close();
  }
}

/** cutOff drops everything that leaves or reaches a machine by a device, in both directions, and tells nobody: the worst kind of a cut. */
export async function cutOff(machine: Host, device: string): Promise<void> {
  await machine.nft(`table netdev cut {
    chain in { type filter hook ingress device "${device}" priority -500; policy drop; }
    chain out { type filter hook egress device "${device}" priority -500; policy drop; }
  }`);
}

/** mend lets packets pass again; without a cut it changes nothing. */
export async function mend(machine: Host): Promise<void> {
  await machine.nft('table netdev cut\ndelete table netdev cut\n');
}

/**
 * giveWay leaves to the agent of a connector only what nothing else on this computer needs (sched(7), autogroup; where the kernel has none it
 * changes nothing). Its machine would be a computer of its own: what it does about a change must not be taken from a flow that does not pass there.
 */
export async function giveWay(machine: Host): Promise<void> {
  await machine.must(['sh', '-c', 'echo 19 >"/proc/$(cat /run/causeway-connector/agent.pid)/autogroup" || true']);
}

/** killTunnel ends the openvpn of a connector with our agent as the kernel ends a process that takes too much memory. */
export async function killTunnel(machine: Host): Promise<void> {
  const { pid } = await findProcess(machine, tunnelProcess);
  process.kill(pid, 'SIGKILL');
}

/** restartAgent kills the agent of a connector, which the lab runs without a service manager, and starts it again; its tunnel goes on. */
export async function restartAgent(machine: Host): Promise<void> {
  const before = await agentPid(machine);
  await machine.must(['kill', '-KILL', before]);
  machine.start([agent, 'run']);
  await awaitCondition('another agent runs', async () => ((await agentPid(machine)) === before ? undefined : true));
}

/** By the machine's own process ids: its loops have the agent's name as well. */
async function agentPid(machine: Host): Promise<string> {
  return (await machine.must(['cat', '/run/causeway-connector/agent.pid'])).trim();
}

/** uninstallConnector makes a machine what it was, so that it can become another connector. */
export async function uninstallConnector(machine: Host): Promise<void> {
  await machine.must([agent, 'uninstall']);
}
