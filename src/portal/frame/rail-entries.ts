import type { IconName } from '../parts/icon.tsx';

/** RailEntry is a page that the rail leads to. A new page is added here, in the order of portal.md 2, and in app/router.tsx. */
export const railEntries = [
  { to: '/', text: 'rail.overview', icon: 'overview' },
  { to: '/networks', text: 'rail.networks', icon: 'networks' },
  { to: '/hosts', text: 'rail.hosts', icon: 'hosts' },
  { to: '/users', text: 'rail.users', icon: 'users' },
  { to: '/groups', text: 'rail.groups', icon: 'groups' },
  { to: '/devices', text: 'rail.devices', icon: 'devices' },
  { to: '/internet', text: 'rail.internet', icon: 'internet' },
  { to: '/trace', text: 'rail.trace', icon: 'trace' },
  { to: '/learn', text: 'rail.learn', icon: 'learn' },
  { to: '/problems', text: 'rail.problems', icon: 'problems' },
  { to: '/activity', text: 'rail.activity', icon: 'activity' },
  { to: '/settings', text: 'rail.settings', icon: 'settings' },
] as const satisfies readonly { readonly to: string; readonly text: string; readonly icon: IconName }[];
