/**
 * src/core/trace/testing builds inputs of traces for tests and benches: the tutorial's WPC, and connectors' machines as their agents report
 * them. The texts are what iproute2 and nft 1.0.6 printed on such a machine. Tests of the builders are those of the traces.
 *
 * This file: the sections of one connector's machine, to be varied by what a test is about.
 */
import type { ObservedMachine } from '../input.ts';

export type MachinePlan = {
  readonly tunnelAddress: string;
  /** With length, 10.0.0.10/18. */
  readonly lanAddress: string;
  readonly lanSubnet: string;
  /** Another address of the LAN, after the first. */
  readonly secondAddress?: string;
  readonly router: string;
  /** What its agent routes into the tunnel. */
  readonly tunnelRoutes: readonly string[];
  /** The set `masqueraded`: tunnel ranges, or the gateway's address alone in routed mode. */
  readonly masqueraded: readonly string[];
  readonly sysctls?: Readonly<Record<string, number>>;
  readonly persisted?: readonly string[];
  /** Objects of nft's JSON that other software has added. */
  readonly moreNft?: readonly object[];
  readonly neighbours?: readonly object[];
  readonly moreSections?: Readonly<Record<string, string>>;
};

export const observedAt = '2026-11-20T10:00:00.000Z';

/** connectorSections is what the agent of such a machine posts. */
export function connectorSections(plan: MachinePlan): ObservedMachine {
  const texts: Readonly<Record<string, string>> = {
    agent: `agent=0.1.0\nkernel=6.18.5\nclock=${String(Date.parse(observedAt) / 1000)}`,
    addr: JSON.stringify(interfaces(plan)),
    link: JSON.stringify([link('lo', null), link('lan0', 'veth'), link('causeway0', 'tun')]),
    rule: JSON.stringify([rule(0, 'local'), rule(32_766, 'main'), rule(32_767, 'default')]),
    route: JSON.stringify(routes(plan)),
    neigh: JSON.stringify(
      plan.neighbours ?? [{ dst: plan.router, dev: 'lan0', lladdr: 'f6:c5:6d:3e:6f:71', state: ['REACHABLE'] }],
    ),
    sysctl: sysctls(plan),
    nft: JSON.stringify({ nftables: [...ownTable(plan), ...(plan.moreNft ?? [])] }),
    tunnel: 'process=running\ndevice=causeway0\nlane=c0',
    ...plan.moreSections,
  };
  return { sections: new Map(Object.entries(texts).map(([name, body]) => [name, { body, observedAt }])) };
}

function interfaces({ lanAddress, secondAddress, tunnelAddress }: MachinePlan): readonly object[] {
  const [address = '', length = ''] = lanAddress.split('/');
  const one = (ifname: string, flags: readonly string[], mtu: number, local: string, prefixlen: number, scope: string) => ({
    ifname,
    flags,
    mtu,
    group: 'default',
    addr_info: [{ family: 'inet', local, prefixlen, scope }],
  });
  const [more, moreLength] = secondAddress?.split('/') ?? [];
  const second =
    more === undefined ? [] : [{ family: 'inet', local: more, prefixlen: Number(moreLength), scope: 'global', secondary: true }];
  const lan0 = one('lan0', ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'], 1500, address, Number(length), 'global');
  return [
    one('lo', ['LOOPBACK', 'UP', 'LOWER_UP'], 65_536, '127.0.0.1', 8, 'host'),
    { ...lan0, addr_info: [...lan0.addr_info, ...second] },
    one('causeway0', ['POINTOPOINT', 'MULTICAST', 'NOARP', 'UP', 'LOWER_UP'], 1500, tunnelAddress, 32, 'global'),
  ];
}

function link(ifname: string, kind: string | null): object {
  return kind === null ? { ifname } : { ifname, linkinfo: { info_kind: kind } };
}

function rule(priority: number, table: string): object {
  return { priority, src: 'all', table };
}

function routes({ lanAddress, lanSubnet, router, tunnelAddress, tunnelRoutes }: MachinePlan): readonly object[] {
  const address = lanAddress.split('/')[0];
  const local = (dst: string | undefined, dev: string) => ({
    type: 'local',
    dst,
    dev,
    table: 'local',
    protocol: 'kernel',
    scope: 'host',
    flags: [],
  });
  return [
    { dst: 'default', gateway: router, dev: 'lan0', flags: [] },
    { dst: lanSubnet, dev: 'lan0', protocol: 'kernel', scope: 'link', prefsrc: address, flags: [] },
    ...tunnelRoutes.map((dst) => ({ dst, dev: 'causeway0', protocol: '196', scope: 'link', flags: [] })),
    local(address, 'lan0'),
    local(tunnelAddress, 'causeway0'),
    local('127.0.0.0/8', 'lo'),
    local('127.0.0.1', 'lo'),
  ];
}

function sysctls({ sysctls: changed = {}, persisted = ['net.ipv4.ip_forward = 1'] }: MachinePlan): string {
  const values: Record<string, number> = {
    'net/ipv4/ip_forward': 1,
    'net/netfilter/nf_conntrack_max': 65_536,
    'net/netfilter/nf_conntrack_count': 3,
  };
  for (const device of ['all', 'default', 'lo', 'lan0', 'causeway0']) {
    const own = {
      forwarding: 1,
      rp_filter: device === 'causeway0' ? 2 : 0,
      accept_local: 0,
      send_redirects: 1,
      shared_media: 1,
      route_localnet: 0,
    };
    for (const [key, value] of Object.entries(own)) values[`net/ipv4/conf/${device}/${key}`] = value;
    Object.assign(values, { [`net/ipv4/conf/${device}/src_valid_mark`]: 0, [`net/ipv4/conf/${device}/bc_forwarding`]: 0 });
  }
  const lines = Object.entries({ ...values, ...changed }).map(([name, value]) => `${name}=${String(value)}`);
  return [...lines, ...persisted.map((line) => `persisted: ${line}`)].join('\n');
}

/** The agent's own table (connector/agent/nat.sh). */
function ownTable({ masqueraded }: MachinePlan): readonly object[] {
  const own = { family: 'inet', table: 'causeway_connector' };
  const name = (key: 'iifname' | 'oifname') => ({ match: { op: '==', left: { meta: { key } }, right: 'causeway*' } });
  const chain = (chainName: string, type: string, hook: string, prio: number) => ({
    chain: { ...own, name: chainName, type, hook, prio, policy: 'accept' },
  });
  const ruleOf = (chainName: string, handle: number, ...expr: readonly object[]) => ({
    rule: { ...own, chain: chainName, handle, expr },
  });
  const elements = masqueraded.map((text) => {
    const [addr, len] = text.split('/');
    return len === undefined ? addr : { prefix: { addr, len: Number(len) } };
  });
  return [
    { table: { family: 'inet', name: 'causeway_connector' } },
    { set: { ...own, name: 'masqueraded', type: 'ipv4_addr', flags: ['interval'], elem: elements } },
    chain('forward', 'filter', 'forward', -5),
    chain('postrouting', 'nat', 'postrouting', 100),
    ruleOf('forward', 8, name('iifname'), { counter: null }),
    ruleOf('forward', 9, name('oifname'), { counter: null }),
    ruleOf('postrouting', 10, name('oifname'), { return: null }),
    ruleOf(
      'postrouting',
      11,
      { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '@masqueraded' } },
      { counter: null },
      { masquerade: null },
    ),
  ];
}
