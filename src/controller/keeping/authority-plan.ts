import type { AuthorityStep } from '../signer/protocol.ts';

/** AuthorityFacts are what the next step of the CA's renewal follows from; times in milliseconds since 1970. */
export type AuthorityFacts = {
  readonly now: number;
  readonly current: { readonly notBefore: number; readonly notAfter: number };
  /** The next CA has been made. */
  readonly isAnnounced: boolean;
  /** It signs what connectors and devices get. */
  readonly isSwitched: boolean;
  /** Names of gateways whose lanes do not all believe both. */
  readonly gatewaysBehind: readonly string[];
  /** Certificates of connectors and devices that still count, and that the current CA has signed. */
  readonly dependents: number;
};

export type AuthorityPlan =
  | { readonly kind: 'step'; readonly step: AuthorityStep }
  /** Nothing for now; `until` in words. */
  | { readonly kind: 'wait'; readonly until: string };

/**
 * Of its life: four of twenty years, one more than a profile lasts. So every profile that names the old CA alone has ended, or was replaced, a year
 * before the old CA does.
 */
const overlapShare = 1 / 5;

/** When the old CA is given up whoever still depends on it: a month of twenty years. Afterwards nobody could verify anything by it. */
const givenUpShare = 1 / 240;

/** overlapBegins says when the next CA is made by itself. */
export function overlapBegins({ notBefore, notAfter }: AuthorityFacts['current']): number {
  return notAfter - (notAfter - notBefore) * overlapShare;
}

/** retiresAtLatest says when the old CA is given up in any case. */
export function retiresAtLatest({ notBefore, notAfter }: AuthorityFacts['current']): number {
  return notAfter - (notAfter - notBefore) * givenUpShare;
}

/**
 * planAuthority decides the next step (decision 108). A CA that has ended is not renewed by itself: with it every profile and connector has to be
 * installed anew, which somebody has to want, and a clock that is wrong must not cause it.
 */
export function planAuthority(facts: AuthorityFacts): AuthorityPlan {
  const { now, current, isAnnounced, isSwitched, gatewaysBehind, dependents } = facts;
  if (!isAnnounced) {
    const begins = overlapBegins(current);
    if (now >= current.notAfter) return { kind: 'wait', until: 'somebody runs causeway ca renew --now: the CA has ended' };
    if (now >= begins) return { kind: 'step', step: 'begin' };
    return { kind: 'wait', until: `${day(begins)}, when the next CA is made` };
  }
  if (!isSwitched) {
    if (gatewaysBehind.length === 0) return { kind: 'step', step: 'switch' };
    return {
      kind: 'wait',
      until: `the lanes of ${gatewaysBehind.join(', ')} believe both; each takes them up when nobody is on it, or after 14 days`,
    };
  }
  const latest = retiresAtLatest(current);
  if (dependents === 0 || now >= latest) return { kind: 'step', step: 'retire' };
  return {
    kind: 'wait',
    until: `${String(dependents)} certificates of the old CA have ended or are replaced, at the latest until ${day(latest)}`,
  };
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
