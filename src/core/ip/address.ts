/**
 * IP addresses and prefixes: pure values without clock, randomness or node:*. Text enters through `parseX` (a reason on
 * failure), `tryParseX` (undefined on failure) or `strictX` (only the canonical text, throws) and is never parsed again.
 * Tests: `node --test 'src/core/ip/*.test.ts'`; two oracles are used, ipaddr.js and PostgreSQL's inet.
 */
import { formatIpv4, parseIpv4 } from './ipv4-text.ts';
import { formatIpv6, parseIpv6 } from './ipv6-text.ts';
import type { ParseResult } from './parse-result.ts';
import { accepted, refused } from './parse-result.ts';
import { quoteInput } from './quote-input.ts';

declare const checked: unique symbol;
declare const canonical: unique symbol;

/** Family is the IP version, used as tag of addresses and prefixes. */
export type Family = 4 | 6;

/** Address4 is an IPv4 address; `value` is a uint32. Made only by `address4` and the parsers. */
export interface Address4 {
  readonly family: 4;
  readonly value: number;
  readonly [checked]: 'address';
}

/** Address6 is an IPv6 address; `value` has 128 bits. Made only by `address6` and the parsers. */
export interface Address6 {
  readonly family: 6;
  readonly value: bigint;
  readonly [checked]: 'address';
}

export type Address = Address4 | Address6;

/** AddressText is an address in its one canonical spelling: equal addresses have equal text, so it serves as map key. */
export type AddressText = string & { readonly [canonical]: 'address' };

/** address4 makes an address from a uint32; throws RangeError for anything else. */
export function address4(value: number): Address4 {
  if (value >>> 0 !== value) throw new RangeError(`IPv4 address value ${String(value)} is not an integer from 0 to 2^32-1`);
  return { family: 4, value } as Address4;
}

/** address6 makes an address from an unsigned 128-bit integer; throws RangeError for anything else. */
export function address6(value: bigint): Address6 {
  if (BigInt.asUintN(128, value) !== value) throw new RangeError(`IPv6 address value ${String(value)} is outside 0 to 2^128-1`);
  return { family: 6, value } as Address6;
}

/** parseAddress reads one address of either family; a prefix ("10.0.0.0/8") is refused. */
export function parseAddress(text: string): ParseResult<Address> {
  if (text.includes('/')) return refused(`${quoteInput(text)} is a prefix; an address without /length is expected`);
  return text.includes(':') ? parseAddress6(text) : parseAddress4(text);
}

/** parseAddress4 reads an IPv4 address in strict dotted quad form. */
export function parseAddress4(text: string): ParseResult<Address4> {
  const parsed = parseIpv4(text);
  return parsed.ok ? accepted(address4(parsed.value)) : parsed;
}

/** parseAddress6 reads an IPv6 address in any form of RFC 4291 section 2.2. */
export function parseAddress6(text: string): ParseResult<Address6> {
  const parsed = parseIpv6(text);
  return parsed.ok ? accepted(address6(parsed.value)) : parsed;
}

/** tryParseAddress is parseAddress for callers that need no reason. */
export function tryParseAddress(text: string): Address | undefined {
  const parsed = parseAddress(text);
  return parsed.ok ? parsed.value : undefined;
}

/** strictAddress reads canonical text, as our own code writes it; throws RangeError for any other. */
export function strictAddress(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new RangeError(parsed.reason);
  const wanted = formatAddress(parsed.value);
  if (wanted !== text) throw new RangeError(`${quoteInput(text)} is not in canonical form; write ${wanted}`);
  return parsed.value;
}

/** formatAddress writes the canonical text: dotted quad, or RFC 5952. */
export function formatAddress(address: Address): AddressText {
  return (address.family === 4 ? formatIpv4(address.value) : formatIpv6(address.value)) as AddressText;
}

/** compareAddress is a total order: IPv4 before IPv6, then by value; the same order as PostgreSQL's inet. */
export function compareAddress(a: Address, b: Address): -1 | 0 | 1 {
  if (a.family !== b.family) return a.family < b.family ? -1 : 1;
  if (a.value === b.value) return 0;
  return a.value < b.value ? -1 : 1;
}

/** equalAddress is true for the same address of the same family (::ffff:10.0.0.1 is not 10.0.0.1). */
export function equalAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value;
}

/** addressPlus is the address `offset` further on (or back); undefined where that leaves the address space. */
export function addressPlus(address: Address4, offset: number | bigint): Address4 | undefined;
export function addressPlus(address: Address6, offset: number | bigint): Address6 | undefined;
export function addressPlus(address: Address, offset: number | bigint): Address | undefined;
export function addressPlus(address: Address, offset: number | bigint): Address | undefined {
  const value = BigInt(address.value) + BigInt(offset);
  // The shift of a negative bigint is negative, so both ends of the space are checked at once.
  if (address.family === 4) return value >> 32n === 0n ? address4(Number(value)) : undefined;
  return value >> 128n === 0n ? address6(value) : undefined;
}
