import { tryParseAddress } from '../../core/ip/address.ts';

/** Low bits of an IPv6 address that its owner chooses freely: a host has a /64 at least. */
const freeBits = 64n;

/** sourceNetwork is by what one sender is counted: an IPv4 address, and of an IPv6 address the /64, which holds 2^64 addresses of one host. */
export function sourceNetwork(text: string): string {
  const mapped = text.replace(/^::ffff:(?=\d+\.)/i, '');
  const address = tryParseAddress(mapped);
  if (address === undefined || address.family === 4) return mapped;
  return `${(address.value >> freeBits).toString(16)}::/64`;
}
