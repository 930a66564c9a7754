import { formatPrefix } from '../../ip/prefix.ts';
import type { Prefix4 } from '../../ip/prefix.ts';
import { definePlatform, unverified } from '../platform.ts';
import { number, routeName, routerWord, sampleOf, text, withMask } from '../safe-text.ts';

export const junos = definePlatform('router', {
  name: 'Juniper Junos',
  notes: [
    unverified(
      'On an SRX a policy from the zone of the LAN to the same zone must permit the traffic; it sees half of each connection.',
    ),
  ],
  write: (words) => {
    const each = (verb: string, rest: string) =>
      words.routes.map((prefix) => `${verb} routing-options static route ${formatPrefix(prefix)}${rest}`);
    return {
      add: text('configure', each('set', ` next-hop ${words.via}`), 'show | compare', 'commit and-quit'),
      remove: text('configure', each('delete', ''), 'show | compare', 'commit and-quit'),
      verify: text(words.routes.map((prefix) => `show route ${sampleOf(prefix)}`)),
    };
  },
});

export const mikrotik = definePlatform('router', {
  name: 'MikroTik RouterOS 6 and 7',
  console: ['IP > Routes > +: Dst. Address and Gateway as below.'],
  notes: [
    unverified(
      'The default firewall drops "invalid" packets, and it sees half of each connection: the filter rules let these addresses pass before that.',
    ),
    unverified('FastTrack has to leave them out: they never become established in both directions on this router.'),
  ],
  write: (words) => {
    const pairs = words.lan.flatMap((lan) => words.routes.map((route) => [formatPrefix(lan), formatPrefix(route)] as const));
    return {
      add: text(
        `# ${words.title}`,
        words.routes.map((route) => `/ip route add dst-address=${formatPrefix(route)} gateway=${words.via} comment=causeway`),
        pairs.map(
          ([lan, route]) =>
            `/ip firewall filter add chain=forward src-address=${lan} dst-address=${route} action=accept place-before=0 comment=causeway`,
        ),
      ),
      // Each by its prefix: another network's routes on the same router carry the same comment.
      remove: text(
        words.routes.map(
          (route) => `/ip route remove [find comment=causeway dst-address=${formatPrefix(route)} gateway=${words.via}]`,
        ),
        pairs.map(([lan, route]) => `/ip firewall filter remove [find comment=causeway src-address=${lan} dst-address=${route}]`),
      ),
      verify: text(
        '/ip route print where comment=causeway',
        words.routes.map((route) => `/ip route check ${sampleOf(route)}`),
      ),
    };
  },
});

export const vyos = definePlatform('router', {
  name: 'VyOS, EdgeOS',
  notes: [
    unverified(
      'A stateful rule set on the interface of the LAN drops half connections as invalid: accept these addresses before that rule.',
    ),
  ],
  write: (words) => {
    const each = (verb: string, rest: string) =>
      words.routes.map((prefix) => `${verb} protocols static route ${formatPrefix(prefix)}${rest}`);
    return {
      add: text('configure', each('set', ` next-hop ${words.via}`), 'commit', 'save', 'exit'),
      remove: text('configure', each('delete', ` next-hop ${words.via}`), 'commit', 'save', 'exit'),
      verify: text(words.routes.map((prefix) => `show ip route ${sampleOf(prefix)}`)),
    };
  },
});

export const fortigate = definePlatform('router', {
  name: 'Fortinet FortiGate',
  parameters: [
    routerWord({ name: 'interface', description: 'the interface of the LAN', example: 'lan' }),
    number({
      name: 'firstNumber',
      description:
        'a free number in "config router static"; the routes take this one and those after it; 9000 where it is not given',
      example: '9000',
      optional: true,
    }),
  ],
  console: ['Network > Static routes > Create new: destination, gateway, interface of the LAN.'],
  notes: [
    unverified(
      'A policy from the LAN to the LAN must allow the traffic. The FortiGate sees half of each connection: prefer a policy without session check to "set asymroute enable", which is for everything.',
    ),
    unverified('Look first that the numbers are free: an entry with the same number is changed, not added.'),
  ],
  write: (words) => {
    const first = Number(words.value('firstNumber', '9000'));
    const entry = (prefix: Prefix4, index: number) => [
      `edit ${String(first + index)}`,
      `set dst ${withMask(prefix)}`,
      `set gateway ${words.via}`,
      `set device "${words.value('interface')}"`,
      'set comment "causeway"',
      'next',
    ];
    return {
      add: text('config router static', words.routes.flatMap(entry), 'end'),
      remove: text(
        'config router static',
        words.routes.map((_, index) => `delete ${String(first + index)}`),
        'end',
      ),
      verify: text(words.routes.map((prefix) => `get router info routing-table details ${sampleOf(prefix)}`)),
    };
  },
});

export const paloalto = definePlatform('router', {
  name: 'Palo Alto PAN-OS',
  parameters: [
    routerWord({ name: 'interface', description: 'the interface of the LAN', example: 'ethernet1/2' }),
    routerWord({
      name: 'virtualRouter',
      description: 'the virtual router; "default" where it is not given',
      example: 'default',
      optional: true,
    }),
  ],
  console: ['Network > Virtual routers > the router > Static routes > Add.'],
  notes: [
    unverified(
      'It sees half of each connection. "set deviceconfig setting tcp asymmetric-path bypass" lets that pass, but for everything on the device; a zone protection profile can do it for one zone.',
    ),
    unverified('A rule must allow traffic from the zone of the LAN to the same zone for these addresses.'),
  ],
  write: (words) => {
    const router = words.value('virtualRouter', 'default');
    const path = (prefix: Prefix4) => `network virtual-router ${router} routing-table ip static-route ${routeName(prefix)}`;
    return {
      add: text(
        'configure',
        words.routes.flatMap((prefix) => [
          `set ${path(prefix)} destination ${formatPrefix(prefix)}`,
          `set ${path(prefix)} nexthop ip-address ${words.via}`,
          `set ${path(prefix)} interface ${words.value('interface')}`,
        ]),
        'commit',
        'exit',
      ),
      remove: text(
        'configure',
        words.routes.map((prefix) => `delete ${path(prefix)}`),
        'commit',
        'exit',
      ),
      verify: text(words.routes.map((prefix) => `test routing fib-lookup virtual-router ${router} ip ${sampleOf(prefix)}`)),
    };
  },
});

export const openwrt = definePlatform('router', {
  name: 'OpenWrt',
  parameters: [
    routerWord({
      name: 'interface',
      description: 'the interface of the LAN in /etc/config/network; "lan" where it is not given',
      example: 'lan',
      optional: true,
    }),
  ],
  console: ['Network > Routing > Static IPv4 routes.'],
  notes: [
    unverified('The zone of the LAN needs forward ACCEPT.'),
    unverified(
      'Newer firewalls drop invalid packets, and this router sees half of each connection: set "option drop_invalid 0" in /etc/config/firewall.',
    ),
  ],
  write: (words) => {
    const lan = words.value('interface', 'lan');
    // Named sections, so that they can be found again.
    const section = (prefix: Prefix4) => `network.${routeName(prefix, '_')}`;
    return {
      add: text(
        `# ${words.title}`,
        words.routes.flatMap((prefix) => [
          `uci set ${section(prefix)}=route`,
          `uci set ${section(prefix)}.interface=${lan}`,
          `uci set ${section(prefix)}.target=${formatPrefix(prefix)}`,
          `uci set ${section(prefix)}.gateway=${words.via}`,
        ]),
        'uci commit network',
        'service network reload',
      ),
      remove: text(
        words.routes.map((prefix) => `uci delete ${section(prefix)}`),
        'uci commit network',
        'service network reload',
      ),
      verify: text(words.routes.map((prefix) => `ip route get ${sampleOf(prefix)}`)),
    };
  },
});
