import type { EndpointId } from '../ids.ts';
import type { Health } from './health.ts';
import type { Owners, Pool, PoolId } from './pool.ts';

/** Standing is what the choice of owners needs to know of a connector. Who is not probed counts as healthy. */
export type Standing = { readonly isAttached: boolean; readonly isDraining: boolean; readonly health: Health['state'] };

/** PoolChoice is who has the routes of a pool, and why it is them. */
export type PoolChoice = { readonly owners: readonly EndpointId[]; readonly why: ChoiceReason };

export type ChoiceReason =
  /** Nobody healthy is preferred to it. */
  | 'best'
  /** All that are healthy, since they share. */
  | 'sharing'
  /** Only such are left that are not trusted yet. */
  | 'recovering'
  /** Only such are left that are to be emptied. */
  | 'draining'
  /** Nobody is healthy. */
  | 'kept'
  | 'refused'
  /** Nobody is connected. */
  | 'nobody';

type Member = Standing & { readonly endpoint: EndpointId; readonly isOwner: boolean };

/**
 * chooseOwners decides all pools. Pure; with its own result as `previous` and the same standings it gives the same again. Pools that are
 * not in `pools` are forgotten.
 */
export function chooseOwners(
  pools: readonly Pool[],
  standingOf: (endpoint: EndpointId) => Standing,
  previous: Owners,
): Map<PoolId, PoolChoice> {
  return new Map(pools.map((pool) => [pool.id, choose(pool, standingOf, previous.get(pool.id) ?? [])]));
}

function choose(pool: Pool, standingOf: (endpoint: EndpointId) => Standing, previous: readonly EndpointId[]): PoolChoice {
  // Nearly all pools of a large installation: nothing is to be weighed, and this is asked whenever anybody connects.
  const [only] = pool.candidates;
  if (only !== undefined && pool.candidates.length === 1 && pool.whenNoneIsHealthy === 'keep')
    return standingOf(only).isAttached ? { owners: [only], why: 'best' } : { owners: [], why: 'nobody' };
  const present = pool.candidates
    .map((endpoint): Member => ({ endpoint, ...standingOf(endpoint), isOwner: previous.includes(endpoint) }))
    .filter(({ isAttached }) => isAttached);
  if (present.length === 0) return { owners: [], why: 'nobody' };
  const taking = present.filter(({ isDraining }) => !isDraining);
  const good = taking.filter(({ health }) => health === 'healthy' || health === 'new');
  if (good.length > 0) return pool.sharing ? chosen(allGood(good), 'sharing') : chosen([bestGood(good)], 'best');
  const recovering = taking.filter(({ health }) => health === 'recovering');
  if (recovering.length > 0) return chosen(staying(recovering, pool), 'recovering');
  const draining = present.filter(({ isDraining, health }) => isDraining && health !== 'unhealthy');
  if (draining.length > 0) return chosen(staying(draining, pool), 'draining');
  if (pool.whenNoneIsHealthy === 'refuse') return { owners: [], why: 'refused' };
  const keeping = taking.length === 0 || present.some(({ isOwner }) => isOwner) ? present : taking;
  return chosen(staying(keeping, pool), 'kept');
}

function chosen(members: readonly Member[], why: ChoiceReason): PoolChoice {
  return { owners: members.map(({ endpoint }) => endpoint), why };
}

/** The owner gives way to nobody but one before it that has been seen to work; one that is new has only not failed yet. */
function bestGood(good: readonly Member[]): Member {
  return good.find(({ health, isOwner }) => health === 'healthy' || isOwner) ?? first(good);
}

function allGood(good: readonly Member[]): readonly Member[] {
  const sharing = good.filter(({ health, isOwner }) => health === 'healthy' || isOwner);
  return sharing.length === 0 ? [first(good)] : sharing;
}

/** Among those that are not good, moving gains nothing: who has the routes keeps them, wherever it stands. */
function staying(members: readonly Member[], { sharing }: Pool): readonly Member[] {
  const owners = members.filter(({ isOwner }) => isOwner);
  if (owners.length === 0) return [first(members)];
  return sharing ? owners : owners.slice(0, 1);
}

function first(members: readonly Member[]): Member {
  const [member] = members;
  if (member === undefined) throw new RangeError('a choice was asked for among no connectors');
  return member;
}
