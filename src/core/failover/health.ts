import type { AddressText } from '../ip/address.ts';
import type { ProbeResult, ProbeTrack } from './probe-track.ts';
import { newTrack, tracked } from './probe-track.ts';
import type { FailoverTimings } from './timings.ts';
import { timeoutFor } from './timings.ts';

/**
 * Health is the state of one connector as its probes tell it. Immutable; all times are milliseconds of a clock that only goes forward,
 * and come in as arguments.
 *
 * States:
 *   new         connected, and nothing has answered yet. Left by an answer, or by as many misses as make a failure.
 *   healthy     answers.
 *   recovering  answers again, but has not for long enough to be trusted; or (`silent`) has never answered at all, which may be its
 *               firewall's doing and no failure. Left after `recoveryMs`, or by the first answer of one that never failed.
 *   unhealthy   is not connected, or has stopped to answer. Left by an answer only.
 * From any state `detached` and failing probes lead to unhealthy.
 */
export type Health = {
  readonly state: 'new' | 'healthy' | 'recovering' | 'unhealthy';
  readonly cause: HealthCause;
  /** When the present state began. */
  readonly since: number;
  /** It has failed before, or another was preferred to it before anybody remembers: it has to prove itself. */
  readonly isSuspect: boolean;
  readonly isAttached: boolean;
  readonly probed: ProbedAddresses;
  readonly tracks: ReadonlyMap<AddressText, ProbeTrack>;
};

export type HealthCause =
  | { readonly kind: 'detached' }
  /** Connected, no answer yet. */
  | { readonly kind: 'unproven' }
  | { readonly kind: 'never-answered' }
  /** Neither it nor what is behind it answers. */
  | { readonly kind: 'tunnel-silent' }
  /** It answers, but what is behind it does not: its LAN is cut. */
  | { readonly kind: 'target-silent'; readonly address: AddressText }
  | { readonly kind: 'answers' };

/** ProbedAddresses are the connector's own tunnel address and those behind it; with none of these only its tunnel is probed. */
export type ProbedAddresses = { readonly tunnel: AddressText; readonly targets: readonly AddressText[] };

/**
 * Credible says that an address behind a network has answered through any of its connectors. One that never did is no sign of a failure:
 * it may not answer anybody, or not know a way back.
 */
export type Credible = (address: AddressText) => boolean;

/** newHealth is a connector that is not connected yet. */
export function newHealth(probed: ProbedAddresses, isSuspect: boolean, now: number): Health {
  return {
    state: 'unhealthy',
    cause: { kind: 'detached' },
    since: now,
    isSuspect,
    isAttached: false,
    probed,
    tracks: new Map(),
  };
}

/** attached is the health when its tunnel has come up; the same again changes nothing. */
export function attached(health: Health, now: number): Health {
  if (health.isAttached) return health;
  // Who answered before is expected to answer again; misses of the last tunnel are not counted on.
  const tracks = new Map([...health.tracks].map(([address, track]) => [address, { ...track, misses: 0 }]));
  const state = health.isSuspect ? 'unhealthy' : 'new';
  return { ...health, state, cause: { kind: 'unproven' }, since: now, isAttached: true, tracks };
}

/** detached is the health when its tunnel is gone: it needs no probe to know that nothing passes. */
export function detached(health: Health, now: number): Health {
  if (!health.isAttached) return health;
  const since = health.state === 'unhealthy' ? health.since : now;
  return { ...health, state: 'unhealthy', cause: { kind: 'detached' }, since, isSuspect: true, isAttached: false };
}

/** probing is the health when other addresses are to be probed from now on. */
export function probing(health: Health, probed: ProbedAddresses): Health {
  const wanted = new Set([probed.tunnel, ...probed.targets]);
  return { ...health, probed, tracks: new Map([...health.tracks].filter(([address]) => wanted.has(address))) };
}

/** probed is the health after the result of one probe. Results of addresses that are not probed, or come too late, change nothing. */
export function probed(health: Health, result: ProbeResult, credible: Credible, timings: FailoverTimings, now: number): Health {
  const { tunnel, targets } = health.probed;
  if (!health.isAttached || (result.address !== tunnel && !targets.includes(result.address))) return health;
  const tracks = new Map(health.tracks).set(result.address, tracked(trackOf(health, result.address), result));
  return judged({ ...health, tracks }, result.kind === 'answered' ? result.address : null, credible, timings, now);
}

function judged(health: Health, answered: AddressText | null, credible: Credible, timings: FailoverTimings, now: number): Health {
  const failure = failureOf(health, credible, timings);
  if (failure !== null) return failed(health, failure, now);
  if (health.cause.kind === 'unproven' && hasOnlyMisses(health, timings)) {
    return { ...health, state: 'recovering', cause: { kind: 'never-answered' }, since: now };
  }
  if (health.state === 'recovering' && health.cause.kind === 'answers') {
    return now - health.since < timings.recoveryMs ? health : { ...health, state: 'healthy', since: now };
  }
  if (health.state === 'healthy' || answered === null || !isProof(health, answered, credible)) return health;
  return { ...health, state: health.isSuspect ? 'recovering' : 'healthy', cause: { kind: 'answers' }, since: now };
}

function failed(health: Health, cause: HealthCause, now: number): Health {
  const since = health.state === 'unhealthy' ? health.since : now;
  return { ...health, state: 'unhealthy', cause, since, isSuspect: true };
}

/** What is behind it tells most: if that answers, the tunnel carries. Only where no target counts, its own address decides. */
function failureOf(health: Health, credible: Credible, timings: FailoverTimings): HealthCause | null {
  const fails = (address: AddressText) => trackOf(health, address).misses >= timings.missesToFail;
  const { tunnel } = health.probed;
  const counted = countedTargets(health, credible);
  const [first] = counted;
  if (first === undefined) return trackOf(health, tunnel).hasAnswered && fails(tunnel) ? { kind: 'tunnel-silent' } : null;
  if (!counted.every(fails)) return null;
  return fails(tunnel) ? { kind: 'tunnel-silent' } : { kind: 'target-silent', address: first };
}

/** It answers where it counts: its own address is no proof of what is behind it, nor is what answered through an earlier tunnel. */
function isProof(health: Health, answered: AddressText, credible: Credible): boolean {
  const counted = countedTargets(health, credible);
  return counted.length === 0 ? answered === health.probed.tunnel : counted.includes(answered);
}

function hasOnlyMisses(health: Health, { missesToFail }: FailoverTimings): boolean {
  const track = trackOf(health, health.probed.tunnel);
  return !track.hasAnswered && track.misses >= missesToFail;
}

/** countedTargets are the addresses behind it that decide. */
export function countedTargets(health: Health, credible: Credible): readonly AddressText[] {
  return health.probed.targets.filter(credible);
}

/** probeTimeout gives after how many milliseconds the next probes through this connector count as missed. */
export function probeTimeout(health: Health, timings: FailoverTimings): number {
  if (health.cause.kind !== 'answers') return timings.patientTimeoutMs;
  const usual = [...health.tracks.values()].flatMap(({ usualMs }) => usualMs ?? []);
  return timeoutFor(usual.length === 0 ? null : Math.max(...usual), timings);
}

/** roundTrip is the last one to what is farthest behind it and answers; null if nothing ever did. */
export function roundTrip(health: Health): number | null {
  const addresses = [...health.probed.targets, health.probed.tunnel];
  return (
    addresses.map((address) => trackOf(health, address)).find(({ misses, lastMs }) => misses === 0 && lastMs !== null)?.lastMs ??
    null
  );
}

function trackOf(health: Health, address: AddressText): ProbeTrack {
  return health.tracks.get(address) ?? newTrack;
}
