import type { Random } from './random.ts';
import { clientAddresses, lanAddresses, serverPorts, wanAddresses } from './router-world.ts';

/** randomIptables writes what iptables-restore reads, for legacy and nft alike: filter, mangle, raw and NAT with chains of the user's. */
export function randomIptables(random: Random): string {
  return [
    table(random, 'filter', ['FORWARD'], 12),
    ...(random.chance(60) ? [table(random, 'mangle', ['PREROUTING', 'FORWARD', 'POSTROUTING'], 3)] : []),
    ...(random.chance(30) ? [table(random, 'raw', ['PREROUTING'], 3)] : []),
    ...(random.chance(50) ? [table(random, 'nat', ['PREROUTING', 'POSTROUTING'], 0)] : []),
  ].join('');
}

const servers = [...lanAddresses, ...wanAddresses];

function table(random: Random, name: string, hooks: readonly string[], dropPolicy: number): string {
  const heads = hooks.map((hook) => `:${hook} ${random.chance(dropPolicy) ? 'DROP' : 'ACCEPT'} [0:0]`);
  const lines = [...hooks, 'U0', 'U1'].flatMap((chain) =>
    Array.from({ length: 1 + random.below(chain.startsWith('U') ? 3 : 5) }, () => `-A ${chain} ${rule(random, name, chain)}`),
  );
  return [`*${name}`, ...heads, ':U0 - [0:0]', ':U1 - [0:0]', ...lines, 'COMMIT', ''].join('\n');
}

function rule(random: Random, table: string, chain: string): string {
  const parts: string[] = [];
  const protocol = random.pick(['', 'tcp', 'udp', 'icmp']);
  if (random.chance(30))
    parts.push(`${not(random)}-s ${random.pick([...clientAddresses, '10.10.0.0/30', '10.0.0.2/255.0.0.3'])}`);
  if (random.chance(30)) parts.push(`${not(random)}-d ${random.pick([...servers, '10.20.0.0/24', '10.30.0.4/30'])}`);
  if (random.chance(20) && !chain.startsWith('U') && chain !== 'POSTROUTING')
    parts.push(`${not(random)}-i ${random.pick(['tun7', 'tun+', 'lan0'])}`);
  if (random.chance(20) && (chain === 'FORWARD' || chain === 'POSTROUTING'))
    parts.push(`${not(random)}-o ${random.pick(['lan0', 'wan0', 'l+'])}`);
  if (protocol !== '') parts.push(`-p ${protocol}`, ...ofProtocol(random, protocol));
  if (random.chance(35)) parts.push(extension(random, table));
  parts.push(target(random, table, chain, protocol));
  return parts.join(' ');
}

function not(random: Random): string {
  return random.chance(20) ? '! ' : '';
}

function ofProtocol(random: Random, protocol: string): string[] {
  if (random.chance(40)) return [];
  const port = String(random.pick(serverPorts));
  switch (protocol) {
    case 'icmp':
      return [`-m icmp --icmp-type ${random.pick(['8', '0', 'any', 'echo-request'])}`];
    case 'tcp':
      return random.pick([
        [`-m tcp ${not(random)}--dport ${port}`],
        [`-m tcp --tcp-flags SYN,RST,ACK ${random.pick(['SYN', 'SYN,ACK'])}`],
        [`-m multiport ${not(random)}--dports ${port},1000:5000`],
      ]);
    default:
      return random.pick([
        [`-m udp ${not(random)}--dport ${port}`],
        ['-m udp --sport 20000:40000'],
        [`-m udp --dport :${port}`],
        [`-m multiport --dports 53,${port}`],
      ]);
  }
}

function extension(random: Random, table: string): string {
  const conntrack = [
    `-m conntrack ${not(random)}--ctstate ${random.pick(['NEW', 'ESTABLISHED', 'RELATED,ESTABLISHED', 'INVALID,UNTRACKED'])}`,
    `-m conntrack --ctdir ${random.pick(['ORIGINAL', 'REPLY'])}`,
    `-m conntrack --ctorigdst ${random.pick(servers)}`,
    `-m state --state ${random.pick(['NEW', 'ESTABLISHED'])}`,
    `-m connmark --mark ${String(random.below(3))}`,
  ];
  const others = [
    `-m mark ${not(random)}--mark ${String(random.below(4))}/0x3`,
    '-m comment --comment "a \\"quoted\\" word -j DROP"',
    `-m iprange --src-range 10.10.0.${String(1 + random.below(3))}-10.10.0.5`,
    `-m addrtype ${not(random)}--dst-type LOCAL`,
    `-m ttl --ttl-${random.pick(['eq', 'gt', 'lt'])} 63`,
    `-m length --length ${random.pick(['40', '50:90'])}`,
    '-m pkttype --pkt-type unicast',
  ];
  return random.pick(table === 'raw' ? others : [...others, ...conntrack]);
}

function target(random: Random, table: string, chain: string, protocol: string): string {
  const plain = [
    '-j ACCEPT',
    '-j ACCEPT',
    '-j RETURN',
    '-j DROP',
    ...(chain === 'U1' ? [] : chain === 'U0' ? ['-j U1', '-g U1'] : ['-j U0', '-g U1']),
  ];
  switch (table) {
    case 'filter':
      return random.pick([...plain, '-j REJECT', '', ...(protocol === 'tcp' ? ['-j REJECT --reject-with tcp-reset'] : [])]);
    case 'mangle':
      return random.pick([
        ...plain.filter((each) => each !== '-j DROP'),
        `-j MARK --set-xmark ${String(random.below(4))}/0x3`,
        '-j MARK --or-mark 0x2',
        '-j MARK --and-mark 0x1',
        '-j CONNMARK --save-mark',
        '-j CONNMARK --restore-mark --nfmask 0x3 --ctmask 0x1',
        `-j CONNMARK --set-mark ${String(random.below(3))}`,
      ]);
    case 'raw':
      return random.pick([
        ...plain.filter((each) => each !== '-j DROP'),
        ...(chain === 'PREROUTING' ? ['-j CT --notrack'] : ['']),
      ]);
    default:
      return natTarget(random, chain, protocol);
  }
}

function natTarget(random: Random, chain: string, protocol: string): string {
  const withPort = protocol === 'tcp' || protocol === 'udp' ? `:${String(random.pick(serverPorts))}` : '';
  switch (chain) {
    case 'PREROUTING':
      return random.pick([`-j DNAT --to-destination ${random.pick(servers)}${withPort}`, '-j ACCEPT', '-j U0']);
    case 'POSTROUTING':
      return random.pick(['-j MASQUERADE', '-j SNAT --to-source 10.20.0.250', '-j RETURN', '-j U1']);
    default:
      return random.pick(['-j ACCEPT', '-j RETURN', '']);
  }
}
