/**
 * src/core/platforms/hosts: routes on the machines themselves: a Linux router, a server that should reach the sites although its router
 * cannot be changed, or all machines by DHCP. A route on the server takes the router out of the way, so a stateful one is no trouble.
 */
import type { Prefix4 } from '../../ip/prefix.ts';
import { formatPrefix } from '../../ip/prefix.ts';
import type { Texts, Words } from '../platform.ts';
import { definePlatform, tested, unverified } from '../platform.ts';
import { displayName, linuxInterface, sampleOf, text } from '../safe-text.ts';

const lanInterface = linuxInterface({ name: 'interface', description: 'the interface of the LAN', example: 'eth0' });
const notTheConnector = unverified('Not on the connector: its agent sets its own routes.');

export const linux = definePlatform('host', {
  name: 'Linux, at run time (ip route)',
  evidence: 'tested',
  notes: [
    tested(
      'These routes are gone after a restart: choose how the machine is configured (netplan, systemd-networkd, NetworkManager, ifupdown).',
    ),
  ],
  write: (words) => ({
    add: text(
      `# ${words.title}`,
      words.routes.map((prefix) => `ip route replace ${formatPrefix(prefix)} via ${words.via}`),
    ),
    remove: text(words.routes.map((prefix) => `ip route del ${formatPrefix(prefix)} via ${words.via}`)),
    verify: text(words.routes.map((prefix) => `ip route get ${sampleOf(prefix)}`)),
  }),
});

export const netplan = definePlatform('host', {
  name: 'netplan (Ubuntu)',
  parameters: [lanInterface],
  notes: [
    notTheConnector,
    unverified('netplan try takes it back after two minutes unless you confirm. The file must be readable by root only.'),
  ],
  write: (words) => ({
    add: text(
      '# /etc/netplan/90-causeway.yaml, mode 600; then: netplan try',
      `# ${words.title}`,
      'network:',
      '  version: 2',
      '  ethernets:',
      `    "${words.value('interface')}":`,
      '      routes:',
      words.routes.flatMap((prefix) => [`        - to: "${formatPrefix(prefix)}"`, `          via: "${words.via}"`]),
    ),
    remove: text('rm /etc/netplan/90-causeway.yaml', 'netplan apply'),
    verify: text(words.routes.map((prefix) => `ip route get ${sampleOf(prefix)}`)),
  }),
});

export const systemdNetworkd = definePlatform('host', {
  name: 'systemd-networkd',
  evidence: 'tested',
  parameters: [lanInterface],
  notes: [
    notTheConnector,
    unverified(
      'A drop-in adds to the .network file that the interface has. NETWORK is the name of that file without its ending: networkctl status INTERFACE shows it.',
    ),
  ],
  write: (words) => ({
    add: text(
      '# /etc/systemd/network/NETWORK.network.d/causeway.conf; then: networkctl reload',
      `# ${words.title}`,
      words.routes.flatMap((prefix) => ['[Route]', `Destination=${formatPrefix(prefix)}`, `Gateway=${words.via}`, '']),
    ).replace(/\n\n$/, '\n'),
    remove: text(
      'rm /etc/systemd/network/NETWORK.network.d/causeway.conf',
      'networkctl reload',
      `networkctl reconfigure ${words.value('interface')}`,
    ),
    verify: text(
      `networkctl status ${words.value('interface')}`,
      words.routes.map((prefix) => `ip route get ${sampleOf(prefix)}`),
    ),
  }),
});

export const networkManager = definePlatform('host', {
  name: 'NetworkManager (nmcli)',
  parameters: [
    displayName({
      name: 'connection',
      description: 'the connection of the LAN, as "nmcli connection" calls it',
      example: 'Wired connection 1',
    }),
  ],
  notes: [notTheConnector],
  write: (words) => {
    const connection = `"${words.value('connection')}"`;
    const modify = (sign: string) =>
      words.routes.map(
        (prefix) => `nmcli connection modify ${connection} ${sign}ipv4.routes "${formatPrefix(prefix)} ${words.via}"`,
      );
    return {
      add: text(`# ${words.title}`, modify('+'), `nmcli connection up ${connection}`),
      remove: text(modify('-'), `nmcli connection up ${connection}`),
      verify: text(
        `nmcli -g ipv4.routes connection show ${connection}`,
        words.routes.map((prefix) => `ip route get ${sampleOf(prefix)}`),
      ),
    };
  },
});

export const ifupdown = definePlatform('host', {
  name: 'ifupdown (Debian)',
  parameters: [lanInterface],
  notes: [
    notTheConnector,
    unverified(
      'The lines belong into the stanza of the interface in /etc/network/interfaces. "|| true" keeps the interface up where a route is there already.',
    ),
  ],
  write: interfacesFile,
});

export const alpine = definePlatform('host', {
  name: 'Alpine (/etc/network/interfaces)',
  parameters: [lanInterface],
  notes: [
    notTheConnector,
    unverified(
      'The lines belong into the stanza of the interface in /etc/network/interfaces; then: rc-service networking restart.',
    ),
  ],
  write: interfacesFile,
});

function interfacesFile(words: Words): Texts {
  const name = words.value('interface');
  const route = (prefix: Prefix4) => `${formatPrefix(prefix)} via ${words.via} dev ${name}`;
  return {
    add: text(
      `# In /etc/network/interfaces, below "iface ${name} inet ...":`,
      `    # ${words.title}`,
      words.routes.flatMap((prefix) => [
        `    up ip route replace ${route(prefix)} || true`,
        `    down ip route del ${route(prefix)} || true`,
      ]),
    ),
    remove: text(
      `# Delete the lines of Causeway below "iface ${name} inet ..." in /etc/network/interfaces, and at once:`,
      words.routes.map((prefix) => `ip route del ${route(prefix)}`),
    ),
    verify: text(`ip route show dev ${name} via ${words.via}`),
  };
}

export const rhelLegacy = definePlatform('host', {
  name: 'RHEL and CentOS 6 and 7 (network scripts)',
  parameters: [lanInterface],
  notes: [notTheConnector],
  write: (words) => {
    const file = `/etc/sysconfig/network-scripts/route-${words.value('interface')}`;
    const line = (prefix: Prefix4) => `${formatPrefix(prefix)} via ${words.via}`;
    return {
      add: text(
        `# ${words.title}`,
        words.routes.flatMap((prefix) => [`echo '${line(prefix)}' >>${file}`, `ip route replace ${line(prefix)}`]),
      ),
      remove: text(
        words.routes.flatMap((prefix) => [
          `sed -i '\\#^${formatPrefix(prefix).replaceAll('.', '[.]')} via #d' ${file}`,
          `ip route del ${line(prefix)}`,
        ]),
      ),
      verify: text(
        `cat ${file}`,
        words.routes.map((prefix) => `ip route get ${sampleOf(prefix)}`),
      ),
    };
  },
});
