import { notFound } from '../../contract/errors.ts';
import type { DesiredState } from '../../contract/connector-agent.ts';
import type { ConnectorId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import type { ConnectorSnapshotReader } from './connector-snapshot.ts';

type DesiredDeps = Pick<ControllerDeps, 'wakeUp'>;

/** Throws not-found for a connector that was deleted meanwhile. */
async function desiredState(read: ConnectorSnapshotReader, id: ConnectorId): Promise<DesiredState> {
  const { revision, stateOf } = await read();
  const state = stateOf(id);
  if (state === undefined) throw notFound('connector', id);
  return { ...state, revision };
}

/**
 * awaitDesiredState answers at once unless the agent holds this very revision; then when something that concerns this connector has
 * changed, or after the wait, or when the request is given up. Changes of others do not answer it: the agent learns of the higher
 * revision with the next answer.
 */
export async function awaitDesiredState(
  deps: DesiredDeps,
  read: ConnectorSnapshotReader,
  id: ConnectorId,
  held: { readonly revision: number | undefined; readonly wait_ms: number; readonly signal: AbortSignal },
): Promise<DesiredState> {
  const giveUpAt = performance.now() + held.wait_ms;
  const first = await desiredState(read, id);
  if (first.revision !== held.revision) return first;
  let latest = first;
  for (;;) {
    const left_ms = giveUpAt - performance.now();
    if (left_ms <= 0 || held.signal.aborted) return latest;
    const position = await deps.wakeUp.waitBeyond({ revision: latest.revision }, left_ms, held.signal);
    // Given up, timed out, or the controller is being stopped.
    if (position.revision <= latest.revision) return latest;
    latest = await desiredState(read, id);
    if (!sameButRevision(latest, first)) return latest;
  }
}

function sameButRevision(a: DesiredState, b: DesiredState): boolean {
  return JSON.stringify({ ...a, revision: 0 }) === JSON.stringify({ ...b, revision: 0 });
}
