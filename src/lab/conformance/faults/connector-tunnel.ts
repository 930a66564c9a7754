import { z } from 'zod';
import { addConnector } from '../../actions/add-network.ts';
import { connectorStatus, installConnector } from '../../actions/install-connector.ts';
import { readStanding } from '../../actions/read-standing.ts';
import { awaitCondition } from '../../await-condition.ts';
import type { Host } from '../../host.ts';
import { outputOf } from '../../output-of.ts';
import { wpcRange } from '../../shapes/connected-wpc.ts';
import { headquarters, joinSite } from '../../shapes/site.ts';
import { tcp } from '../checked-flow.ts';
import type { ConformanceFault } from '../fault.ts';
import { forward, reverse, routerIs } from '../fault.ts';
import { innerLan } from '../inner-lan.ts';
import type { Standing } from '../standing.ts';
import { tunnelDevice } from '../tunnel-device.ts';
import { removeTable } from './nft-tables.ts';

const toHr = tcp('bob', headquarters.server);
const agent = '/usr/local/lib/causeway-connector/agent.sh';
const agentPid = '/run/causeway-connector/agent.pid';

/** Faults of the tunnels of HQ's connectors. */
export const connectorTunnelFaults = {
  'CON-OFFLINE': {
    code: 'CON-OFFLINE',
    summary: "agent and tunnel of HQ's connector are stopped",
    mode: 'masquerade',
    flow: toHr,
    inject: async (standing) => {
      await stopAgent(standing.hq.connector);
      await awaitOffline(standing);
    },
    mend: ({ hq }) => startAgent(hq.connector),
    expect: forward('connector'),
  },
  'CON-UDP-BLOCKED': {
    code: 'CON-UDP-BLOCKED',
    summary: "HQ's router lets the connector out to port 443 only: neither UDP nor TCP of a lane",
    mode: 'masquerade',
    flow: toHr,
    inject: async (standing) => {
      // What was there before goes on, as with most firewalls: it is noticed when the tunnel connects again.
      await standing.hq.router.nft(`
        table ip egress_policy {
          chain forward {
            type filter hook forward priority filter; policy accept;
            ct state new ip saddr ${headquarters.connector} oifname "wan0" meta l4proto udp counter drop
            ct state new ip saddr ${headquarters.connector} oifname "wan0" tcp dport != { 80, 443 } counter drop
          }
        }`);
      await endTunnel(standing.hq.connector);
      await awaitOffline(standing);
      await awaitInLog(standing.hq.connector, /poll timeout|TLS key negotiation failed/);
    },
    mend: ({ hq }) => removeTable(hq.router, 'ip egress_policy'),
    expect: forward('connector'),
    agent: 'tries the UDP and the TCP lane in turn, and reports by HTTPS meanwhile',
  },
  'TUN-MISSING': {
    code: 'TUN-MISSING',
    summary: "HQ's connector has no /dev/net/tun, as in a container without the device",
    mode: 'masquerade',
    flow: toHr,
    inject: async (standing) => {
      await standing.hq.connector.must(['mount', '-t', 'tmpfs', 'tmpfs', '/dev/net']);
      await endTunnel(standing.hq.connector);
      // The handshake succeeds again and again, and the tun cannot be opened after it: its status changes with each.
      await awaitInLog(standing.hq.connector, /Cannot open TUN/);
    },
    mend: ({ hq }) => hq.connector.run(['umount', '/dev/net']).then(() => undefined),
    expect: forward('connector'),
    agent: 'starts openvpn again and again, which cannot open the device',
  },
  'CON-STALE-HA': {
    code: 'CON-STALE-HA',
    summary: "HQ's first connector is off and the second has taken over; HQ's router still sends answers to the first",
    mode: 'routed',
    flow: toHr,
    inject: secondTakesOver,
    mend: secondLeaves,
    statement: routerIs('hq', { routes: [{ destination: wpcRange, nextHop: headquarters.connector }] }),
    expect: reverse('connector'),
  },
} as const satisfies Record<string, ConformanceFault>;

async function stopAgent(connector: Host): Promise<void> {
  await connector.must([
    'sh',
    '-ec',
    `pid=$(cat ${agentPid}); kill "$pid"; while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done`,
  ]);
}

async function startAgent(connector: Host): Promise<void> {
  if ((await connector.run(['sh', '-c', `kill -0 "$(cat ${agentPid})"`])).code === 0) return;
  outputOf(connector.start([agent, 'run']));
}

/** endTunnel ends openvpn, both of them during a hand-over; they say goodbye, and the agent starts it again at once. */
async function endTunnel(connector: Host): Promise<void> {
  await connector.must([
    'sh',
    '-c',
    'for file in /run/causeway-connector/causeway?.pid; do kill "$(cat "$file")" 2>/dev/null; done; true',
  ]);
}

/** awaitInLog waits until openvpn has said why it does not come up. */
async function awaitInLog(connector: Host, words: RegExp): Promise<void> {
  await awaitCondition(
    `${String(words)} in the log of the tunnel of ${connector.name}`,
    async () => {
      const log = await connector.must(['tail', '-n', '15', `/run/causeway-connector/${await tunnelDevice(connector)}.log`]);
      if (!words.test(log)) throw new Error(log.slice(-400));
      return true;
    },
    { withinMs: 40_000 },
  );
}

/** awaitOffline waits until the product itself has noticed: before that there is nothing to find. */
async function awaitOffline({ administrator, networks }: Standing): Promise<void> {
  await awaitCondition(
    "HQ's connector is OFFLINE",
    async () => ((await connectorStatus(administrator, networks.hq.connector.id)) === 'OFFLINE' ? true : undefined),
    { withinMs: 40_000 },
  );
}

const second = { host: 'hq-connector2', name: 'hq-2', address: '10.0.0.11' } as const;

async function secondTakesOver(standing: Standing): Promise<void> {
  const { world, hq, administrator, networks, region } = standing;
  const machine = world.hosts.get(second.host) ?? (await world.machine(second.host));
  await joinSite(world, hq, headquarters, machine, second.address);
  await machine.ip(`route add ${innerLan.prefix} via ${innerLan.router}`);
  const { id } = await addConnector(administrator, networks.hq.id, second.name);
  await region.explain(installConnector(administrator, id, machine));
  await stopAgent(hq.connector);
  // While the gateway still holds its session, answers that come to it are carried.
  await awaitOffline(standing);
  await awaitCondition('the second connector is active', async () =>
    (await readStanding(administrator, networks.hq.id)).of.get(id)?.role === 'active' ? true : undefined,
  );
}

/** Its machine stays, without a cable, for the next time. */
async function secondLeaves({ world, hq, administrator, networks }: Standing): Promise<void> {
  await startAgent(hq.connector);
  // A fix has given the router the second one's address.
  await hq.router.ip(`route replace ${wpcRange} via ${headquarters.connector}`);
  for (const [id, { name }] of (await readStanding(administrator, networks.hq.id)).of) {
    if (name !== second.name) continue;
    await administrator.must(z.unknown(), 'DELETE', `/api/v1/networks/connectors/${id}?networkId=${networks.hq.id}`);
  }
  const machine = world.hosts.get(second.host);
  if (machine === undefined) return;
  await stopAgent(machine);
  await machine.run(['ip', 'link', 'del', 'lan0']);
}
