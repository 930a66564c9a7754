import type { Address4, AddressText } from '../ip/address.ts';
import { formatAddress, parseAddress4 } from '../ip/address.ts';
import type { PrefixText } from '../ip/prefix.ts';
import { containsAddress, formatPrefix, prefixOf, strictPrefix } from '../ip/prefix.ts';

/** LanAddress is where a connector stands on its LAN: what routers send to. `subnet` is what its interface is directly connected to. */
export type LanAddress = {
  readonly address: AddressText;
  readonly subnet: PrefixText;
  readonly interface: string;
  /** The router that its own default route names, where that leaves by the same interface. */
  readonly router: AddressText | null;
};

/** Devices of ours carry tunnel addresses; see the agent's DEVICE_PATTERN. */
const tunnelDevice = /^causeway/;

/**
 * lanAddressOf reads what a connector's agent reported (`ip -j addr` and `ip -j route show table all`, sections addr and route) and
 * finds the address at which its LAN reaches it: one inside the network's own prefixes, that of the default route's interface first; else
 * (a connector in a transfer network) the address of the default route's interface. Null where the texts do not say: cut, not JSON,
 * not there yet. Addresses of loopback, of tunnels of ours and of link scope are never it.
 */
export function lanAddressOf(
  sections: { readonly addr: string | undefined; readonly route: string | undefined },
  prefixes: readonly PrefixText[],
): LanAddress | null {
  const addresses = parseAddresses(sections.addr);
  const uplink = defaultRoute(sections.route);
  const own = prefixes.map((text) => strictPrefix(text));
  const inside = addresses.filter(({ address }) => own.some((prefix) => containsAddress(prefix, address)));
  const atUplink = (each: LocalAddress) => uplink !== undefined && each.interface === uplink.interface;
  const found = inside.find(atUplink) ?? inside[0] ?? addresses.find(atUplink);
  if (found === undefined) return null;
  const subnet = prefixOf(found.address, found.length);
  const router = uplink?.interface === found.interface ? uplink.router : undefined;
  return {
    address: formatAddress(found.address),
    subnet: formatPrefix(subnet),
    interface: found.interface,
    router: router === undefined ? null : formatAddress(router),
  };
}

type LocalAddress = {
  readonly interface: string;
  readonly address: Address4;
  readonly length: number;
  readonly secondary: boolean;
};

/** Primary addresses first: a secondary one may be a service's that moves. */
function parseAddresses(text: string | undefined): readonly LocalAddress[] {
  const found = listOf(text).flatMap((link): LocalAddress[] => {
    const name = textOf(link, 'ifname');
    if (name === undefined || name === 'lo' || tunnelDevice.test(name)) return [];
    const infos: unknown = link['addr_info'];
    if (!Array.isArray(infos)) return [];
    return infos.filter(isRecord).flatMap((info): LocalAddress[] => {
      if (info['family'] !== 'inet' || info['scope'] !== 'global') return [];
      const address = parseAddress4(textOf(info, 'local') ?? '');
      const length = info['prefixlen'];
      if (!address.ok || typeof length !== 'number' || !Number.isInteger(length) || length < 0 || length > 32) return [];
      return [{ interface: name, address: address.value, length, secondary: info['secondary'] === true }];
    });
  });
  return found.toSorted((a, b) => Number(a.secondary) - Number(b.secondary));
}

type Uplink = { readonly interface: string; readonly router: Address4 | undefined };

/** The default route of the main table with the lowest metric, as the kernel chooses. */
function defaultRoute(text: string | undefined): Uplink | undefined {
  const defaults = listOf(text).filter(
    (route) =>
      route['dst'] === 'default' &&
      (route['table'] === undefined || route['table'] === 'main') &&
      !tunnelDevice.test(textOf(route, 'dev') ?? '') &&
      // `ip -j route show table all` lists IPv6 too; its gateways are no IPv4 addresses.
      (route['gateway'] === undefined || parseAddress4(textOf(route, 'gateway') ?? '').ok),
  );
  const [best] = defaults.toSorted((a, b) => metricOf(a) - metricOf(b));
  const name = best === undefined ? undefined : textOf(best, 'dev');
  if (best === undefined || name === undefined) return undefined;
  const router = parseAddress4(textOf(best, 'gateway') ?? '');
  return { interface: name, router: router.ok ? router.value : undefined };
}

function metricOf(route: Readonly<Record<string, unknown>>): number {
  const metric = route['metric'];
  return typeof metric === 'number' ? metric : 0;
}

function listOf(text: string | undefined): readonly Readonly<Record<string, unknown>>[] {
  if (text === undefined) return [];
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter(isRecord) : [];
  } catch {
    // A section that was too large is replaced by a sentence (agent/observe.sh): nothing is known then.
    return [];
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function textOf(record: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = record[key];
  return typeof value === 'string' ? value : undefined;
}
