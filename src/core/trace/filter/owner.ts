import type { Table } from './rules.ts';

/** Owner is the software that made a chain, where its names give it away. */
export type Owner =
  | 'causeway-connector'
  | 'docker'
  | 'ufw'
  | 'firewalld'
  | 'libvirt'
  | 'kubernetes'
  | 'podman'
  | 'fail2ban'
  | 'crowdsec'
  | 'tailscale'
  | 'netbird'
  | 'lxd'
  | 'oracle-image';

const byTable: readonly (readonly [RegExp, Owner])[] = [
  [/^causeway(-connector|_connector)?$/, 'causeway-connector'],
  [/^firewalld$/, 'firewalld'],
  [/^docker-bridges$/, 'docker'],
  [/^libvirt_network$/, 'libvirt'],
  [/^netavark$/, 'podman'],
  [/^f2b-table$/, 'fail2ban'],
  [/^crowdsec6?$/, 'crowdsec'],
  [/^kube-proxy$/, 'kubernetes'],
  [/^netbird/, 'netbird'],
  [/^(lxd|incus)$/, 'lxd'],
];

const byChain: readonly (readonly [RegExp, Owner])[] = [
  [/^DOCKER(-|$)/, 'docker'],
  [/^ufw6?-/, 'ufw'],
  [/^(FWDI|FWDO|IN|OUT|PRE|POST)_[a-z]|^(FORWARD|INPUT)_(IN|OUT)_ZONES|_direct$/, 'firewalld'],
  [/^LIBVIRT_/, 'libvirt'],
  [/^(KUBE|cali|FLANNEL|CILIUM)[-_]/, 'kubernetes'],
  [/^(NETAVARK|CNI)[-_]/, 'podman'],
  [/^f2b-/, 'fail2ban'],
  [/^CROWDSEC/, 'crowdsec'],
  [/^ts-(input|forward|postrouting)/, 'tailscale'],
  [/^NETBIRD-/, 'netbird'],
  [/^(BareMetalInstanceServices|InstanceServices)$/, 'oracle-image'],
];

/**
 * ownerOf names the software by the table, by the chain that decided, and last by the other chains of the table: of a policy it is often whoever
 * else made chains there. Null where nothing or more than one is recognised; /etc/nftables.conf has no names of its own.
 */
export function ownerOf(table: Table, chain: string): Owner | null {
  const own = byTable.find(([name]) => name.test(table.name)) ?? byChain.find(([name]) => name.test(chain));
  if (own !== undefined) return own[1];
  const owners = new Set<Owner>();
  for (const other of table.chains.keys()) {
    const found = byChain.find(([name]) => name.test(other));
    if (found !== undefined) owners.add(found[1]);
  }
  const [only] = owners;
  return owners.size === 1 && only !== undefined ? only : null;
}
