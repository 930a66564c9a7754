import { reconnectMs } from '../../core/connect-authentication.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { EndpointId } from '../../core/ids.ts';
import type { EndReason } from '../../core/session-fate.ts';
import type { Session } from '../session.ts';
import { isSameMachine } from '../session.ts';

type Ended = Pick<Session, 'endpoint' | 'clientAddress' | 'heardAt' | 'authenticated' | 'peer'>;

/** End is how a session ended. `silentMs`: whoever was heard of more recently did not fall silent (settings.ts). */
export type End = {
  readonly reason: EndReason;
  /** Of its lane; undefined if that is not there any more. */
  readonly protocol: 'udp' | 'tcp' | undefined;
  readonly silentMs: number;
};

/**
 * LostConnections remembers authenticated connections that ended without the person's wish, so that whoever comes back shortly after goes
 * on with theirs and is not asked (`reconnectMs`). Only of this agent's life: after its restart one that is lost is asked for again.
 */
export class LostConnections {
  readonly #lost = new Map<EndpointId, Ended>();

  /** ended takes note of a session that is over. */
  ended(session: Ended, end: End, now: number): void {
    if (isLost(session, end, now)) this.#lost.set(session.endpoint, session);
    else if (end.reason !== 'superseded') this.#lost.delete(session.endpoint);
  }

  /** continues tells whether a client that comes now goes on with a connection that its device lost. */
  continues(endpoint: EndpointId, client: Pick<Session, 'clientAddress' | 'peer'>, now: number): boolean {
    const lost = this.#lost.get(endpoint);
    return lost !== undefined && now - lost.heardAt < reconnectMs && isSameMachine(lost, client);
  }

  /** configured forgets those that are gone, suspended, or too long ago: back again, they are asked. */
  configured(configuration: GatewayConfiguration, now: number): void {
    for (const [id, { heardAt }] of this.#lost) {
      if (configuration.endpoints[id]?.admission !== 'admitted' || now - heardAt >= reconnectMs) this.#lost.delete(id);
    }
  }
}

/**
 * A client that is switched off says so over UDP (explicit-exit-notify), and its session ends while it is still heard of; one that is lost
 * is silent until the daemon gives it up. Over TCP both are an end of the connection, so there it always counts as lost.
 */
function isLost(session: Ended, { reason, protocol, silentMs }: End, now: number): boolean {
  if (!session.authenticated) return false;
  switch (reason) {
    case 'revoked':
    case 'suspended':
    case 'machine-unnamed':
    case 'machine-other':
    case 'machine-none-known':
    case 'superseded':
      return false;
    case 'disconnected':
      return protocol !== 'udp' || now - session.heardAt >= silentMs;
    case 'address-changed':
    case 'lane-removed':
    case 'routes-changed':
    case 'internet-changed':
    case 'dns-changed':
    case 'prefixes-changed':
    case 'handover-overdue':
    case 'lane-ended':
      return true;
  }
}
