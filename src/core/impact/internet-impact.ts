import type { EndpointInternet, GatewayConfiguration } from '../gateway-configuration.ts';
import type { EndpointId, NetworkId } from '../ids.ts';
import type { InternetAccess } from '../internet-access.ts';
import type { WpcModel } from '../model.ts';
import { endpointInternet } from '../compile-egress.ts';
import type { Ends } from './live-ends.ts';
import { countOf } from './live-ends.ts';

/**
 * InternetWay is how traffic for the internet leaves: by the local line, nowhere (`restricted`), by an internet gateway, or nowhere because no
 * internet gateway that may be used is connected (`no-gateway`).
 */
export type InternetWay =
  | { readonly kind: 'local' }
  | { readonly kind: 'restricted' }
  | { readonly kind: 'gateway'; readonly networkId: NetworkId; readonly networkName: string }
  | { readonly kind: 'no-gateway' };

/** InternetChange is a user group, network or host whose internet traffic takes another way; `people` are those of it who are connected. */
export type InternetChange = {
  readonly kind: 'user-group' | 'network' | 'host';
  readonly id: string;
  readonly name: string;
  readonly before: InternetWay;
  readonly after: InternetWay;
  readonly people: number;
};

type Models = {
  readonly before: WpcModel;
  readonly after: WpcModel;
  readonly was: GatewayConfiguration;
  readonly is: GatewayConfiguration;
  readonly ends: Ends;
};

type Holder = {
  readonly kind: InternetChange['kind'];
  readonly id: string;
  readonly name: string;
  readonly internet: InternetAccess;
};

/** internetChanges tells of those that are there before and after; the first internet gateway that is connected is the one that is used. */
export function internetChanges({ before, after, was, is, ends }: Models): readonly InternetChange[] {
  const wayBefore = wayIn(before, was, new Set(ends.map(({ endpoint }) => endpoint)));
  const wayAfter = wayIn(after, is, new Set(ends.filter(({ fate }) => fate !== 'cut').map(({ endpoint }) => endpoint)));
  const old = new Map(holdersOf(before).map((holder) => [holder.id, holder]));
  let groups: ReadonlyMap<string, string> | undefined;
  return holdersOf(after).flatMap((holder): InternetChange[] => {
    const had = old.get(holder.id);
    if (had === undefined) return [];
    const change = { before: wayBefore(had.internet), after: wayAfter(holder.internet) };
    if (keyOf(change.before) === keyOf(change.after)) return [];
    groups ??= new Map(after.users.map(({ id, group }) => [id, group]));
    const { kind, id, name } = holder;
    const { people } = countOf(ends, ({ user, fate }) => fate !== 'cut' && user !== null && groups?.get(user) === id);
    return [{ kind, id, name, ...change, people }];
  });
}

/** Without the name: a network that is called otherwise is the same way. */
function keyOf(way: InternetWay): string {
  return way.kind === 'gateway' ? `gateway ${way.networkId}` : way.kind;
}

function holdersOf({ userGroups, networks, hosts }: WpcModel): readonly Holder[] {
  return [
    ...userGroups.map(({ id, name, internet }): Holder => ({ kind: 'user-group', id, name, internet })),
    ...networks.map(({ id, name, internet }): Holder => ({ kind: 'network', id, name, internet })),
    ...hosts.map(({ id, name, internet }): Holder => ({ kind: 'host', id, name, internet })),
  ];
}

function wayIn(model: WpcModel, configuration: GatewayConfiguration, live: ReadonlySet<EndpointId>) {
  const gateways = new Map<string, InternetWay>();
  return (internet: InternetAccess): InternetWay => {
    if (internet.mode === 'RESTRICTED_INTERNET') return { kind: 'restricted' };
    const compiled: EndpointInternet = endpointInternet(internet, model.egressClassNumbers);
    if (compiled.kind === 'local') return compiled;
    const known = gateways.get(compiled.class);
    if (known !== undefined) return known;
    const way = gatewayOf(configuration, compiled.class, live);
    gateways.set(compiled.class, way);
    return way;
  };
}

function gatewayOf(configuration: GatewayConfiguration, id: `e${number}`, live: ReadonlySet<EndpointId>): InternetWay {
  const first = configuration.egress[id]?.candidates.find((each) => live.has(each));
  const endpoint = first === undefined ? undefined : configuration.endpoints[first];
  if (endpoint?.kind !== 'connector' || endpoint.network === null) return { kind: 'no-gateway' };
  const networkName = configuration.networks[endpoint.network]?.name ?? endpoint.network;
  return { kind: 'gateway', networkId: endpoint.network, networkName };
}
