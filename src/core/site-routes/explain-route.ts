import type { NetworkId } from '../ids.ts';
import type { NatMode } from '../model.ts';
import type { SitePair } from './site-pairs.ts';
import type { NetworkRoutes, RouteFlow, SiteRoute } from './site-routes.ts';

/** So many sites are named in a sentence. */
const namedSites = 5;

/** explainRoute says in one sentence what does not work without the route. Names are the operator's words, as they are. */
export function explainRoute(route: SiteRoute, nat: NatMode, nameOf: (id: NetworkId) => string): string {
  const sentences = new Set(route.flows.filter(({ kind }) => kind !== 'site-to-site').map((flow) => explainFlow(flow, nat)));
  const sites = route.flows.flatMap((flow) => (flow.kind === 'site-to-site' ? [nameOf(flow.network)] : []));
  const named = sites.slice(0, namedSites).join(', ');
  const rest = sites.length > namedSites ? ` and ${String(sites.length - namedSites)} more` : '';
  return [
    ...(sites.length === 0 ? [] : [`Connections with ${named}${rest}, whoever begins them: sources stay real between sites.`]),
    ...sentences,
  ].join(' ');
}

function explainFlow(flow: RouteFlow, nat: NatMode): string {
  switch (flow.kind) {
    case 'devices-reach-network':
      return "Answers to people's devices and hosts, whose addresses the LAN sees in routed mode.";
    case 'network-reaches-devices':
      return nat === 'routed'
        ? "What the LAN begins towards people's devices and hosts."
        : "Only what the LAN begins towards people's devices and hosts: answers need no route, because the connector masquerades.";
    case 'internet':
      return 'Internet traffic of this network goes through the tunnel: the machines of the LAN need the connector as their default router.';
    case 'site-to-site':
      return '';
  }
}

/** explainMove says what to do where several connectors stand in for each other; null where there is one. */
export function explainMove({ routesMove, nat }: NetworkRoutes): string | null {
  if (!routesMove) return null;
  const what = nat === 'routed' ? 'everything that reaches this LAN' : 'what goes from this LAN to other sites';
  return (
    `This network has several connectors and the router knows one of them. When another one takes over, ${what} stops until the routes ` +
    'point to its address; let the connectors share an address on the LAN (VRRP), or change the routes.'
  );
}

/** explainPair says what two networks need, in one sentence. */
export function explainPair(pair: SitePair, nameOf: (id: NetworkId) => string): string {
  const [from, to] = [nameOf(pair.from.network), nameOf(pair.to.network)];
  switch (pair.blocked) {
    case 'no-prefix':
      return `${from} and ${to} cannot reach each other: ${pair.routesAtTo.length === 0 ? from : to} has no prefix.`;
    case 'no-connector':
      return `${from} and ${to} cannot reach each other: ${pair.from.mayForward.length === 0 ? from : to} has no connector that is not suspended.`;
    case null:
      return (
        `The router of ${from} needs the routes to ${to}, the router of ${to} those back to ${from}, and both connectors forward.` +
        (pair.mixedNat ? " Their NAT modes differ, which matters for people's devices and not between the two." : '')
      );
  }
}
