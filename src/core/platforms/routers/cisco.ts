/**
 * src/core/platforms/routers: gear that stands as a LAN's router. The syntax of all of it is general knowledge that was not tried on a
 * device unless it says otherwise, and each text says so.
 */
import type { Prefix4 } from '../../ip/prefix.ts';
import { formatPrefix } from '../../ip/prefix.ts';
import { definePlatform, unverified } from '../platform.ts';
import { routerWord, sampleOf, text, wildcardOf, withMask } from '../safe-text.ts';

export const ciscoIos = definePlatform('router', {
  name: 'Cisco IOS, IOS-XE',
  notes: [
    unverified(
      'A firewall on the router (zones, inspection) must let pass what comes in and goes out on the same interface, without having seen the first packet.',
    ),
    unverified('"write memory" keeps it over a restart.'),
  ],
  write: (words) => {
    const route = (prefix: Prefix4) => `ip route ${withMask(prefix)} ${words.via}`;
    return {
      add: text(
        `! ${words.title}`,
        'configure terminal',
        words.routes.map((prefix) => `${route(prefix)} name causeway`),
        'end',
        'write memory',
      ),
      remove: text(
        'configure terminal',
        words.routes.map((prefix) => `no ${route(prefix)}`),
        'end',
        'write memory',
      ),
      verify: text(words.routes.map((prefix) => `show ip route ${sampleOf(prefix)}`)),
    };
  },
});

export const ciscoAsa = definePlatform('router', {
  name: 'Cisco ASA',
  parameters: [
    routerWord({ name: 'interface', description: 'the name (nameif) of the interface of the LAN', example: 'inside' }),
  ],
  notes: [
    unverified(
      'The ASA is stateful and sees half of each connection, so it needs both: traffic within one interface, and TCP state bypass for these addresses.',
    ),
  ],
  write: (words) => {
    const name = words.value('interface');
    const route = (prefix: Prefix4) => `route ${name} ${withMask(prefix)} ${words.via} 1`;
    return {
      add: text(
        `! ${words.title}`,
        'configure terminal',
        words.routes.map(route),
        'same-security-traffic permit intra-interface',
        words.routes.flatMap((prefix) => [
          `access-list causeway extended permit tcp any ${withMask(prefix)}`,
          `access-list causeway extended permit tcp ${withMask(prefix)} any`,
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
        words.routes.map((prefix) => `no ${route(prefix)}`),
        'end',
        'write memory',
      ),
      verify: text(
        'show route',
        words.routes.map((prefix) => `packet-tracer input ${name} icmp ${words.via} 8 0 ${sampleOf(prefix)}`),
      ),
    };
  },
});

export const ciscoNxos = definePlatform('router', {
  name: 'Cisco NX-OS',
  write: (words) => ({
    add: text(
      `! ${words.title}`,
      'configure terminal',
      words.routes.map((prefix) => `ip route ${formatPrefix(prefix)} ${words.via} name causeway`),
      'end',
      'copy running-config startup-config',
    ),
    remove: text(
      'configure terminal',
      words.routes.map((prefix) => `no ip route ${formatPrefix(prefix)} ${words.via}`),
      'end',
      'copy running-config startup-config',
    ),
    verify: text(words.routes.map((prefix) => `show ip route ${sampleOf(prefix)}`)),
  }),
});

export const other = definePlatform('router', {
  name: 'Any other router',
  sharedSpace: 'unknown',
  otherwise: 'NAT (masquerade) for devices: many routers of internet providers have no static routes at all',
  console: ['Look for "static routes" in the manual of the router, and add one for each line.'],
  write: (words) => ({
    add: text(
      words.routes.map(
        (prefix) =>
          `destination ${withMask(prefix, '  mask ')} (/${String(prefix.length)}, wildcard ${wildcardOf(prefix)})  next hop ${words.via}`,
      ),
    ),
    remove: text(words.routes.map((prefix) => `destination ${withMask(prefix, '  mask ')}  next hop ${words.via}`)),
    verify: text(
      'From a machine on the LAN:',
      words.routes.map((prefix) => `traceroute ${sampleOf(prefix)}`),
    ),
  }),
});
