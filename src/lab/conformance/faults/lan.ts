import { startWebPage } from '../../services/start-web-page.ts';
import { findProcess } from '../../processes.ts';
import { wpcRange, hrPage } from '../../shapes/connected-wpc.ts';
import { branch, headquarters } from '../../shapes/site.ts';
import { pullPlug, putPlugBack } from '../../world.ts';
import { tcp } from '../checked-flow.ts';
import type { ConformanceFault } from '../fault.ts';
import { eitherWay, forward, nothingSaid, reverse, routerIs, serverIs } from '../fault.ts';
import { innerLan } from '../inner-lan.ts';
import type { Standing } from '../standing.ts';
import { removeTable, tailscaleInput } from './nft-tables.ts';

const toHr = tcp('bob', headquarters.server);
const branchToHr = tcp('branch-server', headquarters.server);
/** The route that answers to Bob take. */
const wayBack = { destination: wpcRange, nextHop: headquarters.connector };

/** A firewall that has seen only the answers of a flow drops them. */
const dropInvalid =
  'table inet stateful { chain forward { type filter hook forward priority filter; policy accept; ct state invalid counter drop; }; }';

/** Faults of the LANs: routers, the segment itself, and servers. */
export const lanFaults = {
  'NAT-OFF-NO-ROUTE': {
    code: 'NAT-OFF-NO-ROUTE',
    summary: "neither NAT on HQ's connector nor a static route on HQ's router, of which nothing is known",
    mode: 'routed',
    flow: toHr,
    inject: ({ hq }) => hq.router.ip(`route flush exact ${wpcRange}`),
    mend: ({ hq }) => hq.router.ip(`route replace ${wpcRange} via ${headquarters.connector}`),
    statement: nothingSaid('hq'),
    expect: reverse('router'),
  },
  'RTR-NO-ROUTE': {
    code: 'RTR-NO-ROUTE',
    summary: "HQ's router, whose routes are known, has none to tunnel addresses",
    mode: 'routed',
    flow: toHr,
    inject: ({ hq }) => hq.router.ip(`route flush exact ${wpcRange}`),
    mend: ({ hq }) => hq.router.ip(`route replace ${wpcRange} via ${headquarters.connector}`),
    statement: routerIs('hq', { routes: [{ destination: branch.prefix, nextHop: headquarters.connector }] }),
    expect: reverse('router'),
  },
  'RTR-STATEFUL': {
    code: 'RTR-STATEFUL',
    summary: "HQ's router has the static route, and drops answers of flows whose beginning it did not see",
    mode: 'routed',
    flow: toHr,
    inject: ({ hq }) => hq.router.nft(dropInvalid),
    mend: ({ hq }) => removeTable(hq.router, 'inet stateful'),
    statement: routerIs('hq', { routes: [wayBack], stateful: true, redirects: false }),
    expect: reverse('router'),
  },
  'RTR-REDIRECT': {
    code: 'RTR-REDIRECT',
    summary: "the same, and HQ's router redirects: TCP works for some minutes after somebody pings",
    mode: 'routed',
    flow: toHr,
    inject: async ({ hq }) => {
      await hq.router.nft(dropInvalid);
      await hq.router.sysctl({ 'net/ipv4/conf/lan0/send_redirects': 1 });
      await hq.server.ip('route flush cache');
    },
    mend: async ({ hq }) => {
      await hq.router.sysctl({ 'net/ipv4/conf/lan0/send_redirects': 0 });
      await hq.server.ip('route flush cache');
      await removeTable(hq.router, 'inet stateful');
    },
    statement: routerIs('hq', { routes: [wayBack], stateful: true, redirects: true }),
    expect: reverse('router', 'intermittent'),
  },
  'SITE-ROUTE-ONE-WAY': {
    code: 'SITE-ROUTE-ONE-WAY',
    summary: `Branch's router knows ${wpcRange} and not HQ`,
    mode: 'masquerade',
    flow: branchToHr,
    inject: ({ branch: { router } }) => router.ip(`route flush exact ${headquarters.prefix}`),
    mend: ({ branch: { router } }) => router.ip(`route replace ${headquarters.prefix} via ${branch.connector}`),
    statement: routerIs('branch', { routes: [{ destination: wpcRange, nextHop: branch.connector }] }),
    expect: forward('router'),
  },
  'NEIGH-FAIL': {
    code: 'NEIGH-FAIL',
    summary: "the server's cable is pulled",
    mode: 'masquerade',
    flow: toHr,
    inject: async ({ hq }) => {
      await pullPlug(hq.server, hq.lan);
      await hq.connector.ip('neigh flush dev lan0');
    },
    mend: ({ hq }) => putPlugBack(hq.server, hq.lan),
    expect: forward('connector'),
  },
  'DUP-IP': {
    code: 'DUP-IP',
    summary: "HQ's inner router has the server's address too, and was the last to say so",
    mode: 'masquerade',
    flow: toHr,
    inject: async ({ inner }) => {
      await inner.router.sysctl({ 'net/ipv4/conf/lan0/arp_notify': 1 });
      // A card that changes its own address announces all others that it has.
      await inner.router.ip(`addr replace ${headquarters.server}/32 dev lan0`, 'link set lan0 address 02:00:0a:00:00:02');
    },
    mend: async ({ hq, inner }) => {
      await inner.router.ip(`addr flush dev lan0 to ${headquarters.server}/32`);
      for (const host of [hq.connector, hq.router]) await host.ip('neigh flush dev lan0');
    },
    expect: eitherWay('lan', 'intermittent'),
  },
  'SRV-FIREWALL': {
    code: 'SRV-FIREWALL',
    summary: "the server's own firewall lets in its LAN only",
    mode: 'routed',
    flow: toHr,
    inject: ({ hq }) =>
      // The table and chain that /etc/nftables.conf of Debian begins with.
      hq.server.nft(`
        table inet filter {
          chain input {
            type filter hook input priority filter; policy drop;
            ct state established,related accept
            iifname "lo" accept
            ip saddr ${headquarters.prefix} accept
          }
        }`),
    mend: ({ hq }) => removeTable(hq.server, 'inet filter'),
    statement: serverIs('hq', { address: headquarters.server, admits: [headquarters.prefix] }),
    expect: forward('host'),
  },
  'SRV-TAILSCALE': {
    code: 'SRV-TAILSCALE',
    summary: 'the server runs Tailscale, which drops tunnel addresses of anybody else',
    mode: 'routed',
    flow: toHr,
    inject: ({ hq }) => hq.server.nft(tailscaleInput),
    mend: ({ hq }) => removeTable(hq.server, 'ip tailscale'),
    statement: serverIs('hq', { address: headquarters.server, runsTailscale: true }),
    expect: forward('host'),
  },
  'SRV-NO-LISTENER': {
    code: 'SRV-NO-LISTENER',
    summary: 'the HR application is not running',
    mode: 'masquerade',
    flow: toHr,
    inject: stopHr,
    mend: startHr,
    expect: reverse('host'),
  },
  'SRV-WRONG-GW': {
    code: 'SRV-WRONG-GW',
    summary: "the server's default gateway is HQ's inner router, which does not know the WPC",
    mode: 'routed',
    flow: toHr,
    inject: ({ hq }) => hq.server.ip(`route replace default via ${innerLan.router}`),
    mend: ({ hq }) => hq.server.ip(`route replace default via ${headquarters.router}`),
    statement: serverIs('hq', { address: headquarters.server, gateway: innerLan.router }),
    expect: reverse('host'),
  },
} as const satisfies Record<string, ConformanceFault>;

const hrProgram = /web-page\.ts/;

async function stopHr({ hq }: Standing): Promise<void> {
  process.kill((await findProcess(hq.server, hrProgram)).pid, 'SIGKILL');
}

async function startHr({ hq }: Standing): Promise<void> {
  await startWebPage(hq.server, hrPage);
}
