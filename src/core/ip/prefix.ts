/**
 * Prefix values: a network address with a length and no host bits. Every function that takes several prefixes takes both
 * families mixed; prefixes of different families never contain or overlap each other.
 */
import type { Address, Address4, Address6, AddressText, Family } from './address.ts';
import { address4, address6, formatAddress, parseAddress } from './address.ts';
import { formatIpv4, parseIpv4 } from './ipv4-text.ts';
import type { ParseResult } from './parse-result.ts';
import { accepted, refused } from './parse-result.ts';
import { quoteInput } from './quote-input.ts';

declare const checked: unique symbol;
declare const canonical: unique symbol;

/** Prefix4 is an IPv4 prefix: `base` is the first address as uint32, `length` is 0 to 32, host bits are zero. */
export interface Prefix4 {
  readonly family: 4;
  readonly base: number;
  readonly length: number;
  readonly [checked]: 'prefix';
}

/** Prefix6 is an IPv6 prefix: `base` is the first address with 128 bits, `length` is 0 to 128, host bits are zero. */
export interface Prefix6 {
  readonly family: 6;
  readonly base: bigint;
  readonly length: number;
  readonly [checked]: 'prefix';
}

export type Prefix = Prefix4 | Prefix6;

/** PrefixText is a prefix in its one canonical spelling ("10.0.0.0/18"): equal prefixes have equal text. */
export type PrefixText = string & { readonly [canonical]: 'prefix' };

/** The whole of IPv4: a default route, or the owner of whatever is sent there. */
export const everything = '0.0.0.0/0' as PrefixText;

/** isIpv4Text tells the family of a canonical prefix or address without reading it. */
export function isIpv4Text(text: PrefixText | AddressText): boolean {
  return !text.includes(':');
}

/** prefixOf is the prefix of this length that the address lies in: host bits are cleared. Throws RangeError on a bad length. */
export function prefixOf(address: Address4, length: number): Prefix4;
export function prefixOf(address: Address6, length: number): Prefix6;
export function prefixOf(address: Address, length: number): Prefix;
export function prefixOf(address: Address, length: number): Prefix {
  const bits = addressBits(address.family);
  if (!Number.isInteger(length) || length < 0 || length > bits) {
    throw new RangeError(`prefix length ${String(length)} is not an integer from 0 to ${String(bits)}`);
  }
  if (address.family === 4) return { family: 4, base: (address.value & mask4(length)) >>> 0, length } as Prefix4;
  const host = BigInt(128 - length);
  return { family: 6, base: (address.value >> host) << host, length } as Prefix6;
}

/** hostPrefix is the /32 or /128 of one address. */
export function hostPrefix(address: Address4): Prefix4;
export function hostPrefix(address: Address6): Prefix6;
export function hostPrefix(address: Address): Prefix;
export function hostPrefix(address: Address): Prefix {
  return prefixOf(address, addressBits(address.family));
}

/** addressBits is the length of an address: 32 or 128. */
export function addressBits(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

function mask4(length: number): number {
  // A shift by 32 is a shift by 0 in JavaScript.
  return length === 0 ? 0 : (0xffff_ffff << (32 - length)) >>> 0;
}

/**
 * parsePrefix reads "ADDRESS/LENGTH" and refuses what is not exactly a prefix. Host bits are never cleared silently:
 * the failure carries the prefix that was probably meant as `suggestion`.
 */
export function parsePrefix(text: string): ParseResult<Prefix> {
  const slash = text.indexOf('/');
  if (slash < 0) {
    const alone = parseAddress(text);
    if (!alone.ok) return refused(`${quoteInput(text)} is not a prefix: an address and a length are expected, like 10.0.0.0/18`);
    return refused(`${quoteInput(text)} is an address without a prefix length`, formatPrefix(hostPrefix(alone.value)));
  }
  const address = parseAddress(text.slice(0, slash));
  if (!address.ok) return address;
  const { family } = address.value;
  const lengthText = text.slice(slash + 1);
  const bits = addressBits(family);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(lengthText) || Number(lengthText) > bits) {
    const meant = family === 4 ? lengthOfNetmask(lengthText) : undefined;
    return refused(
      `${quoteInput(text)} is not a prefix: the length after the slash is not a number from 0 to ${String(bits)}`,
      meant === undefined ? undefined : formatPrefix(prefixOf(address.value, meant)),
    );
  }
  const prefix = prefixOf(address.value, Number(lengthText));
  if (prefix.base !== address.value.value) return refused(`${quoteInput(text)} has host bits set`, formatPrefix(prefix));
  return accepted(prefix);
}

/** tryParsePrefix is parsePrefix for callers that need no reason. */
export function tryParsePrefix(text: string): Prefix | undefined {
  const parsed = parsePrefix(text);
  return parsed.ok ? parsed.value : undefined;
}

/** strictPrefix reads canonical text, as our own code and PostgreSQL's cidr write it; throws RangeError for any other. */
export function strictPrefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new RangeError(parsed.reason);
  const wanted = formatPrefix(parsed.value);
  if (wanted !== text) throw new RangeError(`${quoteInput(text)} is not in canonical form; write ${wanted}`);
  return parsed.value;
}

/** formatPrefix writes the canonical text, which is also what `ip route` and nft read. */
export function formatPrefix(prefix: Prefix): PrefixText {
  return `${formatAddress(firstAddress(prefix))}/${String(prefix.length)}` as PrefixText;
}

/** netmask is the dotted mask that openvpn's `route` and many routers want: "255.255.192.0" for a /18. */
export function netmask(prefix: Prefix4): AddressText {
  return formatAddress(address4(mask4(prefix.length)));
}

/** Length of a contiguous dotted mask; undefined for anything else. */
function lengthOfNetmask(text: string): number | undefined {
  const mask = parseIpv4(text);
  if (!mask.ok) return undefined;
  const length = Math.clz32(~mask.value);
  return formatIpv4(mask4(length)) === text ? length : undefined;
}

/** firstAddress is the network address itself. */
export function firstAddress(prefix: Prefix4): Address4;
export function firstAddress(prefix: Prefix6): Address6;
export function firstAddress(prefix: Prefix): Address;
export function firstAddress(prefix: Prefix): Address {
  return prefix.family === 4 ? address4(prefix.base) : address6(prefix.base);
}

/** lastAddress is the highest address inside; in IPv4 subnets shorter than /31 that is the broadcast address. */
export function lastAddress(prefix: Prefix4): Address4;
export function lastAddress(prefix: Prefix6): Address6;
export function lastAddress(prefix: Prefix): Address;
export function lastAddress(prefix: Prefix): Address {
  if (prefix.family === 4) return address4((prefix.base | ~mask4(prefix.length)) >>> 0);
  return address6(prefix.base + (prefixSize(prefix) - 1n));
}

/** prefixSize is the number of addresses inside: up to 2^32 as number, up to 2^128 as bigint. */
export function prefixSize(prefix: Prefix4): number;
export function prefixSize(prefix: Prefix6): bigint;
export function prefixSize(prefix: Prefix): number | bigint;
export function prefixSize(prefix: Prefix): number | bigint {
  return prefix.family === 4 ? 2 ** (32 - prefix.length) : 1n << BigInt(128 - prefix.length);
}

/** containsAddress is true if the address lies inside. */
export function containsAddress(prefix: Prefix, address: Address): boolean {
  if (prefix.family === 4) {
    return address.family === 4 && Math.clz32(prefix.base ^ address.value) >= prefix.length;
  }
  return address.family === 6 && (prefix.base ^ address.value) >> BigInt(128 - prefix.length) === 0n;
}

/** contains is true if every address of `inner` lies in `outer`; a prefix contains itself. */
export function contains(outer: Prefix, inner: Prefix): boolean {
  if (inner.length < outer.length) return false;
  if (outer.family === 4) return inner.family === 4 && Math.clz32(outer.base ^ inner.base) >= outer.length;
  return inner.family === 6 && (outer.base ^ inner.base) >> BigInt(128 - outer.length) === 0n;
}

/** overlaps is true if the two have an address in common, which for prefixes means that one contains the other. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? contains(a, b) : contains(b, a);
}

/** equalPrefix is true for the same prefix. */
export function equalPrefix(a: Prefix, b: Prefix): boolean {
  return a.family === b.family && a.length === b.length && a.base === b.base;
}

/**
 * comparePrefix is a total order: IPv4 before IPv6, then by first address, then the shorter (larger) first, so that a
 * prefix comes directly before everything that it contains. PostgreSQL orders cidr values in the same way.
 */
export function comparePrefix(a: Prefix, b: Prefix): -1 | 0 | 1 {
  if (a.family !== b.family) return a.family < b.family ? -1 : 1;
  if (a.base !== b.base) return a.base < b.base ? -1 : 1;
  if (a.length === b.length) return 0;
  return a.length < b.length ? -1 : 1;
}
