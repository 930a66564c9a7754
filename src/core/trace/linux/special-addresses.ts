import type { Address } from '../../ip/address.ts';
import { undecided } from './known.ts';
import type { LinuxHost } from './linux-host.ts';

/** isNobody is true for 0.0.0.0 and ::. */
export function isNobody({ value }: Address): boolean {
  return value === 0 || value === 0n;
}

/** isNobodysNet is true for what the kernel takes for "no address": 0.0.0.0, and before 5.3 all of 0/8 (ipv4_is_zeronet). */
export function isNobodysNet({ kernel }: LinuxHost, address: Address): boolean {
  if (isNobody(address)) return true;
  if (address.family !== 4 || address.value >>> 24 !== 0) return false;
  if (kernel === null)
    return undecided('whether 0.0.0.0/8 holds addresses depends on the version of the kernel, which was not reported');
  const [major, minor] = kernel;
  return major < 5 || (major === 5 && minor < 3);
}
