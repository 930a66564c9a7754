/** Retention is for how many days each kind of record is kept after it has ended; a day is 24 hours. */
export type Retention = Readonly<Record<RetentionKind, number>>;

type Rule = { readonly standard: number; readonly least: number; readonly most: number };

/**
 * What can be set, with its bounds. `least`: programs that follow events come back within a day; who looks into a break-in
 * looks back for weeks. `most` is ten years: what is to be kept longer belongs into another system.
 */
export const retentionRules = {
  /** What happened, as the event list and the stream give it. */
  events: { standard: 30, least: 1, most: 3650 },
  /** Who changed what. */
  audit: { standard: 400, least: 30, most: 3650 },
  /** Tunnels that have ended. The API lists those of the last 30 days, whatever is kept. */
  sessions: { standard: 30, least: 1, most: 3650 },
  /** Mails that were sent or given up; their links are gone long before. */
  mails: { standard: 30, least: 1, most: 3650 },
  /** Invitations after their end. */
  invitations: { standard: 30, least: 1, most: 3650 },
} as const satisfies Record<string, Rule>;

export type RetentionKind = keyof typeof retentionRules;
export const retentionKinds = Object.keys(retentionRules) as readonly RetentionKind[];

/** retentionWith fills in what was never set. What lies outside of the bounds (of another version) is taken for the nearest that is allowed. */
export function retentionWith(chosen: Readonly<Record<string, number | undefined>>): Retention {
  const days = (kind: RetentionKind): number => {
    const { standard, least, most } = retentionRules[kind];
    return Math.min(most, Math.max(least, chosen[kind] ?? standard));
  };
  return {
    events: days('events'),
    audit: days('audit'),
    sessions: days('sessions'),
    mails: days('mails'),
    invitations: days('invitations'),
  };
}
