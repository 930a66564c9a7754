/**
 * Hosts of which the kernel's answers are kept in golden/: the situations of a connector, and where model and kernel once differed.
 * `KEEP=1
 * ./causeway node --test src/core/trace/linux/golden-cases.integration.test.ts` as root writes them anew.
 */
import { strictAddress } from '../../ip/address.ts';
import type { KernelAnswer, KernelQuestion } from './test-kernel-host.ts';

export type GoldenCase = {
  readonly name: string;
  readonly question: KernelQuestion;
  /** What the model says, in words of `summaryOf`. */
  readonly expected: string;
};

export type GoldenHost = {
  readonly name: string;
  readonly commands: readonly string[];
  /** NAME=VALUE below /proc/sys/net, before the commands that follow the links. */
  readonly settings: readonly string[];
  readonly cases: readonly GoldenCase[];
};

/** What a file of golden/ holds. */
export type Recorded = { readonly sections: Readonly<Record<string, string>>; readonly answers: readonly KernelAnswer[] };

type At = string | { readonly oif: string | null };

/** An interface's name is where the packet arrives; `{ oif }` is one of the machine's own. */
function ask(name: string, source: string, destination: string, at: At, expected: string, mark = 0): GoldenCase {
  const packet = {
    source: strictAddress(source),
    destination: strictAddress(destination),
    protocol: 'tcp',
    sourcePort: 40000,
    destinationPort: 443,
    kind: 'syn',
    bytes: 60,
    dontFragment: true,
    ttl: 64,
  } as const;
  return { name, question: { packet, mark, at: typeof at === 'string' ? { iif: at } : at }, expected };
}

const links = ['link add lan0 type veth peer name sw0', 'link add wan0 type veth peer name sw1', 'tuntap add tun0 mode tun'];
const up = ['lan0', 'sw0', 'wan0', 'sw1', 'tun0'].map((device) => `link set ${device} up`);
const connector = [
  ...up,
  'addr add 10.0.0.10/24 brd + dev lan0',
  'addr add 192.168.7.10/24 brd + dev wan0',
  'addr add 100.96.0.100 peer 100.96.0.1 dev tun0',
  'route add 100.96.0.0/11 dev tun0',
];
const forwards = ['ipv4/ip_forward=1'];

export const goldenHosts: readonly GoldenHost[] = [
  {
    name: 'connector',
    settings: [...forwards, 'ipv4/conf/tun0/rp_filter=1', 'ipv4/conf/wan0/forwarding=0', 'ipv4/conf/lan0/send_redirects=1'],
    commands: [
      ...connector,
      'route add default via 10.0.0.1',
      'route add blackhole 10.66.0.0/16',
      'route add prohibit 10.67.0.0/16',
    ],
    cases: [
      ask('client to LAN', '100.96.0.13', '10.0.0.20', 'tun0', 'forward lan0'),
      ask('answer of the LAN', '10.0.0.20', '100.96.0.13', 'lan0', 'forward tun0'),
      ask(
        'what arrives where forwarding is off for the interface',
        '192.168.7.9',
        '10.0.0.20',
        'wan0',
        'drop interface-forwarding-off net/ipv4/conf/wan0/forwarding=0',
      ),
      ask(
        'another site, strict rp_filter, way back by the LAN',
        '192.168.0.5',
        '10.0.0.20',
        'tun0',
        'drop rp-filter net/ipv4/conf/tun0/rp_filter=1',
      ),
      ask('for the connector itself', '100.96.0.13', '10.0.0.10', 'tun0', 'local unicast'),
      ask(
        'source is an address of the connector',
        '10.0.0.10',
        '10.0.0.20',
        'tun0',
        'drop own-source net/ipv4/conf/tun0/accept_local=0',
      ),
      ask('blackhole route', '100.96.0.13', '10.66.0.1', 'tun0', 'drop blackhole'),
      ask('prohibit route', '100.96.0.13', '10.67.0.1', 'tun0', 'drop prohibit'),
      ask(
        'loopback as destination',
        '100.96.0.13',
        '127.0.0.1',
        'tun0',
        'drop martian-destination net/ipv4/conf/tun0/route_localnet=0',
      ),
      ask('loopback as source', '127.0.0.1', '10.0.0.20', 'tun0', 'drop martian-source net/ipv4/conf/tun0/route_localnet=0'),
      ask('limited broadcast', '10.0.0.20', '255.255.255.255', 'lan0', 'local broadcast'),
      ask('broadcast of the subnet', '10.0.0.20', '10.0.0.255', 'lan0', 'local broadcast'),
      ask('LAN to LAN by the connector: redirect', '10.0.0.20', '10.0.0.30', 'lan0', 'forward lan0 redirect'),
      ask('out again by the default router: redirect', '10.0.0.20', '8.8.8.8', 'lan0', 'forward lan0 via 10.0.0.1 redirect'),
      ask('0/8 holds addresses since 5.3', '0.1.2.3', '10.0.0.20', 'lan0', 'forward lan0'),
      ask('own packet to the tunnel', '10.0.0.10', '100.96.0.13', { oif: null }, 'send tun0'),
      ask('own packet from a foreign address', '10.9.9.9', '10.0.0.20', { oif: null }, 'drop source-not-local'),
      ask('own packet, source not chosen', '0.0.0.0', '10.0.0.20', { oif: null }, 'send lan0'),
      ask('to 0.0.0.0 is to itself', '10.0.0.10', '0.0.0.0', { oif: null }, 'local unicast'),
      ask('loopback source by a card', '127.0.0.1', '10.0.0.20', { oif: 'lan0' }, 'drop martian-source'),
      ask('bound to a card without a route: on the segment', '192.168.7.10', '9.9.9.9', { oif: 'wan0' }, 'send wan0'),
    ],
  },
  {
    name: 'forwarding-off',
    settings: ['ipv4/ip_forward=0'],
    commands: [...connector, 'route add unreachable 10.68.0.0/16'],
    cases: [
      ask('nothing is forwarded', '100.96.0.13', '10.0.0.20', 'tun0', 'drop forwarding-off net/ipv4/ip_forward=0'),
      ask('also not what has no route', '100.96.0.13', '8.8.8.8', 'tun0', 'drop forwarding-off net/ipv4/ip_forward=0'),
      ask('the connector itself is reached', '100.96.0.13', '10.0.0.10', 'tun0', 'local unicast'),
      ask('own packets go out', '10.0.0.10', '10.0.0.20', { oif: null }, 'send lan0'),
      ask('own packets, no route', '10.0.0.10', '8.8.8.8', { oif: null }, 'drop no-route'),
      ask('own packets, unreachable', '10.0.0.10', '10.68.0.1', { oif: null }, 'drop unreachable'),
    ],
  },
  {
    name: 'loose',
    settings: [...forwards, 'ipv4/conf/all/rp_filter=1', 'ipv4/conf/tun0/rp_filter=2', 'ipv4/conf/sw1/rp_filter=2'],
    commands: [...connector, 'route add 192.168.0.0/24 via 10.0.0.1'],
    cases: [
      ask('2 relaxes a strict 1 of all', '192.168.0.5', '10.0.0.20', 'tun0', 'forward lan0 elsewhere'),
      ask('loose wants some way back', '9.9.9.9', '10.0.0.20', 'tun0', 'drop rp-filter-no-route net/ipv4/conf/tun0/rp_filter=2'),
      ask(
        'all counts where the interface says 0',
        '192.168.0.5',
        '10.0.0.20',
        'wan0',
        'drop rp-filter net/ipv4/conf/all/rp_filter=1',
      ),
      ask(
        'no address on the interface: last resort',
        '192.168.0.5',
        '10.0.0.20',
        'sw1',
        'drop rp-filter net/ipv4/conf/sw1/rp_filter=2',
      ),
    ],
  },
  {
    name: 'rules',
    settings: [...forwards, 'ipv4/conf/lan0/src_valid_mark=1', 'ipv4/conf/lan0/rp_filter=1'],
    commands: [
      ...connector,
      'route add default via 192.168.7.1',
      'route add default via 10.0.0.1 table 100',
      'route add 10.9.0.0/16 via 10.0.0.9 table 101 mtu 1300',
      'route add throw 10.9.9.0/24 table 101',
      'rule add pref 100 from 10.0.0.10 lookup 100',
      'rule add pref 110 fwmark 0x10/0xf0 lookup 101',
      'rule add pref 115 not fwmark 0xca6c lookup main suppress_prefixlength 0',
      'rule add pref 120 iif tun0 to 10.70.0.0/16 prohibit',
      'rule add pref 121 from 100.96.7.0/24 goto 200',
      'rule add pref 122 iif tun0 to 8.8.4.4 blackhole',
      'rule add pref 200 ipproto tcp dport 443 to 10.71.0.0/16 unreachable',
      'rule add pref 300 fwmark 7 lookup 100',
      'rule add pref 310 from 10.0.0.0/24 to 10.72.0.0/16 tos 0x10 fwmark 0x9 iif lo oif lan0 uidrange 1000-2000 ipproto udp sport 1-1023 dport 53 lookup main suppress_ifgroup 3',
    ],
    cases: [
      ask('source rule of a second card', '10.0.0.10', '8.8.8.8', { oif: null }, 'send lan0 via 10.0.0.1'),
      ask('without it, main', '192.168.7.10', '8.8.8.8', { oif: null }, 'send wan0 via 192.168.7.1'),
      ask('mark with mask', '100.96.0.13', '10.9.0.1', 'tun0', 'forward lan0 via 10.0.0.9', 0x1f),
      ask('throw goes on with the next rule', '100.96.0.13', '10.9.9.1', 'tun0', 'forward wan0 via 192.168.7.1', 0x1f),
      ask('rule that prohibits', '100.96.0.13', '10.70.0.1', 'tun0', 'drop prohibit'),
      ask('goto passes over rules', '100.96.7.1', '8.8.4.4', 'tun0', 'forward wan0 via 192.168.7.1'),
      ask('without goto, blackhole', '100.96.0.13', '8.8.4.4', 'tun0', 'drop blackhole'),
      ask('rule for a port', '100.96.0.13', '10.71.0.1', 'tun0', 'drop unreachable'),
      ask('the mark counts for the way back: src_valid_mark', '9.9.9.9', '100.96.0.13', 'lan0', 'forward tun0', 7),
      ask(
        'without mark the way back is by the other card',
        '9.9.9.9',
        '100.96.0.13',
        'lan0',
        'drop rp-filter net/ipv4/conf/lan0/rp_filter=1',
      ),
    ],
  },
  {
    name: 'tables-as-one',
    settings: [...forwards, 'ipv4/conf/tun0/accept_local=1'],
    commands: [
      ...connector,
      'route add 127.9.0.0/16 dev lan0',
      'route add local 10.77.0.0/16 dev lo',
      'route add 10.77.7.0/24 via 10.0.0.1',
    ],
    cases: [
      ask('source in 127/8 that a route of main takes away', '127.9.0.1', '10.0.0.20', { oif: null }, 'unknown'),
      ask('a route of main inside a local one', '100.96.0.13', '10.77.7.1', 'tun0', 'unknown'),
      ask('local by the table', '100.96.0.13', '10.77.1.1', 'tun0', 'local unicast'),
      ask('a broadcast address as source, accept_local, no rp_filter', '10.0.0.255', '10.0.0.10', 'tun0', 'local unicast'),
    ],
  },
  {
    name: 'legs',
    settings: [...forwards, 'ipv4/conf/tun0/ignore_routes_with_linkdown=1'],
    commands: [
      ...connector,
      'route add 10.80.0.0/16 nexthop via 10.0.0.1 nexthop via 192.168.7.1',
      'route add 10.81.0.0/16 nexthop via 10.0.0.1 nexthop dev tun0',
      'route add 10.82.0.0/16 via 10.0.0.10',
      'route add default via 10.0.0.1 metric 5',
      'route append default via 10.0.0.2 metric 5',
      'route add default via 10.0.0.3 metric 4 table 100',
    ],
    cases: [
      ask('two legs', '10.0.0.20', '10.80.0.1', 'lan0', 'forward lan0 via 10.0.0.1, wan0 via 192.168.7.1 redirect?'),
      ask('a leg without carrier is left out', '10.0.0.10', '10.81.0.1', { oif: null }, 'send lan0 via 10.0.0.1'),
      ask('so is a whole route', '10.0.0.20', '100.96.0.13', 'lan0', 'forward lan0 via 10.0.0.1 redirect'),
      ask('a gateway that is the machine itself', '10.0.0.10', '10.82.0.1', { oif: null }, 'send lan0, lan0 via 10.0.0.10'),
      ask(
        'two defaults of one metric, own packet',
        '10.0.0.10',
        '8.8.8.8',
        { oif: null },
        'send lan0 via 10.0.0.1, lan0 via 10.0.0.2',
      ),
      ask('two defaults of one metric, forwarded', '192.168.7.9', '8.8.8.8', 'wan0', 'forward lan0 via 10.0.0.1'),
    ],
  },
  {
    name: 'ipv6',
    settings: ['ipv6/conf/all/forwarding=1', 'ipv6/conf/wan0/forwarding=0', 'ipv6/conf/sw1/disable_ipv6=1'],
    commands: [
      ...up,
      '-6 addr add fd00:a::10/64 dev lan0 nodad',
      '-6 addr add fd00:b::10/64 dev wan0 nodad',
      '-6 route add fd00:100::/32 dev tun0',
      '-6 route add default via fd00:b::1 metric 1024',
      '-6 route append default via fd00:a::1 metric 1024 pref high',
      '-6 route add fd00:88::/32 dev lan0 metric 5 pref low',
      '-6 route append fd00:88::/32 dev wan0 metric 5 pref high',
      '-6 route add unreachable fd00:66::/32',
      '-6 route add fd00:77::/32 nexthop via fd00:a::1 nexthop via fd00:b::1',
    ],
    cases: [
      ask('client to LAN', 'fd00:100::13', 'fd00:a::20', 'tun0', 'forward lan0'),
      ask("an interface's own forwarding is no switch", 'fd00:b::9', 'fd00:a::20', 'wan0', 'forward lan0'),
      ask(
        'two default routers share the load, whatever their preference',
        'fd00:100::13',
        '2001:db8::1',
        'tun0',
        'forward wan0 via fd00:b::1, lan0 via fd00:a::1',
      ),
      ask('of two routes by interfaces the preferred one', 'fd00:100::13', 'fd00:88::1', 'tun0', 'forward wan0'),
      ask('unreachable route', 'fd00:100::13', 'fd00:66::1', 'tun0', 'drop unreachable'),
      ask('two legs', 'fd00:100::13', 'fd00:77::1', 'tun0', 'forward lan0 via fd00:a::1, wan0 via fd00:b::1'),
      ask('for the machine itself', 'fd00:100::13', 'fd00:a::10', 'tun0', 'local unicast'),
      ask('own packet', 'fd00:a::10', 'fd00:100::13', { oif: null }, 'send tun0'),
      ask('own address as source is no martian', 'fd00:a::10', 'fd00:100::13', 'lan0', 'forward tun0'),
      ask('link-local source is not forwarded', 'fe80::9', 'fd00:100::13', 'lan0', 'drop martian-source'),
      ask('IPv6 switched off', 'fd00:b::9', 'fd00:a::20', 'sw1', 'drop family-off net/ipv6/conf/sw1/disable_ipv6=1'),
    ],
  },
];

export const linkCommandsOfGolden = links;
