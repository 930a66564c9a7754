import type { LaneId } from '../core/lanes.ts';
import type { HeldIdentity } from './identity.ts';

/** RunningLane is a lane whose daemon runs and is attended. */
export type RunningLane = { readonly lane: LaneId; readonly startedAt: number; readonly clients: number };

/**
 * A lane that nobody leaves is started anew after this. Connectors leave theirs whenever their own certificate is renewed, by a second tunnel over the
 * hand-over lane, so this is for lanes of people that are never empty; a certificate of a lane is renewed 275 days before its end.
 */
const patienceMs = 14 * 24 * 3600 * 1000;

/**
 * laneToRenew gives the lane that should be started anew, so that it reads the certificate and the roots on disk: openvpn reads them at its start only.
 * One at a time, and first those on which nobody is: a client that comes meanwhile finds another lane. Undefined: none, or not now.
 */
export function laneToRenew(
  lanes: readonly RunningLane[],
  { changedAt, isReplaced }: HeldIdentity,
  now: number,
): LaneId | undefined {
  const stale = lanes.filter(({ startedAt }) => startedAt < changedAt);
  const empty = stale.find(({ clients }) => clients === 0);
  if (empty !== undefined) return empty.lane;
  if (!isReplaced && now - changedAt < patienceMs) return undefined;
  return stale.toSorted((a, b) => a.clients - b.clients)[0]?.lane;
}

/** trustedByAll gives the roots that every lane believes, for the report; none while one runs with what was there before. */
export function trustedByAll(lanes: readonly RunningLane[] | undefined, { changedAt, trusts }: HeldIdentity): readonly string[] {
  return lanes !== undefined && lanes.every(({ startedAt }) => startedAt >= changedAt) ? trusts : [];
}
