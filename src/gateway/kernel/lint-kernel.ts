import { contains, strictPrefix } from '../../core/ip/prefix.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import type { DesiredKernel } from './desired-kernel.ts';
import { devicesOf } from './kernel-routes.ts';

/** KernelNote is an invariant of a desired kernel that is violated; `error` means that applying would do harm or cannot work. */
export type KernelNote = {
  readonly code: 'route-without-device' | 'foreign-device' | 'overlapping-sources' | 'name-too-long';
  readonly severity: 'error' | 'warning';
  readonly message: string;
};

/** lintKernel checks what every desired kernel must satisfy whatever the configuration is; it is run before each apply. Pure. */
export function lintKernel({ own, devices, kept, routes, tables, elements }: DesiredKernel): KernelNote[] {
  const notes: KernelNote[] = [];
  const error = (code: KernelNote['code'], message: string) => notes.push({ code, severity: 'error', message });
  for (const device of devices) {
    if (!device.startsWith(own.devicePrefix)) error('foreign-device', `tun ${device} does not begin with ${own.devicePrefix}`);
    // IFNAMSIZ is 16 with the final zero.
    if (device.length > 15) error('name-too-long', `tun ${device} has more than 15 characters`);
  }
  for (const [prefix, via] of [routes, ...tables.values()].flatMap((table) => [...table])) {
    for (const device of devicesOf(via)) {
      if (!devices.has(device) && !kept.has(device))
        error('route-without-device', `route ${prefix} leads to ${device}, which no lane has`);
    }
  }
  for (const key of elements.hosts) if (!key.endsWith('/32')) error('overlapping-sources', `${key} is not one address`);
  const before = new Map<string, PrefixText>();
  // In the order of desiredKernel a prefix comes directly after one that contains it.
  for (const key of elements.sites) {
    const [device = '', prefix = ''] = key.split(' ');
    const last = before.get(device);
    if (last !== undefined && contains(strictPrefix(last), strictPrefix(prefix))) {
      error('overlapping-sources', `on ${device} the sources ${last} and ${prefix} overlap, which nft refuses`);
    }
    before.set(device, prefix as PrefixText);
  }
  return notes;
}
