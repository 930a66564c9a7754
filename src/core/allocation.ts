import type { Address4, AddressText } from './ip/address.ts';
import { address4, formatAddress } from './ip/address.ts';
import type { ParseResult } from './ip/parse-result.ts';
import { accepted, refused } from './ip/parse-result.ts';
import type { Prefix4, PrefixText } from './ip/prefix.ts';
import { containsAddress, formatPrefix, prefixSize, strictPrefix } from './ip/prefix.ts';

/**
 * Tunnel addresses (tutorial.md 1). In each tunnel range, by offset from its base:
 *
 *   0        the range itself       1          the gateway, on every lane (first range only)
 *   2-99     only when asked for    100-4095   connectors, from .100 upwards
 *   4096-    devices
 *
 * In a range below 8,192 addresses the border between connectors and devices is its middle, and below 256 connectors start at 2.
 * A last octet of 0 or 255 is never given unasked: with a /32 on a tun it would work, but people and old stacks take it for a
 * network or broadcast address.
 */
export type AddressUse = 'connector' | 'device';

/** AddressStock is what is known of the ranges: `taken` are in use; `resting` were released lately, longest released first. */
export type AddressStock = {
  readonly ranges: readonly Prefix4[];
  readonly taken: ReadonlySet<AddressText>;
  readonly resting: readonly AddressText[];
};

const gatewayOffset = 1;
const firstConnectorOffset = 100;
const connectorBlock = 4096;

/** gatewayAddress is the gateway's own address on every lane: the first host address of the first tunnel range. */
export function gatewayAddress(firstRange: Prefix4): Address4 {
  return address4(firstRange.base + gatewayOffset);
}

/** gatewayAddressOf is gatewayAddress of the WPC's ranges as the model holds them; throws RangeError where none is IPv4. */
export function gatewayAddressOf(ranges: readonly PrefixText[]): AddressText {
  const first = ranges.map((text) => strictPrefix(text)).find((prefix) => prefix.family === 4);
  if (first === undefined) throw new RangeError('the WPC has no IPv4 tunnel range');
  return formatAddress(gatewayAddress(first));
}

/**
 * addressProposer is proposeAddress for many in a row: each call goes on where the one before has stopped. Right as long as addresses are
 * only taken meanwhile, as within one transaction.
 */
export function addressProposer(use: AddressUse, ranges: readonly Prefix4[]): (stock: AddressStock) => ParseResult<AddressText> {
  const unseen = candidates(use, ranges);
  return (stock) => {
    const resting = new Set(stock.resting);
    for (let next = unseen.next(); next.done !== true; next = unseen.next()) {
      if (!stock.taken.has(next.value) && !resting.has(next.value)) return accepted(next.value);
    }
    return longestRested(use, stock);
  };
}

/**
 * proposeAddress gives the lowest free address for this use. Addresses that rest are given again only when nothing else is left,
 * the longest released first, so that a packet or a firewall rule meant for the old owner does not meet a new one.
 * Fails when every address of the use is taken. The database judges (unique constraint); core proposes.
 */
export function proposeAddress(use: AddressUse, stock: AddressStock): ParseResult<AddressText> {
  return addressProposer(use, stock.ranges)(stock);
}

function longestRested(use: AddressUse, stock: AddressStock): ParseResult<AddressText> {
  const block = new Set(stock.resting.length === 0 ? [] : candidates(use, stock.ranges));
  const rested = stock.resting.find((address) => block.has(address) && !stock.taken.has(address));
  if (rested !== undefined) return accepted(rested);
  const ranges = stock.ranges.map((range) => formatPrefix(range)).join(', ');
  return refused(`every ${use} address of ${ranges} is taken; add a range to wpc/subnet or delete what is no longer used`);
}

/** checkFixedAddress says whether an address that was asked for can be had: inside the ranges, not the gateway's, not taken. */
export function checkFixedAddress(wanted: Address4, stock: Omit<AddressStock, 'resting'>): ParseResult<AddressText> {
  const text = formatAddress(wanted);
  const range = stock.ranges.find((candidate) => containsAddress(candidate, wanted));
  if (range === undefined) {
    return refused(`${text} is outside the tunnel ranges ${stock.ranges.map((each) => formatPrefix(each)).join(', ')}`);
  }
  const offset = wanted.value - range.base;
  if (offset === 0 || offset === prefixSize(range) - 1) {
    return refused(`${text} is the first or last address of ${formatPrefix(range)} and is kept free`);
  }
  if (range === stock.ranges[0] && offset === gatewayOffset) return refused(`${text} is the gateway's own address`);
  return stock.taken.has(text) ? refused(`${text} is taken`) : accepted(text);
}

/** Every address of a use in the order of preference; lazy, since a /11 holds two million. */
function* candidates(use: AddressUse, ranges: readonly Prefix4[]): Generator<AddressText> {
  for (const range of ranges) {
    const size = prefixSize(range);
    const border = Math.min(connectorBlock, size / 2);
    const start = use === 'device' ? border : size < 256 ? 2 : firstConnectorOffset;
    const end = use === 'device' ? size - 1 : border;
    for (let offset = start; offset < end; offset += 1) {
      const address = range.base + offset;
      const lastOctet = address & 0xff;
      if (lastOctet !== 0 && lastOctet !== 255 && offset !== gatewayOffset) yield formatAddress(address4(address));
    }
  }
}
