import type { PrefixText } from '../../ip/prefix.ts';
import type { Cause } from '../cause.ts';
import type { Direction } from '../words.ts';
import type { FixContext } from './entry.ts';
import type { Fix } from './finding.ts';
import { byHand, onRouter } from './fix.ts';
import { masquerade } from './nat-fix.ts';
import { isAboutDevices, isCloud, isRefused, keepsState, otherRouter, staticRoute } from './route-fix.ts';

const when = {
  lan: {
    route:
      "servers have to see who it is, or begin connections to people's devices themselves; and the router keeps no state, or connector and servers stand in different subnets",
    nat: 'everything is begun by people; always where the router keeps state and stands on one LAN with connector and servers (it drops answers of connections that it saw half of), and where nobody can change the router',
  },
  cloud: {
    route:
      "servers have to see who it is, or begin connections to people's devices themselves; tables of clouds keep no state, so nothing stands against it",
    nat: 'everything is begun by people, or nobody may change the cloud',
  },
};

/**
 * bothOptions is how answers find back (tutorial.md, RA-16 and RA-18): the route, exact for the platform that is known, and NAT. The one that
 * works there without more comes first. A platform that takes no such route leaves NAT; between sites, and for what the LAN begins, NAT does
 * nothing and the route is all there is.
 */
export function bothOptions(cause: Cause, context: FixContext, direction: Direction | null): readonly Fix[] {
  if (direction === 'forward' || !isAboutDevices(cause, context)) return routesOnly(cause, context);
  if (isRefused(cause, context)) {
    return [
      masquerade(
        cause,
        context,
        'this platform takes no route to the WPC range: there is no other way than NAT or another range',
      ),
    ];
  }
  const words = isCloud(cause, context) ? when.cloud : when.lan;
  const route = staticRoute(cause, context, words.route);
  const nat = masquerade(cause, context, words.nat);
  if (route === undefined) return [nat];
  const options = [
    { ...route, title: `Option 1, ${lowerFirst(route.title)}` },
    { ...nat, title: `Option 2, ${nat.title}` },
  ];
  return keepsState(cause, context) ? options.toReversed() : options;
}

/** routesOnly is for what NAT cannot mend. */
export function routesOnly(cause: Cause, context: FixContext, only?: readonly PrefixText[]): readonly Fix[] {
  const route = staticRoute(cause, context, '', only);
  if (route !== undefined) return [route];
  return [
    byHand('Static route', onRouter(cause), [
      'The platform that was named takes none of the routes that are needed. Set them where it sends what it does not know.',
      otherRouter(cause),
    ]),
  ];
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
