import { formatPrefix } from '../../ip/prefix.ts';
import { definePlatform, unverified } from '../platform.ts';
import { displayName, forEach, maskOf, networkOf, sampleOf, text } from '../safe-text.ts';

export const windows = definePlatform({
  name: 'Windows',
  kind: 'host',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'unverified',
  parameters: [],
  console: ['On a server with RRAS: IPv4 > Static routes > New static route.'],
  notes: [
    unverified('-p keeps the route over restarts. The prompt must run as administrator.'),
    unverified(
      'The firewall of Windows lets many services in from the own subnet only ("LocalSubnet"): add the addresses of the other sites to their rules.',
    ),
  ],
  write: (words) => ({
    add: text(forEach(words.routes, (prefix) => `route -p add ${networkOf(prefix)} mask ${maskOf(prefix)} ${words.via}`)),
    remove: text(forEach(words.routes, (prefix) => `route delete ${networkOf(prefix)} mask ${maskOf(prefix)} ${words.via}`)),
    verify: text(forEach(words.routes, (prefix) => `route print -4 ${networkOf(prefix)}`)),
  }),
});

export const windowsPowershell = definePlatform({
  name: 'Windows (PowerShell)',
  kind: 'host',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'unverified',
  parameters: [
    displayName({
      name: 'interface',
      description: 'the alias of the interface of the LAN (Get-NetAdapter)',
      example: 'Ethernet',
    }),
  ],
  console: [],
  notes: [unverified('The window must run as administrator. Without -PolicyStore the route is kept over restarts.')],
  write: (words) => {
    const alias = `"${words.value('interface')}"`;
    return {
      add: text(
        `# Causeway: routes of the network ${words.label}`,
        forEach(
          words.routes,
          (prefix) =>
            `New-NetRoute -DestinationPrefix "${formatPrefix(prefix)}" -InterfaceAlias ${alias} -NextHop "${words.via}"`,
        ),
      ),
      remove: text(
        forEach(
          words.routes,
          (prefix) =>
            `Remove-NetRoute -DestinationPrefix "${formatPrefix(prefix)}" -InterfaceAlias ${alias} -NextHop "${words.via}" -Confirm:$false`,
        ),
      ),
      verify: text(forEach(words.routes, (prefix) => `Find-NetRoute -RemoteIPAddress "${sampleOf(prefix)}"`)),
    };
  },
});

export const macos = definePlatform({
  name: 'macOS',
  kind: 'host',
  sharedSpace: 'yes',
  takesDefault: false,
  evidence: 'unverified',
  parameters: [
    displayName({
      name: 'service',
      description: 'the network service of the LAN (networksetup -listallnetworkservices)',
      example: 'Ethernet',
    }),
  ],
  console: [],
  notes: [
    unverified(
      'The command sets the whole list of additional routes of the service, so that others in it are gone: -getadditionalroutes shows them first.',
    ),
  ],
  write: (words) => {
    const service = `"${words.value('service')}"`;
    const routes = words.routes.map((prefix) => `${networkOf(prefix)} ${maskOf(prefix)} ${words.via}`).join(' ');
    return {
      add: text(
        `# Causeway: routes of the network ${words.label}`,
        `networksetup -getadditionalroutes ${service}`,
        `sudo networksetup -setadditionalroutes ${service} ${routes}`,
      ),
      remove: text(`sudo networksetup -setadditionalroutes ${service}`),
      verify: text(
        `networksetup -getadditionalroutes ${service}`,
        forEach(words.routes, (prefix) => `route -n get ${sampleOf(prefix)}`),
      ),
    };
  },
});
