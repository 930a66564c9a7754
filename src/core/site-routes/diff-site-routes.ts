import type { NetworkId } from '../ids.ts';
import type { PrefixText } from '../ip/prefix.ts';
import { comparePrefix, everything, strictPrefix } from '../ip/prefix.ts';
import type { NatMode } from '../model.ts';
import type { PlannedNetwork, PreparedPlan } from './site-plan.ts';

/** RouteChange is what somebody has to do at the router of one network: lines to add and lines to take away. Never both empty. */
export type RouteChange = {
  readonly network: NetworkId;
  readonly added: readonly PrefixText[];
  readonly removed: readonly PrefixText[];
};

/**
 * diffSiteRoutes says which networks' LANs need other routes after a change: required ones, and the default. Networks that are new are in
 * it with all that they need; one that is gone is not, its router is no longer ours to speak of. Only what differs is looked at, not the
 * whole list of each network, because a site that comes or goes concerns all others.
 */
export function diffSiteRoutes(before: PreparedPlan, after: PreparedPlan): readonly RouteChange[] {
  // With equal NAT mode most of both lists is the same for all networks.
  const shared: Partial<Record<NatMode, readonly PrefixText[]>> = {};
  const sharedOf = (nat: NatMode) => (shared[nat] ??= [...before.blocksFor(nat).symmetricDifference(after.blocksFor(nat))]);
  return [...after.networks.values()].flatMap((network) => {
    const previous = before.networks.get(network.id);
    const candidates =
      previous?.nat === network.nat
        ? sharedOf(network.nat)
        : [...(previous === undefined ? [] : before.blocksFor(previous.nat)), ...after.blocksFor(network.nat)];
    const was = membership(before, previous);
    const is = membership(after, network);
    const seen = new Set([...candidates, ...was.special, ...is.special]);
    const added = [...seen].filter((text) => is.has(text) && !was.has(text));
    const removed = [...seen].filter((text) => was.has(text) && !is.has(text));
    return added.length === 0 && removed.length === 0
      ? []
      : [{ network: network.id, added: sorted(added), removed: sorted(removed) }];
  });
}

type Membership = { readonly has: (text: PrefixText) => boolean; readonly special: readonly PrefixText[] };

/** Which destinations a network has, without making its list. `special` are those that may differ from everybody's. */
function membership(plan: PreparedPlan, network: PlannedNetwork | undefined): Membership {
  if (network === undefined) return { has: () => false, special: [] };
  const { without, instead } = plan.exceptionsOf(network);
  const whole = plan.blocksFor(network.nat);
  const own = new Set(instead);
  const internet = network.internet !== 'SPLIT_TUNNEL_ON';
  return {
    has: (text) => (text === everything ? internet : own.has(text) || (whole.has(text) && !without.has(text))),
    special: [...without, ...instead, everything],
  };
}

function sorted(texts: readonly PrefixText[]): readonly PrefixText[] {
  return texts.toSorted((a, b) => comparePrefix(strictPrefix(a), strictPrefix(b)));
}
