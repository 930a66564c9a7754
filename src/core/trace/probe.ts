import type { ConnectorId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';

/**
 * ProbeKind is from where, and with which source, a connector asks (tracing.md 3):
 * `lan` with its own LAN address: the machine is there and listens. `overlay` with its tunnel address: the answer finds the way back, by
 * NAT or by a route of the LAN. `via-router` with its tunnel address and through the LAN's router: a router that keeps state has then seen
 * the beginning of the flow; if this one is answered and `overlay` is not, the router drops the answers of flows that it saw half of.
 * `site` with its own LAN address and to another network: the answer finds the way back from there, which only a route for the asking
 * network gives it, since no connector hides sources of sites from other sites (decision 85).
 */
export const probeKinds = ['lan', 'overlay', 'via-router', 'site'] as const;
export type ProbeKind = (typeof probeKinds)[number];

export type ProbeQuestion = {
  readonly kind: ProbeKind;
  readonly protocol: 'tcp' | 'icmp';
  readonly target: AddressText;
  /** Of TCP; null for ICMP. */
  readonly port: number | null;
  /** Length of the IP packet, which may not be fragmented; null: small, and it may. Of ICMP. */
  readonly bytes: number | null;
};

/** probeQuestion asks without a size: TCP at a port, a ping where it is null. */
export function probeQuestion(kind: ProbeKind, target: AddressText, port: number | null): ProbeQuestion {
  return { kind, protocol: port === null ? 'icmp' : 'tcp', target, port, bytes: null };
}

/** ProbePlan is what to ask whom, at once. */
export type ProbePlan = readonly { readonly connector: ConnectorId; readonly questions: readonly ProbeQuestion[] }[];

/**
 * ProbeAnswer: `answered` by the target, `refused` by it (RST: it is there and nobody listens), `unreachable` said by a machine on the way,
 * `too-big` likewise (DF), `silent` within the time, `not-possible` where the agent could not even ask.
 */
export const probeAnswers = ['answered', 'refused', 'unreachable', 'too-big', 'silent', 'not-possible'] as const;
export type ProbeAnswer = (typeof probeAnswers)[number];

export type ProbeResult = {
  readonly connector: ConnectorId;
  readonly question: ProbeQuestion;
  readonly answer: ProbeAnswer;
  /** The program's own words, one line. */
  readonly quote: string;
  /** ISO 8601. */
  readonly at: string;
};
