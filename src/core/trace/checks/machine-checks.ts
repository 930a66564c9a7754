import { formatAddress, strictAddress } from '../../ip/address.ts';
import { containsAddress, contains, formatPrefix, overlaps, prefixOf, strictPrefix } from '../../ip/prefix.ts';
import { expiringRouters, forwardingAfterReboot } from '../linux/standing-faults.ts';
import { unrepliedFlow } from '../unreplied-flow.ts';
import type { Check, ConnectorView } from './connector-view.ts';
import { found, lineOf, nothing } from './connector-view.ts';

/** Of conntrack's table; new flows are dropped when it is full. */
const nearlyFull = 0.95;

/** Forwarding is on now, and no file that is read at the next start says so. */
export const forwardingPersisted: Check = (view) => {
  if (sysctl(view, 'net/ipv4/ip_forward') !== 1) return nothing;
  const next = forwardingAfterReboot(view.host);
  if (next === 1) return nothing;
  const value = next === null ? 'not in any file' : '0';
  return found(view, 'FWD-NOT-PERSISTED', { sysctl: 'net/ipv4/ip_forward', wanted: '1', value });
};

export const conntrackFull: Check = (view) => {
  const count = sysctl(view, 'net/netfilter/nf_conntrack_count');
  const most = sysctl(view, 'net/netfilter/nf_conntrack_max');
  if (count === undefined || most === undefined || most <= 0 || count < most * nearlyFull) return nothing;
  return found(view, 'CT-FULL', {
    sysctl: 'net/netfilter/nf_conntrack_max',
    value: String(most),
    wanted: String(most * 2),
    observation: `${String(count)} of ${String(most)} entries are in use`,
  });
};

const sharedSpace = strictPrefix('100.64.0.0/10');

/** Somebody else on the machine uses addresses of 100.64.0.0/10, of which the tunnel range is a part. */
export const rangeClash: Check = (view) => {
  const { interfaces } = view.host;
  if (!interfaces.known) return nothing;
  const other = [...interfaces.value.values()].find(
    ({ name, addresses }) => !view.isTunnel(name) && addresses.some(({ address }) => containsAddress(sharedSpace, address)),
  );
  return other === undefined ? nothing : found(view, 'CLI-RANGE-CLASH', { interface: other.name });
};

/** Several primary addresses on the LAN: masquerade takes one of them, and not always the one that filters of others name. */
export const severalSources: Check = (view) => {
  const { interfaces } = view.host;
  if (view.network?.nat !== 'masquerade' || view.lan === null || !interfaces.known) return nothing;
  const own = interfaces.value.get(view.lan.interface)?.addresses ?? [];
  const primary = own.filter(({ address, secondary, scope }) => address.family === 4 && !secondary && scope === 'global');
  if (primary.length < 2) return nothing;
  return found(view, 'NAT-SOURCE-IP', { observation: primary.map(({ address }) => formatAddress(address)).join(', ') });
};

/** Flows that began without NAT are tracked without it although it is there now. */
export const staleFlows: Check = (view) => {
  if (view.network?.nat !== 'masquerade') return nothing;
  const stale = unrepliedFlow(view.machine, null);
  return stale === undefined ? nothing : found(view, 'NAT-STALE-CT', { observation: stale });
};

/** Turned into a router, a machine forgets the default route that it learned from router advertisements (ip-sysctl: accept_ra). */
export const advertisedRoute: Check = (view) => {
  const expiring = expiringRouters(view.host);
  const first = 'kind' in expiring ? undefined : expiring[0];
  if (first === undefined) return nothing;
  const { interface: device, acceptRa, route } = first;
  return found(view, 'V6-RA-LOST', {
    interface: device,
    sysctl: acceptRa.path,
    value: String(acceptRa.value),
    wanted: '2',
    observation: route.text,
  });
};

/**
 * The agent runs in a container that is behind the container engine's bridge: the LAN reaches nothing behind it. A container with a place on the
 * LAN has an address of the network's own prefixes, which one behind a bridge has not.
 */
export const bridgedContainer: Check = (view) => {
  if (lineOf(view, 'agent', 'container') !== 'bridge' || view.lan === null) return nothing;
  const address = strictAddress(view.lan.address);
  const isInside = view.network?.prefixes.some((text) => containsAddress(strictPrefix(text), address)) ?? false;
  return isInside ? nothing : found(view, 'CTR-BRIDGE', { observation: `its address there is ${view.lan.address}` });
};

/** The machine's own subnets overlap the tunnel range: what is in both is delivered to the LAN, or taken for the machine's own. */
export const ownSubnetOverlaps: Check = (view) => {
  const { interfaces } = view.host;
  if (!interfaces.known) return nothing;
  for (const { name, addresses } of interfaces.value.values()) {
    if (view.isTunnel(name)) continue;
    for (const { address, length } of addresses) {
      const subnet = prefixOf(address, length);
      const hit = view.tunnelRanges.map((text) => strictPrefix(text)).find((range) => overlaps(range, subnet));
      // What uses the shared space beside us is told by rangeClash.
      if (hit !== undefined && !contains(sharedSpace, subnet))
        return found(view, 'MARTIAN', { interface: name, prefix: formatPrefix(subnet) });
    }
  }
  return nothing;
};

function sysctl({ host }: ConnectorView, path: string): number | undefined {
  return host.sysctls.known ? host.sysctls.value.values.get(path) : undefined;
}
