import type { PrefixText } from '../../core/ip/prefix.ts';
import { everything } from '../../core/ip/prefix.ts';

/**
 * kernelPrefix reads a destination or source as ip and nft print it: a prefix, an address for a /32, or `default`. Both print canonical text
 * from numbers, so it is only looked at for what could not be put on a command line again; a spelling that is not ours is an orphan then.
 * This runs for each of 10,000 entries at each pass. Undefined for IPv6 and for anything else.
 */
export function kernelPrefix(printed: string): PrefixText | undefined {
  if (printed === 'default') return everything;
  if (!/^[0-9.]{7,15}(\/[0-9]{1,2})?$/.test(printed)) return undefined;
  return (printed.includes('/') ? printed : `${printed}/32`) as PrefixText;
}
