/** Random hosts and questions for the comparison with the kernel: from a seed, so that a disagreement can be made again. */
import type { Address } from '../../ip/address.ts';
import { strictAddress } from '../../ip/address.ts';
import type { Packet } from '../packet.ts';
import type { KernelQuestion } from './test-kernel-host.ts';

/** Random gives the same values for the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }

  /** some gives the value in so many of 100 cases, else nothing. */
  some(percent: number, value: () => string): string {
    return this.chance(percent) ? ` ${value()}` : '';
  }
}

const devices = ['a0', 'b0', 'a1', 'b1', 't0', 'p0', 'br0'] as const;
const subnets = ['10.0.0', '10.0.1', '10.1.0', '10.1.1', '100.96.0', '192.168.7'] as const;
const subnets6 = ['fd00:0:0:1', 'fd00:0:0:2', 'fd00:1:0:1', 'fd01:0:0:1'] as const;
const tables = ['main', 'main', 'main', '100', '101', 'default'] as const;
const marks = [0, 0, 0, 1, 2, 0x10, 0x21] as const;

/** linkCommands make the interfaces: cables with both ends here, a tun and a tap without carrier, an empty bridge. */
export const linkCommands: readonly string[] = [
  'link add a0 type veth peer name b0',
  'link add a1 type veth peer name b1',
  'link add br0 type bridge',
  'tuntap add t0 mode tun',
  'tuntap add p0 mode tap',
];

/** hostCommands are ip commands; some of them the kernel refuses. */
export function hostCommands(random: Random): readonly string[] {
  const up = devices.filter(() => random.chance(92)).map((device) => `link set ${device} up`);
  const groups = devices.filter(() => random.chance(20)).map((device) => `link set ${device} group 3`);
  const addresses = devices.flatMap((device) => (random.chance(85) ? addressesOf(random, device) : []));
  const hasRules = random.chance(65);
  const routes = Array.from({ length: 10 + random.below(25) }, () => routeCommand(random)).filter(
    // Without a rule of its own a host has no use for these; what they change then is not decided.
    (command) => hasRules || random.chance(20) || !/table default|route add local/.test(command),
  );
  const routes6 = Array.from({ length: 6 + random.below(12) }, () => route6Command(random));
  const rules = hasRules ? Array.from({ length: 1 + random.below(10) }, () => ruleCommand(random)) : [];
  return [...up, ...groups, ...addresses, ...routes, ...routes6, ...rules];
}

function addressesOf(random: Random, device: string): readonly string[] {
  const count = 1 + random.below(2);
  return [
    ...Array.from({ length: count }, () =>
      random.chance(12)
        ? `addr add ${host4(random)} peer ${host4(random)} dev ${device}`
        : `addr add ${host4(random)}/${String(random.pick([24, 24, 24, 16, 25, 31, 32]))} ${random.pick(['brd +', 'brd +', ''])} dev ${device}`,
    ),
    ...(random.chance(60) ? [`-6 addr add ${host6(random)}/64 dev ${device}`] : []),
  ];
}

function host4(random: Random): string {
  return `${random.pick(subnets)}.${String(random.pick([1, 2, 3, 20, 130, 254, 255]))}`;
}

function host6(random: Random): string {
  return `${random.pick(subnets6)}::${random.pick(['1', '2', '20', 'fe'])}`;
}

function prefix4(random: Random): string {
  return random.pick([
    'default',
    '0.0.0.0/1',
    '10.0.0.0/8',
    '10.0.0.0/15',
    '10.1.0.0/16',
    '100.96.0.0/11',
    '192.168.0.0/16',
    '172.16.0.0/12',
    '8.8.8.0/24',
    `${random.pick(subnets)}.0/24`,
    `${random.pick(subnets)}.128/25`,
    host4(random),
  ]);
}

function prefix6(random: Random): string {
  return random.pick([
    'default',
    'fd00::/16',
    'fd00:1::/32',
    'fd01::/32',
    `${random.pick(subnets6)}::/64`,
    '2001:db8::/32',
    host6(random),
  ]);
}

function routeCommand(random: Random): string {
  const rest = `${random.some(40, () => `table ${random.pick(tables)}`)}${random.some(50, () => `metric ${random.pick(['50', '100', '200'])}`)}`;
  const verb = random.pick(['add', 'add', 'append']);
  const tos = random.some(6, () => 'tos 0x10');
  if (random.chance(18)) {
    return `route ${verb} ${random.pick(['blackhole', 'unreachable', 'prohibit', 'throw'])} ${prefix4(random)}${rest}`;
  }
  if (random.chance(2)) return `route add local ${prefix4(random)} dev lo`;
  if (random.chance(2)) return `route ${verb} 127.9.0.0/16 dev ${random.pick(devices)}`;
  if (random.chance(12)) {
    const legs = Array.from(
      { length: 2 + random.below(2) },
      () => `nexthop ${hop4(random)} weight ${String(1 + random.below(3))}`,
    );
    return `route ${verb} ${prefix4(random)}${tos}${rest} ${legs.join(' ')}`;
  }
  const source = random.some(10, () => `src ${host4(random)}`);
  return `route ${verb} ${prefix4(random)} ${hop4(random)}${tos}${rest}${source}${random.some(15, () => 'mtu 1400')}`;
}

function hop4(random: Random): string {
  const device = random.pick(devices);
  return random.pick([
    `via ${host4(random)}`,
    `via ${host4(random)} dev ${device} onlink`,
    `dev ${device}`,
    `via ${host4(random)} dev ${device}`,
  ]);
}

function route6Command(random: Random): string {
  const rest = `${random.some(30, () => `table ${random.pick(['main', '100', '101'])}`)}${random.some(50, () => `metric ${random.pick(['50', '100', '200'])}`)}`;
  if (random.chance(18)) {
    return `-6 route add ${random.pick(['blackhole', 'unreachable', 'prohibit', 'throw'])} ${prefix6(random)}${rest}`;
  }
  const verb = random.pick(['add', 'add', 'append']);
  const hop = random.pick([
    `via ${host6(random)}`,
    `dev ${random.pick(devices)}`,
    `via fe80::${random.pick(['1', '2'])} dev ${random.pick(devices)}`,
  ]);
  return `-6 route ${verb} ${prefix6(random)} ${hop}${rest}${random.some(15, () => `pref ${random.pick(['low', 'high'])}`)}`;
}

function ruleCommand(random: Random): string {
  const six = random.chance(25);
  const host = six ? host6 : host4;
  const wide = six ? '/32' : '/16';
  const base = (text: string) => (six ? text.replace(/(fd..:\w+):.*/, '$1::') : text.replace(/\.\d+\.\d+$/, '.0.0'));
  const some = (percent: number, text: () => string) => random.some(percent, text);
  const address = () => random.pick([host(random), `${base(host(random))}${wide}`]);
  const selectors = [
    some(10, () => 'not'),
    some(40, () => `from ${address()}`),
    some(25, () => `to ${address()}`),
    some(25, () => `iif ${random.pick([...devices, 'lo', 'gone'])}`),
    some(8, () => `oif ${random.pick(devices)}`),
    some(25, () => `fwmark ${random.pick(['1', '2', '0x10', '0x20/0x20', '0/1'])}`),
    some(12, () => `ipproto ${random.pick(['tcp', 'udp', six ? 'ipv6-icmp' : 'icmp'])}`),
    some(8, () => `sport ${random.pick(['1000', '1000-2000'])}`),
    some(10, () => `dport ${random.pick(['443', '400-500'])}`),
    // `route get iif` of IPv6 asks for nobody, real packets are root's: linux-packets.integration.test.ts.
    some(six ? 0 : 8, () => `uidrange ${random.pick(['0-0', '0-100', '1000-2000'])}`),
    some(5, () => 'tos 0x10'),
  ].join('');
  const priority = 10 + random.below(400);
  const action = random.pick([
    'lookup 100',
    'lookup 100',
    'lookup 101',
    'lookup main',
    'lookup main suppress_prefixlength 0',
    'lookup main suppress_prefixlength 16',
    'lookup 100 suppress_ifgroup 3',
    `goto ${String(priority + 1 + random.below(300))}`,
    'goto 32766',
    'nop',
    'blackhole',
    'unreachable',
    'prohibit',
  ]);
  return `${six ? '-6 ' : ''}rule add${selectors === '' ? ' from all' : selectors} pref ${String(priority)} ${action}`;
}

/** sysctlScript sets what decides about forwarding and sources. */
export function sysctlScript(random: Random): string {
  const lines = ['cd /proc/sys/net', `echo ${String(random.pick([1, 1, 1, 0]))} >ipv4/ip_forward`];
  const set = (path: string, value: number) => void lines.push(`echo ${String(value)} >${path}`);
  set('ipv4/conf/all/rp_filter', random.pick([0, 0, 1, 2]));
  set('ipv4/conf/all/send_redirects', random.below(2));
  set('ipv4/conf/all/shared_media', random.below(2));
  set('ipv6/conf/all/forwarding', random.below(2));
  for (const device of devices) {
    const four = (key: string, value: number) => set(`ipv4/conf/${device}/${key}`, value);
    if (random.chance(20)) four('forwarding', random.below(2));
    four('rp_filter', random.pick([0, 0, 0, 1, 2]));
    if (random.chance(15)) four('accept_local', 1);
    four('send_redirects', random.below(2));
    four('shared_media', random.below(2));
    if (random.chance(20)) four('src_valid_mark', 1);
    if (random.chance(15)) four('route_localnet', 1);
    if (random.chance(25)) four('ignore_routes_with_linkdown', 1);
    if (random.chance(25)) set(`ipv6/conf/${device}/ignore_routes_with_linkdown`, 1);
  }
  return lines.join('\n');
}

/** randomQuestion is a packet at one of the interfaces that are up, or one of the machine's own from one of its addresses. */
export function randomQuestion(random: Random, own: readonly Address[], up: readonly string[]): KernelQuestion {
  const six = random.chance(20);
  const any = () => strictAddress(six ? address6(random) : address4(random));
  const mine = own.filter(({ family }) => family === (six ? 6 : 4));
  const output = random.chance(25);
  const source = output && random.chance(90) ? (mine[random.below(Math.max(mine.length, 1))] ?? any()) : any();
  const protocol = random.pick<Packet['protocol']>(['tcp', 'tcp', 'udp', 'icmp']);
  const packet: Packet = {
    source,
    destination: any(),
    protocol,
    sourcePort: random.pick([1000, 1500, 40000]),
    destinationPort: random.pick([443, 450, 53]),
    kind: protocol === 'tcp' ? 'syn' : protocol === 'udp' ? 'datagram' : 'echo-request',
    bytes: 60,
    dontFragment: true,
    ttl: 64,
  };
  const at = output
    ? // IPv6 binds a socket to its interface more strictly than `route get oif` does.
      { oif: !six && random.chance(20) ? random.pick(devices) : null }
    : { iif: up[random.below(Math.max(up.length, 1))] ?? 'lo' };
  return { packet, mark: random.pick(marks), at };
}

function address4(random: Random): string {
  if (random.chance(6)) {
    return random.pick(['127.0.0.1', '127.9.0.1', '0.0.0.0', '0.1.2.3', '255.255.255.255', '240.0.0.1', '169.254.1.1']);
  }
  if (random.chance(12)) return random.pick(['8.8.8.8', '172.16.1.1', '1.1.1.1', '172.20.0.1', '200.1.1.1', '10.77.0.1']);
  return random.chance(70) ? host4(random) : `${random.pick(subnets)}.${String(random.pick([0, 7, 21, 100, 127, 131, 200]))}`;
}

function address6(random: Random): string {
  return random.chance(85)
    ? random.pick([host6(random), host6(random), `${random.pick(subnets6)}::7`, 'fd00:1:2::1', 'fd01::9'])
    : random.pick(['2001:db8::1', '2600::1', 'fe80::1', 'fe80::2', '::1']);
}
