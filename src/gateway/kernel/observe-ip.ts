import type { PrefixText } from '../../core/ip/prefix.ts';
import type { RuleText } from './desired-kernel.ts';
import type { JsonObject } from './json.ts';
import { objects, strings, text } from './json.ts';
import { kernelPrefix } from './kernel-prefix.ts';
import type { ObservedDevice } from './observed-kernel.ts';
import type { KernelOwnership } from './ownership.ts';
import { routeProtocol } from './ownership.ts';

/** readDevices reads `ip -j -d addr show type tun`. */
export function readDevices(own: KernelOwnership, list: readonly JsonObject[]): Map<string, ObservedDevice> {
  const devices = new Map<string, ObservedDevice>();
  for (const link of list) {
    const name = text(link['ifname']);
    if (!name.startsWith(own.devicePrefix)) continue;
    const addresses = objects(link['addr_info']).filter((info) => info['family'] === 'inet');
    devices.set(name, {
      up: strings(link['flags']).includes('UP'),
      addresses: addresses.map((info) => `${text(info['local'])}/${String(info['prefixlen'])}`),
    });
  }
  return devices;
}

/** readRules reads `ip -j rule show`: the rules of our preference and protocol that lead to our table. */
export function readRules(own: KernelOwnership, list: readonly JsonObject[]): Set<RuleText> {
  const rules = new Set<RuleText>();
  for (const rule of list) {
    if (rule['priority'] !== own.table || rule['protocol'] !== String(routeProtocol) || rule['table'] !== String(own.table))
      continue;
    if (typeof rule['fwmark'] === 'string') rules.add(`fwmark ${rule['fwmark']}/${text(rule['fwmask'])}`);
    else if (typeof rule['dst'] === 'string') rules.add(`to ${rule['dst']}${lengthOf(rule['dstlen'])}`);
    else rules.add(`from ${text(rule['src'])}${lengthOf(rule['srclen'])}`);
  }
  return rules;
}

function lengthOf(value: unknown): string {
  return typeof value === 'number' ? `/${String(value)}` : '';
}

export type ObservedRoutes = { readonly routes: Map<PrefixText, string>; readonly unreachableDefault: boolean };

/** readRoutes reads `ip -j route show table T proto 196`. A table that was never used does not exist, and is empty. */
export function readRoutes(list: readonly JsonObject[]): ObservedRoutes {
  const routes = new Map<PrefixText, string>();
  let unreachableDefault = false;
  for (const route of list) {
    if (route['type'] === 'unreachable') unreachableDefault ||= route['dst'] === 'default';
    const prefix = kernelPrefix(text(route['dst']));
    const device = text(route['dev']);
    if (prefix !== undefined && device !== '') routes.set(prefix, device);
  }
  return { routes, unreachableDefault };
}
