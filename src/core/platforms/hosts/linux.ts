/**
 * src/core/platforms/hosts: routes on the machines themselves: a Linux router, a server that should reach the sites although its router
 * cannot be changed, or all machines by DHCP. A route on the server takes the router out of the way, so a stateful one is no trouble.
 */
import { formatPrefix } from '../../ip/prefix.ts';
import { definePlatform, tested, unverified } from '../platform.ts';
import { displayName, forEach, linuxInterface, sampleOf, text } from '../safe-text.ts';

const lanInterface = linuxInterface({ name: 'interface', description: 'the interface of the LAN', example: 'eth0' });
const notTheConnector = unverified('Not on the connector: its agent sets its own routes.');

export const linux = definePlatform({
  name: 'Linux, at run time (ip route)',
  kind: 'host',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'tested',
  parameters: [],
  console: [],
  notes: [
    tested(
      'These routes are gone after a restart: choose how the machine is configured (netplan, systemd-networkd, NetworkManager, ifupdown).',
    ),
  ],
  write: (words) => ({
    add: text(
      `# Causeway: routes of the network ${words.label}`,
      forEach(words.routes, (prefix) => `ip route replace ${formatPrefix(prefix)} via ${words.via}`),
    ),
    remove: text(forEach(words.routes, (prefix) => `ip route del ${formatPrefix(prefix)} via ${words.via}`)),
    verify: text(forEach(words.routes, (prefix) => `ip route get ${sampleOf(prefix)}`)),
  }),
});

export const netplan = definePlatform({
  name: 'netplan (Ubuntu)',
  kind: 'host',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'unverified',
  parameters: [lanInterface],
  console: [],
  notes: [
    notTheConnector,
    unverified('netplan try takes it back after two minutes unless you confirm. The file must be readable by root only.'),
  ],
  write: (words) => ({
    add: text(
      '# /etc/netplan/90-causeway.yaml, mode 600; then: netplan try',
      `# Causeway: routes of the network ${words.label}`,
      'network:',
      '  version: 2',
      '  ethernets:',
      `    "${words.value('interface')}":`,
      '      routes:',
      forEach(words.routes, (prefix) => [`        - to: "${formatPrefix(prefix)}"`, `          via: "${words.via}"`]),
    ),
    remove: text('rm /etc/netplan/90-causeway.yaml', 'netplan apply'),
    verify: text(forEach(words.routes, (prefix) => `ip route get ${sampleOf(prefix)}`)),
  }),
});

export const systemdNetworkd = definePlatform({
  name: 'systemd-networkd',
  kind: 'host',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'tested',
  parameters: [lanInterface],
  console: [],
  notes: [
    notTheConnector,
    unverified(
      'A drop-in adds to the .network file that the interface has. NETWORK is the name of that file without its ending: networkctl status INTERFACE shows it.',
    ),
  ],
  write: (words) => ({
    add: text(
      '# /etc/systemd/network/NETWORK.network.d/causeway.conf; then: networkctl reload',
      `# Causeway: routes of the network ${words.label}`,
      forEach(words.routes, (prefix) => ['[Route]', `Destination=${formatPrefix(prefix)}`, `Gateway=${words.via}`, '']),
    ).replace(/\n\n$/, '\n'),
    remove: text(
      'rm /etc/systemd/network/NETWORK.network.d/causeway.conf',
      'networkctl reload',
      `networkctl reconfigure ${words.value('interface')}`,
    ),
    verify: text(
      `networkctl status ${words.value('interface')}`,
      forEach(words.routes, (prefix) => `ip route get ${sampleOf(prefix)}`),
    ),
  }),
});

export const networkManager = definePlatform({
  name: 'NetworkManager (nmcli)',
  kind: 'host',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'unverified',
  parameters: [
    displayName({
      name: 'connection',
      description: 'the connection of the LAN, as "nmcli connection" calls it',
      example: 'Wired connection 1',
    }),
  ],
  console: [],
  notes: [notTheConnector],
  write: (words) => {
    const connection = `"${words.value('connection')}"`;
    const modify = (sign: string) =>
      forEach(
        words.routes,
        (prefix) => `nmcli connection modify ${connection} ${sign}ipv4.routes "${formatPrefix(prefix)} ${words.via}"`,
      );
    return {
      add: text(`# Causeway: routes of the network ${words.label}`, modify('+'), `nmcli connection up ${connection}`),
      remove: text(modify('-'), `nmcli connection up ${connection}`),
      verify: text(
        `nmcli -g ipv4.routes connection show ${connection}`,
        forEach(words.routes, (prefix) => `ip route get ${sampleOf(prefix)}`),
      ),
    };
  },
});

export const ifupdown = definePlatform({
  name: 'ifupdown (Debian)',
  kind: 'host',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'unverified',
  parameters: [lanInterface],
  console: [],
  notes: [
    notTheConnector,
    unverified(
      'The lines belong into the stanza of the interface in /etc/network/interfaces. "|| true" keeps the interface up where a route is there already.',
    ),
  ],
  write: (words) =>
    interfacesFile(
      words.label,
      words.routes.map((prefix) => formatPrefix(prefix)),
      words.via,
      words.value('interface'),
    ),
});

export const alpine = definePlatform({
  name: 'Alpine (/etc/network/interfaces)',
  kind: 'host',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'unverified',
  parameters: [lanInterface],
  console: [],
  notes: [
    notTheConnector,
    unverified(
      'The lines belong into the stanza of the interface in /etc/network/interfaces; then: rc-service networking restart.',
    ),
  ],
  write: (words) =>
    interfacesFile(
      words.label,
      words.routes.map((prefix) => formatPrefix(prefix)),
      words.via,
      words.value('interface'),
    ),
});

function interfacesFile(label: string, destinations: readonly string[], via: string, name: string) {
  const lines = destinations.flatMap((destination) => [
    `    up ip route replace ${destination} via ${via} dev ${name} || true`,
    `    down ip route del ${destination} via ${via} dev ${name} || true`,
  ]);
  return {
    add: text(
      `# In /etc/network/interfaces, below "iface ${name} inet ...":`,
      `    # Causeway: routes of the network ${label}`,
      lines,
    ),
    remove: text(
      `# Delete the lines of Causeway below "iface ${name} inet ..." in /etc/network/interfaces, and at once:`,
      destinations.map((destination) => `ip route del ${destination} via ${via} dev ${name}`),
    ),
    verify: text(`ip route show dev ${name} via ${via}`),
  };
}

export const rhelLegacy = definePlatform({
  name: 'RHEL and CentOS 6 and 7 (network scripts)',
  kind: 'host',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'unverified',
  parameters: [lanInterface],
  console: [],
  notes: [notTheConnector],
  write: (words) => {
    const file = `/etc/sysconfig/network-scripts/route-${words.value('interface')}`;
    const line = (prefix: Parameters<typeof formatPrefix>[0]) => `${formatPrefix(prefix)} via ${words.via}`;
    return {
      add: text(
        `# Causeway: routes of the network ${words.label}`,
        forEach(words.routes, (prefix) => [
          `echo '${formatPrefix(prefix)} via ${words.via}' >>${file}`,
          `ip route replace ${line(prefix)}`,
        ]),
      ),
      remove: text(
        forEach(words.routes, (prefix) => [
          `sed -i '\\#^${formatPrefix(prefix).replaceAll('.', '[.]')} via #d' ${file}`,
          `ip route del ${line(prefix)}`,
        ]),
      ),
      verify: text(
        `cat ${file}`,
        forEach(words.routes, (prefix) => `ip route get ${sampleOf(prefix)}`),
      ),
    };
  },
});
