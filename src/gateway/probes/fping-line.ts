import type { ProbeResult } from '../../core/failover/probe-track.ts';
import { tryParseAddress, formatAddress } from '../../core/ip/address.ts';

/** `100.96.0.100 : [7], 84 bytes, 4.21 ms (4.05 avg, 0% loss)` or `100.96.0.100 : [8], timed out (4.05 avg, 11% loss)`. */
const line = /^(\S+)\s+: \[\d+\], (?:timed out|\d+ bytes, (\S+) ms)/;

/** What lies outside is no round trip: fping takes the machine's clock, and that was set while the probe was under way. */
const mostMs = 60_000;

/** readFpingLine reads one line that `fping -l` prints for each probe (5.1). Null for what is no result. */
export function readFpingLine(text: string): ProbeResult | null {
  const [, name, time] = line.exec(text) ?? [];
  const parsed = name === undefined ? undefined : tryParseAddress(name);
  if (parsed === undefined) return null;
  const address = formatAddress(parsed);
  if (time === undefined) return { kind: 'missed', address };
  const roundTripMs = Number(time);
  return roundTripMs >= 0 && roundTripMs <= mostMs ? { kind: 'answered', address, roundTripMs } : null;
}
