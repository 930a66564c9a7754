import type { PrefixText } from '../../core/ip/prefix.ts';
import type { RuleText } from './desired-rules.ts';
import { ruleText } from './desired-rules.ts';
import type { JsonObject } from './json.ts';
import { objects, strings, text } from './json.ts';
import { kernelPrefix } from './kernel-prefix.ts';
import type { Via } from './kernel-routes.ts';
import { viaDevices } from './kernel-routes.ts';
import type { ObservedDevice, ObservedKernel } from './observed-kernel.ts';
import type { KernelOwnership } from './ownership.ts';
import { ownsTable, routeProtocol } from './ownership.ts';

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

/** readRules reads `ip -j rule show`: the rules of our preferences and protocol, wherever they lead. */
export function readRules(own: KernelOwnership, list: readonly JsonObject[]): Set<RuleText> {
  const preferences = new Set<unknown>(Object.values(own.preferences));
  return new Set(
    list
      .filter((rule) => preferences.has(rule['priority']) && rule['protocol'] === String(routeProtocol))
      .map((rule) => ruleText(Number(rule['priority']), selectorOf(rule), actionOf(rule))),
  );
}

function selectorOf(rule: JsonObject): string {
  // The mask is printed unless it is all ones.
  if (typeof rule['fwmark'] === 'string') return `fwmark ${rule['fwmark']}/${text(rule['fwmask']) || '0xffffffff'}`;
  if (typeof rule['dst'] === 'string') return `to ${rule['dst']}${lengthOf(rule['dstlen'])}`;
  return `from ${text(rule['src'])}${lengthOf(rule['srclen'])}`;
}

function actionOf(rule: JsonObject): string {
  if (typeof rule['goto'] === 'number') return `goto ${String(rule['goto'])}`;
  return typeof rule['action'] === 'string' ? rule['action'] : `lookup ${text(rule['table'])}`;
}

function lengthOf(value: unknown): string {
  return typeof value === 'number' ? `/${String(value)}` : '';
}

/** readRoutes reads `ip -j route show table all proto 196`: one process, however many tables there are. */
export function readRoutes(own: KernelOwnership, list: readonly JsonObject[]): Pick<ObservedKernel, 'routes' | 'tables'> {
  const tables = new Map<number, Map<PrefixText, Via>>();
  for (const route of list) {
    const number = Number(route['table']);
    const prefix = kernelPrefix(text(route['dst']));
    if (prefix === undefined || !ownsTable(own, number)) continue;
    const routes = tables.get(number) ?? new Map<PrefixText, Via>();
    routes.set(prefix, viaOf(route));
    tables.set(number, routes);
  }
  const routes = tables.get(own.table) ?? new Map<PrefixText, Via>();
  tables.delete(own.table);
  return { routes, tables };
}

function viaOf(route: JsonObject): Via {
  if (Array.isArray(route['nexthops'])) return viaDevices(objects(route['nexthops']).map((hop) => text(hop['dev'])));
  // A route without device is none of those that we make, but may be one that an older version made: `unreachable`.
  return text(route['dev']) || text(route['type']);
}
