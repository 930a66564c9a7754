import type { SessionReport } from '../contract/gateway.ts';
import type { Refusal } from './decision.ts';
import type { ClientIdentity } from './management/environment.ts';
import type { PeerInfo, Session, SessionKey } from './session.ts';
import type { EndReason } from '../core/session-fate.ts';

/** establishedReport tells of a session whose packets pass. */
export function establishedReport(session: Session): SessionReport {
  return { ...common(session), state: 'established' };
}

/** endedReport tells of a session that is over. */
export function endedReport(session: Session, reason: EndReason, now: number): SessionReport {
  return { ...common(session), state: 'ended', reason, endedAt: new Date(now).toISOString() };
}

/** refusedReport tells of a known endpoint that was not let in. Null for certificates that belong to nobody: there is nobody to tell of. */
export function refusedReport(
  key: SessionKey,
  lane: Session['lane'],
  identity: ClientIdentity,
  refusal: Refusal,
  now: number,
): SessionReport | null {
  if (refusal.endpoint === null || identity.serial === null) return null;
  const at = new Date(now).toISOString();
  return {
    key,
    lane,
    endpoint: refusal.endpoint,
    serial: identity.serial,
    state: 'refused',
    reason: refusal.reason,
    clientAddress: identity.clientAddress,
    startedAt: at,
    endedAt: at,
    bytesIn: 0,
    bytesOut: 0,
    ...said(identity.peer),
  };
}

function common(session: Session): Omit<SessionReport, 'state'> {
  const { key, lane, endpoint, serial, clientAddress, bytesIn, bytesOut } = session;
  const startedAt = new Date(session.startedAt).toISOString();
  return { key, lane, endpoint, serial, clientAddress, startedAt, bytesIn, bytesOut, ...said(session.peer) };
}

function said({ version, platform, machine }: PeerInfo): Pick<SessionReport, 'clientVersion' | 'platform' | 'machine'> {
  return {
    ...(version === undefined ? {} : { clientVersion: version }),
    ...(platform === undefined ? {} : { platform }),
    ...(machine === undefined ? {} : { machine }),
  };
}
