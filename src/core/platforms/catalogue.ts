import { aws } from './clouds/aws.ts';
import { azure } from './clouds/azure.ts';
import { gcp } from './clouds/gcp.ts';
import { oci } from './clouds/oci.ts';
import { alibaba, digitalocean, hetzner } from './clouds/other-clouds.ts';
import { macos, windows, windowsPowershell } from './hosts/desktop.ts';
import { dhcp } from './hosts/dhcp.ts';
import { alpine, ifupdown, linux, netplan, networkManager, rhelLegacy, systemdNetworkd } from './hosts/linux.ts';
import { hyperV, libvirt, proxmox, vmware } from './hypervisors.ts';
import type { Platform } from './platform.ts';
import { ciscoAsa, ciscoIos, ciscoNxos, other } from './routers/cisco.ts';
import { fortigate, junos, mikrotik, openwrt, paloalto, vyos } from './routers/firewalls.ts';
import { fritzbox, meraki, opnsense, pfsense, sonicwall, sophos, unifi } from './routers/web-pages.ts';

/** platforms are all of them by id, in the order in which they are listed. Ids are part of the API and stay. */
export const platforms = {
  aws,
  azure,
  gcp,
  oci,
  digitalocean,
  hetzner,
  alibaba,
  'cisco-ios': ciscoIos,
  'cisco-asa': ciscoAsa,
  'cisco-nxos': ciscoNxos,
  junos,
  mikrotik,
  pfsense,
  opnsense,
  unifi,
  vyos,
  fortigate,
  paloalto,
  sophos,
  sonicwall,
  meraki,
  openwrt,
  fritzbox,
  other,
  windows,
  'windows-powershell': windowsPowershell,
  macos,
  linux,
  netplan,
  'systemd-networkd': systemdNetworkd,
  'network-manager': networkManager,
  ifupdown,
  'rhel-legacy': rhelLegacy,
  alpine,
  dhcp,
  proxmox,
  vmware,
  'hyper-v': hyperV,
  libvirt,
} as const satisfies Readonly<Record<string, Platform>>;

export type PlatformId = keyof typeof platforms;

// The literal above has exactly these keys.
export const platformIds = Object.keys(platforms) as readonly PlatformId[];

export function isPlatformId(text: string): text is PlatformId {
  return Object.hasOwn(platforms, text);
}

/** platformOf widens a literal's type to what every platform is. */
export function platformOf(id: PlatformId): Platform {
  return platforms[id];
}
