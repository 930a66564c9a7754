import type { AddressText } from '../ip/address.ts';

/** ProbeResult is what came of one probe through a connector. A late answer is a miss: whoever waits that long is not served. */
export type ProbeResult =
  | { readonly kind: 'answered'; readonly address: AddressText; readonly roundTripMs: number }
  | { readonly kind: 'missed'; readonly address: AddressText };

/** ProbeTrack is what is known of one address that is probed through one connector. */
export type ProbeTrack = {
  readonly hasAnswered: boolean;
  /** In a row, up to now. */
  readonly misses: number;
  /** Of the last answer. */
  readonly lastMs: number | null;
  /** Smoothed as TCP does (RFC 6298): an eighth of each new one, so that a single slow answer does not count for much. */
  readonly usualMs: number | null;
};

export const newTrack: ProbeTrack = { hasAnswered: false, misses: 0, lastMs: null, usualMs: null };

/** tracked is the track after one more result. */
export function tracked(track: ProbeTrack, result: ProbeResult): ProbeTrack {
  if (result.kind === 'missed') return { ...track, misses: track.misses + 1 };
  const { roundTripMs } = result;
  const usualMs = track.usualMs === null ? roundTripMs : track.usualMs + (roundTripMs - track.usualMs) / 8;
  return { hasAnswered: true, misses: 0, lastMs: roundTripMs, usualMs };
}
