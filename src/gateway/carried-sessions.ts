import type { SessionReport } from '../contract/gateway.ts';
import { establishedReport } from './session-report.ts';
import type { SessionTable } from './session-table.ts';
import type { SessionKey } from './session.ts';

/** CarriedSessions are the sessions that the kernel carries: those that were told as established, and the bytes that were told last. */
export class CarriedSessions {
  readonly #sessions: SessionTable;
  readonly #tell: (report: SessionReport) => void;
  readonly #bytes = new Map<SessionKey, number>();

  constructor(sessions: SessionTable, tell: (report: SessionReport) => void) {
    this.#sessions = sessions;
    this.#tell = tell;
  }

  has(key: SessionKey): boolean {
    return this.#bytes.has(key);
  }

  /** add tells of a session that the kernel carries from now on. */
  add(key: SessionKey): void {
    this.#say(key);
  }

  delete(key: SessionKey): void {
    this.#bytes.delete(key);
  }

  /** tellBytes tells of those on which something has passed since they were told. */
  tellBytes(): void {
    for (const key of this.#bytes.keys()) this.#say(key);
  }

  reports(): SessionReport[] {
    return [...this.#bytes.keys()].flatMap((key) => {
      const session = this.#sessions.byKey(key);
      return session === undefined ? [] : [establishedReport(session)];
    });
  }

  #say(key: SessionKey): void {
    const session = this.#sessions.byKey(key);
    if (session === undefined) return;
    const bytes = session.bytesIn + session.bytesOut;
    if (this.#bytes.get(key) === bytes) return;
    this.#bytes.set(key, bytes);
    this.#tell(establishedReport(session));
  }
}
