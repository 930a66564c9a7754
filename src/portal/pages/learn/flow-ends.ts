import type { Network } from '../../../contract/api/network.ts';
import type { UserGroup } from '../../../contract/api/user-group.ts';
import type { User } from '../../../contract/api/user.ts';
import type { LearnFlow } from './learn-search.ts';

/** Need is what a network lacks for a flow; there are words for it, and a place where it is made. */
export type Need = 'person' | 'network' | 'secondNetwork' | 'internetPerson' | 'gateway';

/** FlowEnds is between whom a flow can be shown, as a trace takes them, or what is missing for it. */
export type FlowEnds =
  | { readonly kind: 'possible'; readonly sources: readonly string[]; readonly destinations: readonly string[] }
  | { readonly kind: 'missing'; readonly needs: readonly Need[] };

type Objects = { readonly networks: readonly Network[]; readonly users: readonly User[]; readonly groups: readonly UserGroup[] };

/** An address of the internet that nobody has (RFC 5737). */
export const somewhere = '198.51.100.1';

/** flowEnds finds the ends of a flow of the tutorial in what there is. Pure. */
export function flowEnds(flow: LearnFlow, { networks, users, groups }: Objects): FlowEnds {
  const sites = networks
    .filter(({ routes, connectors }) => routes.length > 0 && connectors.length > 0)
    .map(({ name }) => `network:${name}`);
  const withDevice = users.filter(({ devices }) => devices.length > 0);
  switch (flow) {
    case 'remote-access':
      return possible(
        withDevice.map(({ username }) => username),
        sites,
        [...(withDevice.length === 0 ? (['person'] as const) : []), ...(sites.length === 0 ? (['network'] as const) : [])],
      );
    case 'internet': {
      const through = new Set(groups.filter(({ internetAccess }) => internetAccess === 'SPLIT_TUNNEL_OFF').map(({ id }) => id));
      const people = withDevice.filter(({ groupId }) => through.has(groupId));
      const hasGateway = networks.some(({ egress }) => egress);
      return possible(
        people.map(({ username }) => username),
        [somewhere],
        [...(people.length === 0 ? (['internetPerson'] as const) : []), ...(hasGateway ? [] : (['gateway'] as const))],
      );
    }
    case 'sites':
      return possible(sites, sites.toReversed(), sites.length < 2 ? ['secondNetwork'] : []);
  }
}

function possible(sources: readonly string[], destinations: readonly string[], needs: readonly Need[]): FlowEnds {
  return needs.length === 0 ? { kind: 'possible', sources, destinations } : { kind: 'missing', needs };
}
