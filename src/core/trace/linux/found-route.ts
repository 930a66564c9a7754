import type { Address } from '../../ip/address.ts';
import type { LegChoice } from './choose-legs.ts';
import type { Drop, DropReason, FoundRoute, Way, Ways } from './decision.ts';
import type { Quote } from './known.ts';
import { undecided } from './known.ts';
import type { LinuxHost, SysctlFact } from './linux-host.ts';
import type { Lookup } from './route-lookup.ts';

type Found = Extract<Lookup, { readonly kind: 'found' }>;
type Refused = Extract<Lookup, { readonly kind: 'refused' }>;

export function foundRoute(host: LinuxHost, { route, rule }: Found): FoundRoute {
  const { family } = route.prefix;
  return {
    rule: quoteOf(host.rules[family], rule.text),
    route: quoteOf(host.routes[family], route.text),
    table: route.table,
    prefix: route.prefix,
    protocol: route.protocol,
    preferredSource: route.preferredSource,
  };
}

export function waysOf(choice: LegChoice, destination: Address): Ways {
  const [first, ...rest] = choice.map(({ leg: { interface: device, gateway }, route: { mtu } }): Way => {
    return { interface: device, nextHop: gateway ?? destination, gateway, mtu };
  });
  return first === undefined ? undecided('the route has no next hop') : [first, ...rest];
}

export function drop(reason: DropReason, rest: { readonly quote?: Quote; readonly sysctl?: SysctlFact } = {}): Drop {
  return { kind: 'drop', reason, quote: rest.quote ?? null, sysctl: rest.sysctl ?? null };
}

export function refusedBy(host: LinuxHost, family: 4 | 6, { refusal, by }: Refused): Drop {
  return drop(refusal, { quote: quoteOf(by.kind === 'rule' ? host.rules[family] : host.routes[family], by.text) });
}

function quoteOf(part: LinuxHost['rules'][4] | LinuxHost['routes'][4], text: string): Quote {
  return { text, observedAt: part.known ? part.observedAt : '' };
}
