import { formatPrefix } from '../../ip/prefix.ts';
import type { Platform, Words } from '../platform.ts';
import { definePlatform, unverified } from '../platform.ts';
import { networkOf, text, withMask } from '../safe-text.ts';

/** Gear that is set up on web pages: the text is what goes into the fields. */
function webPage(
  page: Pick<Platform, 'name' | 'console' | 'notes'> & Partial<Pick<Platform, 'sharedSpace' | 'otherwise'>>,
): Platform {
  return definePlatform('router', { ...page, write: fields });
}

function fields(words: Words) {
  const lines = words.routes.map((prefix) => `${formatPrefix(prefix)}  (${withMask(prefix, ' mask ')})  gateway ${words.via}`);
  return {
    add: text(`Routes of the network ${words.label}:`, lines),
    remove: text('Delete the static routes:', lines),
    verify: text(
      'Look at the list of active routes, or from a machine on the LAN:',
      words.routes.map((prefix) => `traceroute ${networkOf(prefix)}`),
    ),
  };
}

const halfConnections =
  'It is stateful and sees half of each connection, so that a ping works and TCP does not until this is set.';

export const pfsense = webPage({
  name: 'pfSense',
  console: [
    'System > Routing > Gateways > Add: interface LAN, the address of the connector.',
    'System > Routing > Static routes > Add: each destination, that gateway.',
    'System > Advanced > Firewall & NAT: "Bypass firewall rules for traffic on the same interface".',
    'Firewall > Rules > LAN: allow these destinations.',
  ],
  notes: [unverified(halfConnections)],
});

export const opnsense = webPage({
  name: 'OPNsense',
  console: [
    'System > Gateways > Configuration > Add: interface LAN, the address of the connector.',
    'System > Routes > Configuration > Add: each destination, that gateway.',
    'Firewall > Settings > Advanced: "Static route filtering" (bypass firewall rules for traffic on the same interface).',
  ],
  notes: [unverified(halfConnections)],
});

export const unifi = webPage({
  name: 'UniFi gateway',
  console: [
    'Settings > Routing > Static routes > Create: type next hop, each destination, the address of the connector, distance 1.',
  ],
  notes: [unverified('Names of menus change between versions.')],
});

export const sophos = webPage({
  name: 'Sophos Firewall',
  console: [
    'Routing > Static routes > IPv4 unicast route > Add.',
    'Rules and policies: allow traffic from the LAN zone to the LAN zone for these destinations.',
  ],
  notes: [unverified(halfConnections)],
});

export const sonicwall = webPage({
  name: 'SonicWall',
  console: [
    'Policy > Rules and policies > Routing rules > Add: source any, each destination, the interface of the LAN, the connector as gateway.',
  ],
  notes: [unverified(halfConnections)],
});

export const meraki = webPage({
  name: 'Cisco Meraki MX',
  console: [
    'Security & SD-WAN > Addressing & VLANs > Static routes > Add: each destination, next hop the connector, active always.',
  ],
  notes: [unverified('It applies some seconds after it was saved.')],
});

export const fritzbox = webPage({
  name: 'FRITZ!Box and other home routers',
  sharedSpace: 'unknown',
  otherwise: 'NAT (masquerade) for devices: many routers of internet providers have no static routes',
  console: ['Home network > Network > Network settings > IPv4 routes > New: network, mask and gateway.'],
  notes: [
    unverified('It routes by static routes only towards its own LAN.'),
    unverified('As an internet gateway without NAT it would have to translate addresses outside its own LAN, which most do not.'),
  ],
});
