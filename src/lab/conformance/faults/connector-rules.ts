import { setTimeout as delay } from 'node:timers/promises';
import { awaitCondition } from '../../await-condition.ts';
import type { Host } from '../../host.ts';
import { wpcRange } from '../../shapes/connected-wpc.ts';
import { branch, headquarters } from '../../shapes/site.ts';
import type { Trial } from '../checked-flow.ts';
import { ping, tcp, tryFlow } from '../checked-flow.ts';
import type { ConformanceFault } from '../fault.ts';
import { eitherWay, forward, serverIs } from '../fault.ts';
import type { Standing } from '../standing.ts';
import { removeTable } from './nft-tables.ts';

const toHr = tcp('bob', headquarters.server);

/** What an address of HQ's connector becomes that its LAN does not expect. */
const otherAddress = '10.0.0.11';

/** Faults of the firewall, the NAT and the tracked flows of HQ's connector. */
export const connectorRuleFaults = {
  'HFW-FORWARD-DROP': {
    code: 'HFW-FORWARD-DROP',
    summary: "a table of the operator's on HQ's connector drops what is forwarded",
    mode: 'masquerade',
    flow: toHr,
    inject: ({ hq }) =>
      hq.connector.nft('table inet hardening { chain forward { type filter hook forward priority 10; policy drop; }; }'),
    mend: ({ hq }) => removeTable(hq.connector, 'inet hardening'),
    expect: forward('connector'),
    agent: 'opens chains of known owners only, and reports this one',
  },
  'HFW-FORWARD-DROP-IPTABLES': {
    code: 'HFW-FORWARD-DROP',
    summary: "the FORWARD policy of iptables on HQ's connector is DROP, with rules for its own containers only",
    mode: 'masquerade',
    flow: toHr,
    inject: ({ hq }) =>
      hq.connector
        .must([
          'sh',
          '-ec',
          'iptables -P FORWARD DROP; iptables -A FORWARD -i br-own -j ACCEPT; iptables -A FORWARD -o br-own -j ACCEPT',
        ])
        .then(() => undefined),
    mend: ({ hq }) => removeTable(hq.connector, 'ip filter'),
    expect: forward('connector'),
    agent: 'finds no chain of a known owner to put its accept in',
  },
  'HFW-LEGACY': {
    code: 'HFW-LEGACY',
    summary: "iptables-legacy on HQ's connector drops what is forwarded; nft shows nothing of it",
    mode: 'masquerade',
    flow: toHr,
    inject: ({ hq }) => hq.connector.must(['iptables-legacy', '-P', 'FORWARD', 'DROP']).then(() => undefined),
    mend: ({ hq }) =>
      hq.connector.must(['sh', '-ec', 'iptables-legacy -F FORWARD; iptables-legacy -P FORWARD ACCEPT']).then(() => undefined),
    expect: forward('connector'),
    agent: 'reports it only',
  },
  'HFW-INPUT': {
    code: 'HFW-INPUT',
    summary: "HQ's connector lets nobody from the tunnel in to itself",
    mode: 'masquerade',
    flow: ping('bob', headquarters.connector),
    inject: ({ hq }) =>
      hq.connector.nft(`
        table inet hardening {
          chain input {
            type filter hook input priority filter; policy drop;
            ct state established,related accept
            iifname { "lo", "lan0" } accept
          }
        }`),
    mend: ({ hq }) => removeTable(hq.connector, 'inet hardening'),
    expect: forward('connector'),
    agent: 'opens nothing towards the machine itself',
  },
  'NAT-STALE-CT': {
    code: 'NAT-STALE-CT',
    summary: "a ping began before there was NAT on HQ's connector; new flows work, that one does not",
    mode: 'masquerade',
    flow: ping('bob', headquarters.server),
    attempt: oldPing,
    keepsHolds: true,
    inject: async (standing) => {
      const { hq, bob, holds } = standing;
      // Without any rule that translates the kernel would track nothing.
      await hq.connector.nft('flush set inet causeway_connector masqueraded');
      holds.start(bob.computer, `exec ping -n -i 0.2 ${headquarters.server} >${oldPingLog} 2>&1`);
      await awaitCondition('the ping is tracked without NAT', async () =>
        (await trackedOf(hq.connector, bob.address)).includes('UNREPLIED') ? true : undefined,
      );
      await hq.connector.nft(`add element inet causeway_connector masqueraded { ${wpcRange} }`);
    },
    mend: async ({ hq, bob, holds }) => {
      await holds.release();
      await hq.connector.run(['conntrack', '-D', '-s', bob.address]);
    },
    expect: eitherWay('connector', 'intermittent'),
    agent: 'forgets such flows when it turns NAT on itself, not when another program reloads the rules',
  },
  'NAT-TOO-WIDE': {
    code: 'NAT-TOO-WIDE',
    summary:
      "a rule on HQ's connector translates also what enters the tunnel: Branch sees the connector in place of HQ's machines",
    mode: 'masquerade',
    flow: tcp('hq-server', branch.server),
    attempt: seenByItsOwnAddress,
    asks: 'doctor',
    inject: ({ hq }) =>
      hq.connector.nft(
        'table ip too_wide { chain postrouting { type nat hook postrouting priority srcnat - 5; policy accept; oifname != "lo" masquerade; }; }',
      ),
    mend: ({ hq }) => removeTable(hq.connector, 'ip too_wide'),
    expect: eitherWay('connector', 'works'),
    agent: 'looks after its own table only',
  },
  'NAT-SOURCE-IP': {
    code: 'NAT-SOURCE-IP',
    summary: "HQ's connector has two addresses and hides tunnel addresses behind the new one, which the server does not admit",
    mode: 'masquerade',
    flow: toHr,
    inject: async ({ hq }) => {
      await hq.server.nft(`
        table ip by_address {
          chain input {
            type filter hook input priority filter; policy accept;
            tcp dport 80 ip saddr ${headquarters.prefix} ip saddr != ${headquarters.connector} drop
          }
        }`);
      await addressFirst(hq.connector, otherAddress, headquarters.connector);
    },
    mend: async ({ hq }) => {
      await addressFirst(hq.connector, headquarters.connector, otherAddress);
      await hq.connector.ip(`addr flush dev lan0 to ${otherAddress}/32`);
      await removeTable(hq.server, 'ip by_address');
    },
    statement: serverIs('hq', { address: headquarters.server, admits: [`${headquarters.connector}/32`] }),
    expect: eitherWay('connector', 'broken'),
    agent: 'does not choose the address that masquerade takes',
  },
} as const satisfies Record<string, ConformanceFault>;

const oldPingLog = '/root/old-ping';

function trackedOf(connector: Host, source: string): Promise<string> {
  return connector.must(['sh', '-c', `conntrack -L -p icmp -s ${source} 2>/dev/null`]);
}

/** oldPing tells how the ping fares that began without NAT: is there an answer within half a second from now? */
async function oldPing({ bob }: Standing): Promise<Trial> {
  const answers = async () => Number((await bob.computer.run(['grep', '-c', 'bytes from', oldPingLog])).stdout);
  const before = await answers();
  await delay(500);
  const more = (await answers()) - before;
  return { passes: more > 0, said: `${more} answers within 500 ms` };
}

/** seenByItsOwnAddress also demands that Branch's server sees who asks. */
async function seenByItsOwnAddress(standing: Standing): Promise<Trial> {
  const before = standing.financeLog().length;
  const trial = await tryFlow(standing, tcp('hq-server', branch.server));
  if (!trial.passes) return trial;
  const said = await awaitCondition(
    'the request is in the log',
    () => /client (\S+)/.exec(standing.financeLog().slice(before))?.[0],
  );
  return { passes: said.includes(headquarters.server), said };
}

/** addressFirst makes one of two addresses of a LAN the first one, which masquerade takes, and loses no route (promote_secondaries). */
async function addressFirst(host: Host, first: string, second: string): Promise<void> {
  await host.sysctl({ 'net/ipv4/conf/lan0/promote_secondaries': 1 });
  await host.ip(`addr replace ${first}/18 dev lan0`, `addr del ${second}/18 dev lan0`, `addr add ${second}/18 dev lan0`);
}
