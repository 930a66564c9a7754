/** Generators for the property tests of this directory. They favour what breaks address code: sign bits, word borders, zeros. */
import fc from 'fast-check';
import type { Address, Address4, Address6 } from './address.ts';
import { address4, address6, addressPlus } from './address.ts';
import type { Prefix, Prefix4, Prefix6 } from './prefix.ts';
import { firstAddress, prefixOf } from './prefix.ts';

export const anyAddress4: fc.Arbitrary<Address4> = fc
  .oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x0a00_0001))
  .map(address4);

const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(1, 0x8000, 0xffff));

export const anyGroups: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(group, { minLength: 8, maxLength: 8 }),
  // IPv4-mapped and IPv4-compatible addresses, which canonical texts treat in a way of their own.
  fc.tuple(fc.constantFrom(0, 0xffff), group, group).map(([mark, high, low]) => [0, 0, 0, 0, 0, mark, high, low]),
);

export const anyAddress6: fc.Arbitrary<Address6> = anyGroups.map((groups) =>
  address6(groups.reduce((value, part) => (value << 16n) | BigInt(part), 0n)),
);

export const anyAddress: fc.Arbitrary<Address> = fc.oneof(anyAddress4, anyAddress6);

export const anyPrefix4: fc.Arbitrary<Prefix4> = fc
  .tuple(anyAddress4, fc.integer({ min: 0, max: 32 }))
  .map(([address, length]) => prefixOf(address, length));

export const anyPrefix6: fc.Arbitrary<Prefix6> = fc
  .tuple(anyAddress6, fc.integer({ min: 0, max: 128 }))
  .map(([address, length]) => prefixOf(address, length));

export const anyPrefix: fc.Arbitrary<Prefix> = fc.oneof(anyPrefix4, anyPrefix6);

/** A universe is a prefix of 256 addresses: small enough to compare with an array of booleans. */
export const anyUniverse: fc.Arbitrary<Prefix> = fc.oneof(
  fc.constantFrom(0, 0x7fff_ff00, 0x8000_0000, 0xffff_ff00, 0x0a00_0000).map((base) => prefixOf(address4(base), 24)),
  fc
    .constantFrom(0n, (1n << 128n) - 256n, 1n << 127n, (1n << 64n) - 256n, 1n << 64n, 0xffff_0000_0000n, 0x2001_0db8n << 96n)
    .map((base) => prefixOf(address6(base), 120)),
);

/** Lists of prefixes inside a universe: nested, touching, equal ones are frequent. */
export function prefixesIn(universe: Prefix, maxLength = 24): fc.Arbitrary<Prefix[]> {
  return fc.array(prefixIn(universe), { maxLength });
}

export function prefixIn(universe: Prefix): fc.Arbitrary<Prefix> {
  return fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 4, max: 8 })))
    .map(([offset, longer]) => prefixOf(memberAt(universe, offset), universe.length + longer));
}

/** The address with this offset in a universe. */
export function memberAt(universe: Prefix, offset: number): Address {
  const address = addressPlus(firstAddress(universe), offset);
  if (address === undefined) throw new RangeError(`offset ${String(offset)} leaves the address space`);
  return address;
}

/** A universe together with things made inside it. */
export function inUniverse<T>(make: (universe: Prefix) => fc.Arbitrary<T>): fc.Arbitrary<[Prefix, T]> {
  return anyUniverse.chain((universe) => fc.tuple(fc.constant(universe), make(universe)));
}
