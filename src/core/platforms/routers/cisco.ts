/**
 * src/core/platforms/routers: gear that stands as a LAN's router. The syntax of all of it is general knowledge that was not tried on a
 * device unless it says otherwise, and each text says so.
 */
import { formatPrefix } from '../../ip/prefix.ts';
import { definePlatform, unverified } from '../platform.ts';
import { forEach, maskOf, networkOf, routerWord, sampleOf, text, wildcardOf } from '../safe-text.ts';

export const ciscoIos = definePlatform({
  name: 'Cisco IOS, IOS-XE',
  kind: 'router',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'unverified',
  parameters: [],
  console: [],
  notes: [
    unverified(
      'A firewall on the router (zones, inspection) must let pass what comes in and goes out on the same interface, without having seen the first packet.',
    ),
    unverified('"write memory" keeps it over a restart.'),
  ],
  write: (words) => {
    const route = (prefix: Parameters<typeof networkOf>[0]) => `ip route ${networkOf(prefix)} ${maskOf(prefix)} ${words.via}`;
    return {
      add: text(
        `! Causeway: routes of the network ${words.label}`,
        'configure terminal',
        forEach(words.routes, (prefix) => `${route(prefix)} name causeway`),
        'end',
        'write memory',
      ),
      remove: text(
        'configure terminal',
        forEach(words.routes, (prefix) => `no ${route(prefix)}`),
        'end',
        'write memory',
      ),
      verify: text(forEach(words.routes, (prefix) => `show ip route ${sampleOf(prefix)}`)),
    };
  },
});

export const ciscoAsa = definePlatform({
  name: 'Cisco ASA',
  kind: 'router',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'unverified',
  parameters: [
    routerWord({ name: 'interface', description: 'the name (nameif) of the interface of the LAN', example: 'inside' }),
  ],
  console: [],
  notes: [
    unverified(
      'The ASA is stateful and sees half of each connection, so it needs both: traffic within one interface, and TCP state bypass for these addresses.',
    ),
  ],
  write: (words) => {
    const name = words.value('interface');
    const route = (prefix: Parameters<typeof networkOf>[0]) =>
      `route ${name} ${networkOf(prefix)} ${maskOf(prefix)} ${words.via} 1`;
    return {
      add: text(
        `! Causeway: routes of the network ${words.label}`,
        'configure terminal',
        forEach(words.routes, route),
        'same-security-traffic permit intra-interface',
        forEach(words.routes, (prefix) => [
          `access-list causeway extended permit tcp any ${networkOf(prefix)} ${maskOf(prefix)}`,
          `access-list causeway extended permit tcp ${networkOf(prefix)} ${maskOf(prefix)} any`,
        ]),
        'class-map causeway',
        ' match access-list causeway',
        'policy-map causeway',
        ' class causeway',
        '  set connection advanced-options tcp-state-bypass',
        `service-policy causeway interface ${name}`,
        'end',
        'write memory',
      ),
      remove: text(
        'configure terminal',
        `no service-policy causeway interface ${name}`,
        'no policy-map causeway',
        'no class-map causeway',
        'clear configure access-list causeway',
        forEach(words.routes, (prefix) => `no ${route(prefix)}`),
        'end',
        'write memory',
      ),
      verify: text(
        'show route',
        forEach(words.routes, (prefix) => `packet-tracer input ${name} icmp ${words.via} 8 0 ${sampleOf(prefix)}`),
      ),
    };
  },
});

export const ciscoNxos = definePlatform({
  name: 'Cisco NX-OS',
  kind: 'router',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'unverified',
  parameters: [],
  console: [],
  notes: [],
  write: (words) => ({
    add: text(
      `! Causeway: routes of the network ${words.label}`,
      'configure terminal',
      forEach(words.routes, (prefix) => `ip route ${formatPrefix(prefix)} ${words.via} name causeway`),
      'end',
      'copy running-config startup-config',
    ),
    remove: text(
      'configure terminal',
      forEach(words.routes, (prefix) => `no ip route ${formatPrefix(prefix)} ${words.via}`),
      'end',
      'copy running-config startup-config',
    ),
    verify: text(forEach(words.routes, (prefix) => `show ip route ${sampleOf(prefix)}`)),
  }),
});

export const other = definePlatform({
  name: 'Any other router',
  kind: 'router',
  sharedSpace: 'unknown',
  otherwise: 'NAT (masquerade) for devices: many routers of internet providers have no static routes at all',
  takesDefault: false,
  evidence: 'unverified',
  parameters: [],
  console: ['Look for "static routes" in the manual of the router, and add one for each line.'],
  notes: [],
  write: (words) => ({
    add: text(
      forEach(
        words.routes,
        (prefix) =>
          `destination ${networkOf(prefix)}  mask ${maskOf(prefix)} (/${String(prefix.length)}, wildcard ${wildcardOf(prefix)})  next hop ${words.via}`,
      ),
    ),
    remove: text(
      forEach(words.routes, (prefix) => `destination ${networkOf(prefix)}  mask ${maskOf(prefix)}  next hop ${words.via}`),
    ),
    verify: text(
      'From a machine on the LAN:',
      forEach(words.routes, (prefix) => `traceroute ${sampleOf(prefix)}`),
    ),
  }),
});
