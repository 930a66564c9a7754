/** What must not compile. Checked by tsc alone: an unused expectation is an error there. */
import type { Address4, AddressText } from './address.ts';
import { address4, formatAddress } from './address.ts';
import type { Prefix, Prefix4, PrefixText } from './prefix.ts';
import { formatPrefix, hostPrefix, netmask, prefixOf, prefixSize } from './prefix.ts';
import { aggregate } from './prefix-set.ts';

export function typeTests(address: Address4, prefix: Prefix, four: Prefix4): void {
  // @ts-expect-error a bare string is not canonical text
  const bare: AddressText = '10.0.0.1';
  // @ts-expect-error nor is an address a prefix
  const mixed: PrefixText = formatAddress(address);
  // @ts-expect-error values are made by address4, which checks the range
  const handMade: Address4 = { family: 4, value: -1 };
  // @ts-expect-error prefixes are made by prefixOf, which clears host bits
  const withHostBits: Prefix4 = { family: 4, base: 1, length: 8 };
  // @ts-expect-error openvpn has netmasks for IPv4 only
  netmask(prefix);
  // @ts-expect-error a size may be a bigint
  const size: number = prefixSize(prefix);
  // @ts-expect-error an address is not a prefix
  formatPrefix(address);

  const kept: Prefix4 = prefixOf(address4(0), 8);
  const host: Prefix4 = hostPrefix(address);
  const list: Prefix4[] = aggregate([four, kept, host]);
  const count: number = prefixSize(four);
  void [bare, mixed, handMade, withHostBits, size, list, count];
}
