import { tryParseAddress } from '../../ip/address.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import { containsAddress, formatPrefix, hostPrefix, overlaps, strictPrefix, tryParsePrefix } from '../../ip/prefix.ts';
import type { FixContext } from './entry.ts';

type Ranges = Pick<FixContext, 'tunnelRanges'>;

/** rangeOf is the tunnel range that an address lies in; undefined where it is no tunnel address. */
export function rangeOf(text: string, { tunnelRanges }: Ranges): PrefixText | undefined {
  const address = tryParseAddress(text);
  return address === undefined ? undefined : tunnelRanges.find((range) => containsAddress(strictPrefix(range), address));
}

/** prefixAround is the prefix that a cause names; else the tunnel range of the address; else the address alone; undefined where there is none. */
export function prefixAround(named: string | undefined, text: string | undefined, ranges: Ranges): PrefixText | undefined {
  const prefix = tryParsePrefix(named ?? '');
  if (prefix !== undefined) return formatPrefix(prefix);
  const address = tryParseAddress(text ?? '');
  if (text === undefined || address === undefined) return undefined;
  return rangeOf(text, ranges) ?? formatPrefix(hostPrefix(address));
}

/** isInTunnelRange also says yes of what nobody has named: most of what passes a connector is for devices. */
export function isInTunnelRange(text: string | undefined, { tunnelRanges }: Ranges): boolean {
  const address = tryParseAddress(text ?? '');
  const wanted = address === undefined ? tryParsePrefix(text ?? '') : hostPrefix(address);
  return wanted === undefined || tunnelRanges.some((range) => overlaps(strictPrefix(range), wanted));
}
