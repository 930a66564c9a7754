import type { PrefixText } from '../../core/ip/prefix.ts';
import type { Step } from './kernel-plan.ts';
import { routeProtocol } from './ownership.ts';

/** Via is where a route leads: a tun, or several in the order of their names with blanks between, which share what is sent there. */
export type Via = string;

/** Routes are those of one routing table: destination to where it leads. */
export type Routes = ReadonlyMap<PrefixText, Via>;

/** viaDevices spells several tuns in the one way. */
export function viaDevices(devices: readonly string[]): Via {
  return [...new Set(devices)].sort().join(' ');
}

/** devicesOf are the tuns of a route. */
export function devicesOf(via: Via): string[] {
  return via.split(' ');
}

/** replaceRoute makes or moves a route in one step, without a moment in which it is missing. */
export function replaceRoute(table: number, prefix: PrefixText, via: Via): Step {
  const devices = devicesOf(via);
  const where = `table ${String(table)} proto ${String(routeProtocol)}`;
  const object = `route ${prefix} by ${devices.join(' and ')}`;
  const [device = ''] = devices;
  if (devices.length === 1) return { line: `route replace ${prefix} dev ${device} ${where}`, object, change: 'add', device };
  const hops = devices.map((name) => `nexthop dev ${name}`).join(' ');
  return { line: `route replace ${prefix} ${where} ${hops}`, object, change: 'add' };
}

/** deleteRoute takes away this very route: one that leads elsewhere by now stays, as far as one tun tells. */
export function deleteRoute(table: number, prefix: PrefixText, via: Via): Step {
  const devices = devicesOf(via);
  const where = `table ${String(table)} proto ${String(routeProtocol)}`;
  const object = `route ${prefix} by ${devices.join(' and ')}`;
  const [device = ''] = devices;
  if (/^(unreachable|blackhole|prohibit)$/.test(via))
    return { line: `route del ${via} ${prefix} ${where}`, object: `${via} route ${prefix}`, change: 'remove' };
  if (devices.length === 1) return { line: `route del ${prefix} dev ${device} ${where}`, object, change: 'remove', device };
  return { line: `route del ${prefix} ${where}`, object, change: 'remove' };
}
