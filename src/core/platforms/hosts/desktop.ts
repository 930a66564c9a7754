import { formatPrefix } from '../../ip/prefix.ts';
import { definePlatform, unverified } from '../platform.ts';
import { displayName, networkOf, sampleOf, text, withMask } from '../safe-text.ts';

export const windows = definePlatform('host', {
  name: 'Windows',
  console: ['On a server with RRAS: IPv4 > Static routes > New static route.'],
  notes: [
    unverified('-p keeps the route over restarts. The prompt must run as administrator.'),
    unverified(
      'The firewall of Windows lets many services in from the own subnet only ("LocalSubnet"): add the addresses of the other sites to their rules.',
    ),
  ],
  write: (words) => ({
    add: text(words.routes.map((prefix) => `route -p add ${withMask(prefix, ' mask ')} ${words.via}`)),
    remove: text(words.routes.map((prefix) => `route delete ${withMask(prefix, ' mask ')} ${words.via}`)),
    verify: text(words.routes.map((prefix) => `route print -4 ${networkOf(prefix)}`)),
  }),
});

export const windowsPowershell = definePlatform('host', {
  name: 'Windows (PowerShell)',
  parameters: [
    displayName({
      name: 'interface',
      description: 'the alias of the interface of the LAN (Get-NetAdapter)',
      example: 'Ethernet',
    }),
  ],
  notes: [unverified('The window must run as administrator. Without -PolicyStore the route is kept over restarts.')],
  write: (words) => {
    const alias = `"${words.value('interface')}"`;
    return {
      add: text(
        `# ${words.title}`,
        words.routes.map(
          (prefix) =>
            `New-NetRoute -DestinationPrefix "${formatPrefix(prefix)}" -InterfaceAlias ${alias} -NextHop "${words.via}"`,
        ),
      ),
      remove: text(
        words.routes.map(
          (prefix) =>
            `Remove-NetRoute -DestinationPrefix "${formatPrefix(prefix)}" -InterfaceAlias ${alias} -NextHop "${words.via}" -Confirm:$false`,
        ),
      ),
      verify: text(words.routes.map((prefix) => `Find-NetRoute -RemoteIPAddress "${sampleOf(prefix)}"`)),
    };
  },
});

export const macos = definePlatform('host', {
  name: 'macOS',
  parameters: [
    displayName({
      name: 'service',
      description: 'the network service of the LAN (networksetup -listallnetworkservices)',
      example: 'Ethernet',
    }),
  ],
  notes: [
    unverified(
      'The command sets the whole list of additional routes of the service, so that others in it are gone: -getadditionalroutes shows them first.',
    ),
  ],
  write: (words) => {
    const service = `"${words.value('service')}"`;
    const routes = words.routes.map((prefix) => `${withMask(prefix)} ${words.via}`).join(' ');
    return {
      add: text(
        `# ${words.title}`,
        `networksetup -getadditionalroutes ${service}`,
        `sudo networksetup -setadditionalroutes ${service} ${routes}`,
      ),
      remove: text(`sudo networksetup -setadditionalroutes ${service}`),
      verify: text(
        `networksetup -getadditionalroutes ${service}`,
        words.routes.map((prefix) => `route -n get ${sampleOf(prefix)}`),
      ),
    };
  },
});
