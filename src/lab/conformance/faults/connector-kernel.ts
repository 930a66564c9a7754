import { openPage, startForwarding, stopForwarding } from '../../host-facts.ts';
import { giveIpv6 } from '../../shapes/dual-stack.ts';
import { internetServiceAddress6 } from '../../shapes/internet.ts';
import { branch, headquarters } from '../../shapes/site.ts';
import { innerLan } from '../inner-lan.ts';
import { tcp, tryFlow } from '../checked-flow.ts';
import type { Trial } from '../checked-flow.ts';
import type { ConformanceFault } from '../fault.ts';
import { eitherWay, forward, reverse } from '../fault.ts';
import type { Standing } from '../standing.ts';
import { tunnelDevice } from '../tunnel-device.ts';
import { removeTable } from './nft-tables.ts';

const toHr = tcp('bob', headquarters.server);
const branchToHr = tcp('branch-server', headquarters.server);

const persistedForwarding = '/etc/sysctl.d/90-causeway-connector.conf';

/** Faults of the kernel's settings and routes on HQ's connector. */
export const connectorKernelFaults = {
  'FWD-OFF': {
    code: 'FWD-OFF',
    summary: "HQ's connector does not forward",
    mode: 'masquerade',
    flow: toHr,
    inject: ({ hq }) => stopForwarding(hq.connector),
    mend: async ({ hq }) => {
      await hq.connector.must(['touch', '/var/lib/causeway-connector/keep-sysctl']);
      await startForwarding(hq.connector);
    },
    expect: forward('connector'),
    agent: 'installed with --keep-sysctl, where it only reports; without, it turns forwarding on within its next pass',
  },
  'FWD-IFACE': {
    code: 'FWD-IFACE',
    summary: "HQ's connector does not forward what comes from its LAN",
    mode: 'masquerade',
    flow: toHr,
    inject: ({ hq }) => hq.connector.sysctl({ 'net/ipv4/conf/lan0/forwarding': 0 }),
    mend: ({ hq }) => hq.connector.sysctl({ 'net/ipv4/conf/lan0/forwarding': 1 }),
    expect: reverse('connector'),
    agent: 'looks after ip_forward and after its own device only',
  },
  'FWD-NOT-PERSISTED': {
    code: 'FWD-NOT-PERSISTED',
    summary: "HQ's connector forwards until it is started again",
    mode: 'masquerade',
    flow: toHr,
    attempt: afterReboot,
    asks: 'doctor',
    inject: ({ hq }) =>
      hq.connector
        .must(['sh', '-ec', `touch /var/lib/causeway-connector/keep-sysctl; rm -f ${persistedForwarding}`])
        .then(() => undefined),
    mend: ({ hq }) =>
      hq.connector
        .must([
          'sh',
          '-ec',
          `echo 'net.ipv4.ip_forward = 1' >${persistedForwarding}; rm -f /var/lib/causeway-connector/keep-sysctl`,
        ])
        .then(() => undefined),
    expect: forward('connector', 'works'),
    agent: 'installed with --keep-sysctl, so that neither a file nor the agent turns it on',
  },
  'RPF-STRICT': {
    code: 'RPF-STRICT',
    summary: "HQ's connector checks sources strictly, and chooses the way to Branch by marks, as machines with several lines do",
    mode: 'masquerade',
    flow: branchToHr,
    inject: async ({ hq, holds }) => {
      // Answers from the LAN go into the tunnel by their mark, as ever; the source check knows no mark (src_valid_mark is 0).
      await hq.connector.nft(
        `table ip marks { chain prerouting { type filter hook prerouting priority mangle; iifname "lan0" ip daddr ${branch.prefix} meta mark set 0x77; }; }`,
      );
      await hq.connector.ip(
        `route replace default via ${headquarters.router} table 1002`,
        'rule add pref 900 fwmark 0x77 lookup main',
        `rule add pref 1000 to ${branch.prefix} lookup 1002`,
      );
      await holds.keepSysctl(hq.connector, `net/ipv4/conf/${await tunnelDevice(hq.connector)}/rp_filter`, 1);
    },
    mend: async ({ hq, holds }) => {
      await holds.release();
      await hq.connector.sysctl({ [`net/ipv4/conf/${await tunnelDevice(hq.connector)}/rp_filter`]: 2 });
      for (const preference of ['900', '1000']) await hq.connector.run(['ip', 'rule', 'del', 'pref', preference]);
      await hq.connector.ip('route flush table 1002');
      await removeTable(hq.connector, 'ip marks');
    },
    expect: forward('connector'),
    agent: 'sets its device to loose with each pass: another program sets it to strict all the time',
  },
  'RPF-LOOSE-WRONG-WAY': {
    code: 'RPF-LOOSE-WRONG-WAY',
    summary: "HQ's connector lets packets of Branch in, and has no route to Branch by the tunnel: answers leave by its LAN",
    mode: 'masquerade',
    flow: branchToHr,
    inject: async ({ hq, holds }) => {
      const device = await tunnelDevice(hq.connector);
      holds.start(hq.connector, `while :; do ip route del ${branch.prefix} dev ${device} 2>/dev/null; sleep 0.1; done`);
    },
    mend: async ({ hq, holds }) => {
      await holds.release();
      await hq.connector.ip(`route flush exact ${branch.prefix}`);
      // With the agent's protocol number, or it would wait for its next pass; which may just have been.
      await hq.connector.ip(`route replace ${branch.prefix} dev ${await tunnelDevice(hq.connector)} proto 196`);
    },
    expect: reverse('connector'),
    agent: 'adds its route again with each pass: another program deletes it all the time',
  },
  MARTIAN: {
    code: 'MARTIAN',
    summary: "HQ's connector has Bob's tunnel address itself",
    mode: 'masquerade',
    flow: toHr,
    inject: ({ hq, bob }) => hq.connector.ip(`addr add ${bob.address}/32 dev lo`),
    mend: ({ hq, bob }) => hq.connector.ip(`addr flush dev lo to ${bob.address}/32`),
    expect: forward('connector'),
    agent: 'looks after the addresses of its own device only',
  },
  'IF-MISSING-ROUTE': {
    code: 'IF-MISSING-ROUTE',
    summary: "HQ's connector has no route to the LAN behind HQ's inner router",
    mode: 'masquerade',
    flow: tcp('bob', innerLan.server),
    // With its route the default router would put things right; most do not know inner LANs.
    inject: async ({ hq }) => {
      for (const host of [hq.router, hq.connector]) await host.ip(`route flush exact ${innerLan.prefix}`);
    },
    mend: async ({ hq }) => {
      for (const host of [hq.router, hq.connector]) await host.ip(`route replace ${innerLan.prefix} via ${innerLan.router}`);
    },
    expect: forward('connector'),
    agent: 'adds routes into the tunnel only',
  },
  'MULTI-NIC-RULES': {
    code: 'MULTI-NIC-RULES',
    summary:
      "a rule on HQ's connector sends what comes from the LAN's addresses to the default router, as tools for several network cards do",
    mode: 'masquerade',
    flow: toHr,
    inject: ({ hq }) =>
      hq.connector.ip(
        `route replace default via ${headquarters.router} table 1001`,
        `rule add pref 1000 from ${headquarters.prefix} lookup 1001`,
      ),
    mend: async ({ hq }) => {
      await hq.connector.run(['ip', 'rule', 'del', 'pref', '1000']);
      await hq.connector.ip('route flush table 1001');
    },
    expect: reverse('connector'),
    agent: 'looks after rules with its own protocol number only',
  },
  'MTU-BLACKHOLE': {
    code: 'MTU-BLACKHOLE',
    summary:
      "the LAN behind HQ's inner router carries 1,400 bytes, and the router may not say so: small requests work, large ones hang",
    mode: 'masquerade',
    flow: { ...tcp('bob', innerLan.server), bytes: 1420 },
    attempt: largeRequest,
    inject: async ({ inner }) => {
      await inner.router.nft(
        'table ip no_icmp { chain output { type filter hook output priority filter; policy accept; icmp type destination-unreachable drop; }; }',
      );
      await inner.router.ip('link set lan1 mtu 1400');
    },
    mend: async ({ inner, hq }) => {
      await removeTable(inner.router, 'ip no_icmp');
      await inner.router.ip('link set lan1 mtu 1500');
      await removeTable(hq.connector, 'inet causeway_mss');
    },
    expect: eitherWay('router', 'broken'),
  },
  'V6-RA-LOST': {
    code: 'V6-RA-LOST',
    summary: "HQ's connector forwards IPv6 too, so it takes no router advertisement any more, and its route has run out",
    mode: 'masquerade',
    flow: toHr,
    attempt: ownIpv6,
    asks: 'doctor',
    inject: async ({ internet, hq }) => {
      const computer = hq.connector;
      await giveIpv6(internet, { lan: hq.lan, router: hq.router, computer });
      await computer.sysctl({ 'net/ipv6/conf/lan0/accept_ra': 1, 'net/ipv6/conf/all/forwarding': 1 });
      // As the kernel keeps what an advertisement gave it; the next one would have come in time.
      await computer.ip('route replace default via 2001:db8:b0b::1 dev lan0 proto ra expires 1');
    },
    mend: takeIpv6,
    afterFix: nextAdvertisement,
    expect: eitherWay('connector', 'works'),
    agent: 'turns on forwarding of IPv4 only',
  },
} as const satisfies Record<string, ConformanceFault>;

/** afterReboot is the flow as it would be after a start of the connector: the kernel's own 0, then what the files say. */
async function afterReboot(standing: Standing): Promise<Trial> {
  const { connector } = standing.hq;
  await connector.sysctl({ 'net/ipv4/ip_forward': 0 });
  await connector.must([
    'sh',
    '-ec',
    `value=$(cat /etc/sysctl.d/*.conf /etc/sysctl.conf 2>/dev/null | sed -n 's/^ *net.ipv4.ip_forward *= *//p' | tail -n 1)
     echo "\${value:-0}" >/proc/sys/net/ipv4/ip_forward`,
  ]);
  try {
    return await tryFlow(standing, connectorKernelFaults['FWD-NOT-PERSISTED'].flow);
  } finally {
    await connector.sysctl({ 'net/ipv4/ip_forward': 1 });
  }
}

/** largeRequest asks for a page with words that fill some packets: there is no answer before the server has all of them. */
async function largeRequest({ bob }: Standing): Promise<Trial> {
  const words = `X-Words: ${'w'.repeat(6000)}`;
  const { code, stderr } = await openPage(bob.computer, innerLan.server, '--max-time', '1.5', '--header', words);
  return { passes: code === 0, said: stderr.trim().split('\n')[0] ?? '' };
}

/** ownIpv6 is what stops: the connector's own traffic, by IPv6. */
async function ownIpv6({ hq }: Standing): Promise<Trial> {
  const { code, stdout, stderr } = await hq.connector.run(['ping', '-6', '-n', '-c', '1', '-W', '1', internetServiceAddress6]);
  return { passes: code === 0, said: (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '' };
}

/** nextAdvertisement is what the kernel makes of the router's next one: a route, where it takes any while it forwards. */
async function nextAdvertisement({ hq }: Standing): Promise<void> {
  const taken = (await hq.connector.must(['cat', '/proc/sys/net/ipv6/conf/lan0/accept_ra'])).trim() === '2';
  if (taken) await hq.connector.ip('route replace default via 2001:db8:b0b::1 dev lan0 proto ra expires 1800');
}

async function takeIpv6({ internet, hq }: Standing): Promise<void> {
  for (const [host, device] of [
    [hq.connector, 'lan0'],
    [hq.router, 'lan0'],
    [hq.router, 'wan0'],
    [internet.router, internet.uplinks.get(hq.router.name) ?? ''],
  ] as const) {
    await host.run(['ip', '-6', 'addr', 'flush', 'dev', device, 'scope', 'global']);
  }
  await internet.router.run(['ip', '-6', 'addr', 'del', `${internetServiceAddress6}/128`, 'dev', 'lo']);
  await internet.router.run(['ip', '-6', 'route', 'del', '2001:db8:b0b::/64']);
  await hq.connector.run(['ip', '-6', 'route', 'del', 'default']);
  await hq.router.run(['ip', '-6', 'route', 'del', 'default']);
  await hq.connector.sysctl({ 'net/ipv6/conf/all/forwarding': 0, 'net/ipv6/conf/lan0/accept_ra': 1 });
}
