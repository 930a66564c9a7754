import { tryParseAddress } from '../../core/ip/address.ts';

/** Low bits of an IPv6 address that its owner chooses freely: a host has a /64 at least. */
const freeBits = 64n;

/** sourceNetwork is by what one sender is counted: an IPv4 address, and of an IPv6 address the /64, which holds 2^64 addresses of one host. */
export function sourceNetwork(text: string): string {
  const plain = plainAddress(text);
  const address = tryParseAddress(plain);
  if (address === undefined || address.family === 4) return plain;
  return `${(address.value >> freeBits).toString(16)}::/64`;
}

/** plainAddress writes an IPv4 sender as such, also where a socket of both families calls it ::ffff:192.0.2.1. */
export function plainAddress(text: string): string {
  return text.replace(/^::ffff:(?=\d+\.)/i, '');
}
