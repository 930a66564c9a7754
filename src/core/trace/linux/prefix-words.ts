import type { Prefix } from '../../ip/prefix.ts';
import { addressBits, formatPrefix } from '../../ip/prefix.ts';

/** prefixWords writes a prefix as iproute2 does: an address alone where it is the whole prefix. */
export function prefixWords(prefix: Prefix): string {
  const text = formatPrefix(prefix);
  return prefix.length === addressBits(prefix.family) ? text.slice(0, text.indexOf('/')) : text;
}
