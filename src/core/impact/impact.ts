/**
 * src/core/impact says what a change of the model does to what lives now, before it is made: whose tunnels end or are interrupted, who gains and
 * loses which prefixes, which LAN routers need other routes, whose internet traffic takes another way. It decides none of that itself: the
 * gateway's session-fate.ts, compile.ts and site-routes are asked about the models before and after. Tests: `node --test 'src/core/impact/*.test.ts'`.
 *
 * This file: the whole answer.
 */
import { compile } from '../compile.ts';
import { isAsked } from '../connect-authentication.ts';
import type { GatewayConfiguration } from '../gateway-configuration.ts';
import type { NetworkId, UserId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';
import type { PrefixText } from '../ip/prefix.ts';
import { everything } from '../ip/prefix.ts';
import type { GatewaySite, WpcModel } from '../model.ts';
import { diffSiteRoutes } from '../site-routes/diff-site-routes.ts';
import { sitePlan } from '../site-routes/site-plan.ts';
import { planInput } from '../site-routes/site-routes.ts';
import type { AccessChange } from './access-impact.ts';
import { accessChanges } from './access-impact.ts';
import type { InternetChange } from './internet-impact.ts';
import { internetChanges } from './internet-impact.ts';
import type { Ends, LiveTunnel } from './live-ends.ts';
import { countOf, liveEnds } from './live-ends.ts';

/** ImpactQuestion is a model before and after a change, and what lives at the gateway now. */
export type ImpactQuestion = {
  readonly before: WpcModel;
  readonly after: WpcModel;
  /** Undefined while there is no gateway: nothing lives then. */
  readonly site: GatewaySite | undefined;
  readonly tunnels: readonly LiveTunnel[];
  /** Of all gateways: LANs need no route for them. */
  readonly gatewayAddresses: readonly AddressText[];
  /** Milliseconds since 1970: who has proved who they are counts for a time. */
  readonly now: number;
};

/** EndCount counts ends of live tunnels: a person with several devices is one of the people. */
export type EndCount = { readonly people: number; readonly devices: number; readonly connectors: number };

/** RouterWork is what somebody has to do at the router of one network's LAN; `machines` is about the default route of its other machines. */
export type RouterWork = {
  readonly networkId: NetworkId;
  readonly networkName: string;
  readonly added: readonly PrefixText[];
  readonly removed: readonly PrefixText[];
  readonly machines: 'need-default' | 'need-no-default' | null;
};

export type Impact = {
  /** Tunnels that end and cannot come back as they are. */
  readonly cut: EndCount;
  /** Tunnels that carry nothing for one to three seconds, because they must learn something. */
  readonly interrupted: EndCount;
  readonly access: readonly AccessChange[];
  readonly routers: readonly RouterWork[];
  readonly internet: readonly InternetChange[];
  /** People who are connected, and asked who they are at their next connection although they would not be now. */
  readonly asked: number;
};

/** impactOf is pure; between equal models it is `noImpact`. Throws what compile throws. */
export function impactOf(question: ImpactQuestion): Impact {
  const { before, after, site } = question;
  const routers = routerWork(question);
  if (site === undefined) return { ...noImpact, routers };
  const was = compile(before, site);
  const is = compile(after, site);
  const ends = liveEnds(was, is, question.tunnels, userOf(before));
  return {
    cut: countOf(ends, ({ fate }) => fate === 'cut'),
    interrupted: countOf(ends, ({ fate }) => fate === 'interrupted'),
    access: accessChanges(was, is, ends),
    routers,
    internet: internetChanges({ before, after, was, is, ends }),
    asked: newlyAsked(was, is, ends, question.now),
  };
}

const nobody: EndCount = { people: 0, devices: 0, connectors: 0 };

export const noImpact: Impact = { cut: nobody, interrupted: nobody, access: [], routers: [], internet: [], asked: 0 };

function userOf({ devices }: WpcModel): ReadonlyMap<string, UserId> {
  return new Map(devices.map(({ id, user }) => [`device:${id}`, user]));
}

function routerWork({ before, after, gatewayAddresses }: ImpactQuestion): readonly RouterWork[] {
  const plan = ({ tunnelRanges, networks }: WpcModel) => sitePlan(planInput({ tunnelRanges, networks, gatewayAddresses }));
  const names = new Map(after.networks.map(({ id, name }) => [id, name]));
  return diffSiteRoutes(plan(before), plan(after)).map(({ network, added, removed }) => ({
    networkId: network,
    networkName: names.get(network) ?? network,
    added: added.filter((text) => text !== everything),
    removed: removed.filter((text) => text !== everything),
    // The default is for the machines of the LAN: at the connector's own router it would lead the tunnel into itself (decision 78).
    machines: added.includes(everything) ? 'need-default' : removed.includes(everything) ? 'need-no-default' : null,
  }));
}

function newlyAsked(was: GatewayConfiguration, is: GatewayConfiguration, ends: Ends, now: number): number {
  const asks = ({ endpoints }: GatewayConfiguration, id: (typeof ends)[number]['endpoint']) => {
    const endpoint = endpoints[id];
    return endpoint?.kind === 'device' && isAsked(endpoint.authentication, false, now);
  };
  return countOf(ends, ({ endpoint, fate }) => fate !== 'cut' && asks(is, endpoint) && !asks(was, endpoint)).people;
}
