import type { Random } from './random.ts';
import { clientAddresses, lanAddresses, serverPorts, wanAddresses } from './router-world.ts';

/** randomNft writes nft tables, in nft's own syntax: filters on all three hooks of a forwarded packet, NAT, jumps, sets, maps, marks. */
export function randomNft(random: Random): string {
  const count = 1 + random.below(3);
  return Array.from({ length: count }, (_, number) => table(random, `t${String(number)}`)).join('\n');
}

const servers = [...lanAddresses, ...wanAddresses];
const devices = ['tun7', 'lan0', 'wan0', 'eth9'];
const userChains = ['c0', 'c1', 'c2'];

function table(random: Random, name: string): string {
  const family = random.pick(['ip', 'inet']);
  const lines = [
    'set clients { type ipv4_addr; flags interval; auto-merge; elements = { ' +
      random.several(clientNets(random), 3).join(', ') +
      ' }; }',
    'set servers { type ipv4_addr . inet_service; elements = { ' + serverPairs(random).join(', ') + ' }; }',
    'set spans { type ipv4_addr . inet_service; flags interval; elements = { ' + spans(random).join(', ') + ' }; }',
    'map verdicts { type inet_service : verdict; elements = { ' + portVerdicts(random, 'c2').join(', ') + ' }; }',
    'map homes { type ipv4_addr : ipv4_addr; elements = { ' + homes(random).join(', ') + ' }; }',
    ...userChains.toReversed().map((chain) => chainText(chain, [], rules(random, chain, 'user'))),
    base(random, 'fw', 'filter', 'forward', random.pick([-160, -5, 0, 0, 10, 60])),
  ];
  if (random.chance(60)) lines.push(base(random, 'pre', 'filter', 'prerouting', random.pick([-310, -250, -160, -90, 10])));
  if (random.chance(30)) lines.push(base(random, 'post', 'filter', 'postrouting', random.pick([-160, 0, 90, 110])));
  if (random.chance(45)) lines.push(natChain(random, 'dn', 'prerouting', random.pick([-110, -99, 20])));
  if (random.chance(45)) lines.push(natChain(random, 'sn', 'postrouting', random.pick([-90, 99, 101, 300])));
  return `table ${family} ${name} {\n${lines.join('\n')}\n}`;
}

function chainText(name: string, head: readonly string[], lines: readonly string[]): string {
  return `chain ${name} {\n${[...head, ...lines].map((line) => `  ${line}\n`).join('')}}`;
}

function base(random: Random, name: string, type: string, hook: string, priority: number): string {
  const policy = random.chance(hook === 'forward' ? 15 : 4) ? 'drop' : 'accept';
  const head = `type ${type} hook ${hook} priority ${String(priority)}; policy ${policy};`;
  return chainText(name, [head], rules(random, name, hook, hook === 'prerouting' && priority < -200));
}

function rules(random: Random, chain: string, hook: string, raw = false): string[] {
  return Array.from({ length: 1 + random.below(5) }, () => {
    const wanted = random.chance(15) ? 0 : 1 + random.below(3);
    const matches = Array.from({ length: wanted }, () => match(random, hook));
    return [...matches, statement(random, chain, hook, raw)].join(' ');
  });
}

function match(random: Random, hook: string): string {
  const client = random.pick(clientAddresses);
  const server = random.pick(servers);
  const port = String(random.pick(serverPorts));
  const not = random.chance(25) ? '!= ' : '';
  const candidates: readonly string[] = [
    `ip saddr ${not}${client}`,
    `ip saddr ${not}{ ${random.several(clientAddresses, 4).join(', ')} }`,
    `ip saddr ${not}@clients`,
    `ip saddr 10.10.0.${String(1 + random.below(3))}-10.10.0.${String(3 + random.below(4))}`,
    `ip daddr ${not}${server}`,
    `ip daddr ${not}10.20.0.0/2${String(4 + random.below(6))}`,
    `ip daddr & 255.0.0.3 == 10.0.0.${String(random.below(4))}`,
    `meta l4proto ${not}${random.pick(['tcp', 'udp', 'icmp'])}`,
    `meta l4proto { tcp, udp } th dport ${not}{ ${port}, 1000-5000 }`,
    `ip protocol ${not}${random.pick(['tcp', 'udp', 'icmp'])}`,
    `udp dport ${not}${port}`,
    `udp sport ${String(20_000 + random.below(20_000))}-60000`,
    `tcp dport ${random.pick(['>=', '<', '!=', '=='])} ${port}`,
    `udp dport ${random.pick(['>', '<='])} ${port}`,
    `tcp flags & (syn | ack) == ${random.pick(['syn', 'ack', 'syn | ack'])}`,
    'tcp flags syn',
    `icmp type ${random.pick(['echo-request', 'echo-reply', '{ echo-request, echo-reply }', '!= echo-reply'])}`,
    `ct state ${random.pick(['new', 'established', 'established,related', '!= new', 'invalid', 'untracked', '{ new, invalid }'])}`,
    `ct direction ${random.pick(['original', 'reply'])}`,
    `ct original ip daddr ${server}`,
    `ct mark ${not}${String(random.below(3))}`,
    `meta mark ${not}${String(random.below(4))}`,
    `meta mark & 0x3 ${random.pick(['==', '!='])} ${String(random.below(4))}`,
    `meta mark 1-${String(1 + random.below(4))}`,
    `ip saddr . th dport ${not}{ ${client} . ${port}, ${random.pick(clientAddresses)} . ${String(random.pick(serverPorts))} }`.replace(
      /^/,
      'meta l4proto { tcp, udp } ',
    ),
    `ip daddr . udp dport ${not}@servers`,
    `ip daddr . tcp dport @spans`,
    `ip ttl ${random.pick(['63', '64', '< 64', '> 64'])}`,
    `meta length ${random.pick(['40', '!= 60', '50-90', '> 60'])}`,
    `ip frag-off & 0x1fff == 0`,
    `meta pkttype ${random.pick(['host', '!= broadcast'])}`,
    `fib daddr type ${random.pick(['local', 'unicast', '!= local'])}`,
    'meta protocol ip',
    `ip saddr . ip daddr { 10.10.0.0/29 . 10.20.0.0-10.20.0.3, ${client} . 10.30.0.0/24 }`,
  ];
  const byDevice =
    hook === 'user' ? [] : [`iifname ${not}"${random.pick(devices)}"`, `iifname ${not}{ "lan0", "wan0" }`, 'iifname "tun*"'];
  const byWayOut =
    hook === 'forward' || hook === 'postrouting'
      ? [`oifname ${not}"${random.pick(devices)}"`, 'oif "lan0"', `oifname ${not}"l*"`]
      : [];
  const reversePath = hook === 'prerouting' ? [`fib saddr . iif oif ${random.pick(['missing', 'exists'])}`] : [];
  return random.pick([...candidates, ...byDevice, ...byDevice, ...byWayOut, ...byWayOut, ...reversePath]);
}

function statement(random: Random, chain: string, hook: string, raw: boolean): string {
  const deeper = userChains.slice(userChains.indexOf(chain) + 1);
  const jumps = deeper.flatMap((target) => [`jump ${target}`, `goto ${target}`]);
  const ends = ['accept', 'accept', 'accept', 'accept', random.chance(50) ? 'drop' : 'accept', 'return'];
  const marks = [
    `meta mark set ${String(random.below(4))}`,
    'meta mark set meta mark | 0x2',
    'meta mark set meta mark & 0x1 ^ 0x3',
    'meta mark set ct mark',
    'ct mark set meta mark',
    `ct mark set ${String(random.below(3))}`,
    `meta mark set udp dport map { 53 : 1, 80-1000 : 2 }`,
  ];
  const maps = [
    `udp dport vmap { ${portVerdicts(random, deeper.at(-1)).join(', ')} }`,
    `meta l4proto vmap { tcp : accept, icmp : ${random.pick(['drop', 'continue', 'return'])} }`,
    `ct state vmap { established : accept, invalid : drop }`,
    ...(deeper.includes('c2') ? ['tcp dport vmap @verdicts'] : []),
    `iifname . ip daddr vmap { "tun7" . ${random.pick(servers)} : drop, "lan0" . ${random.pick(clientAddresses)} : accept }`,
  ];
  const others = ['counter', 'continue', random.chance(20) ? 'limit rate 1000/second accept' : 'counter'];
  const rejects = hook === 'forward' ? ['reject', 'reject with tcp reset', 'reject with icmp type admin-prohibited'] : [];
  return random.pick([...ends, ...jumps, ...marks, ...maps, ...others, ...rejects, ...(raw ? ['notrack', 'notrack'] : [])]);
}

function natChain(random: Random, name: string, hook: string, priority: number): string {
  const head = `type nat hook ${hook} priority ${String(priority)}; policy accept;`;
  const targets =
    hook === 'prerouting'
      ? [
          () => `dnat ip to ${random.pick(servers)}`,
          () => `meta l4proto udp dnat ip to ${random.pick(servers)}:${String(random.pick(serverPorts))}`,
          () => `meta l4proto tcp dnat ip to ${random.pick(servers)}:${String(random.pick(serverPorts))}`,
          () => 'dnat ip to ip daddr map @homes',
          () => `dnat ip to udp dport map { 53 : ${random.pick(servers)}, 80-1000 : ${random.pick(servers)} }`,
          () => `dnat ip to ip daddr . udp dport map { ${random.pick(servers)} . 53 : ${random.pick(servers)} . 5000 }`,
          () => 'ip daddr 10.20.0.0/29 dnat ip prefix to 10.30.0.0/29',
        ]
      : [
          () => 'masquerade',
          () => 'oifname "lan0" masquerade',
          () => 'snat ip to 10.20.0.250',
          () => 'oifname "wan0" snat ip to 10.30.0.250',
          () => `snat ip to ip saddr map { ${random.pick(clientAddresses)} : 10.20.0.250 }`,
        ];
  const lines = Array.from({ length: 1 + random.below(3) }, () => {
    const matches = Array.from({ length: random.below(3) }, () => match(random, hook));
    return [...matches, random.chance(80) ? random.pick(targets)() : random.pick(['accept', 'return', 'counter', 'drop'])].join(
      ' ',
    );
  });
  return chainText(name, [head], lines);
}

function clientNets(random: Random): string[] {
  return [...clientAddresses, '10.10.0.0/30', '10.10.0.4-10.10.0.6', random.pick(clientAddresses)].filter(
    (net, at, all) => all.indexOf(net) === at,
  );
}

function serverPairs(random: Random): string[] {
  return random.several(
    servers.flatMap((server) => serverPorts.map((port) => `${server} . ${String(port)}`)),
    20,
  );
}

/** Concatenated intervals may not overlap: one for each host at most. */
function spans(random: Random): string[] {
  return random.several(servers, 4).map((server) => `${server} . ${random.pick(['53-80', '1000-8080', '443'])}`);
}

function portVerdicts(random: Random, chain: string | undefined): string[] {
  const verdicts = ['accept', 'drop', 'return', 'continue', ...(chain === undefined ? [] : [`jump ${chain}`, `goto ${chain}`])];
  return random.several(serverPorts, 4).map((port) => `${String(port)} : ${random.pick(verdicts)}`);
}

function homes(random: Random): string[] {
  return random.several(servers, 4).map((server) => `${server} : ${random.pick(servers)}`);
}
