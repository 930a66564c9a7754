import { formatPrefix } from '../ip/prefix.ts';
import type { Platform } from './platform.ts';
import { definePlatform, noTexts, unverified } from './platform.ts';
import { linuxInterface, number, text } from './safe-text.ts';

/** Below a connector that is a virtual machine: filters that take forwarded packets for forged ones. The route itself is the LAN router's. */
function hypervisor(
  one: Pick<Platform, 'name' | 'notes'> & Partial<Pick<Platform, 'console' | 'parameters' | 'write'>>,
): Platform {
  return definePlatform('hypervisor', {
    write: () => noTexts,
    ...one,
    notes: [unverified('It is a LAN: the routes belong on its router. Ask for the commands of that platform too.'), ...one.notes],
  });
}

export const proxmox = hypervisor({
  name: 'Proxmox VE',
  console: [
    'The virtual machine of the connector > Firewall > Options: IP filter off; or keep it on and add the ranges to the IP set.',
  ],
  parameters: [
    number({ name: 'vm', description: 'the number of the virtual machine of the connector', example: '101' }),
    linuxInterface({
      name: 'interface',
      description: 'its network device; net0 where it is not given',
      example: 'net0',
      optional: true,
    }),
  ],
  notes: [
    unverified(
      '"IP filter" drops packets that the connector forwards, because their source is not its own address. "MAC filter" may stay on.',
    ),
  ],
  write: (words) => {
    const set = `ipfilter-${words.value('interface', 'net0')}`;
    return {
      add: text(
        `# In /etc/pve/firewall/${words.value('vm')}.fw, where the IP filter stays on. The address of the connector itself has to be in it.`,
        `[IPSET ${set}]`,
        words.via,
        words.sources.map(formatPrefix),
      ),
      remove: text(
        `# Delete these lines from [IPSET ${set}] in /etc/pve/firewall/${words.value('vm')}.fw:`,
        words.sources.map((source) => `# ${formatPrefix(source)}`),
      ),
      verify: text('pve-firewall compile', 'pve-firewall status'),
    };
  },
});

export const vmware = hypervisor({
  name: 'VMware vSphere',
  notes: [
    unverified('Routing keeps the MAC address of the virtual machine: promiscuous mode and forged transmits are not needed.'),
    unverified('NSX SpoofGuard can drop forwarded packets: approve the ranges for the port of the connector.'),
  ],
});

export const hyperV = hypervisor({
  name: 'Microsoft Hyper-V',
  notes: [unverified('Routing keeps the MAC address: MAC address spoofing need not be allowed.')],
});

export const libvirt = hypervisor({
  name: 'libvirt (KVM)',
  console: ['virsh dumpxml of the connector: an interface with <filterref filter="clean-traffic"/> needs another filter.'],
  notes: [
    unverified(
      'The filter clean-traffic drops packets whose source is not the address of the machine, so everything that the connector forwards: use one without no-ip-spoofing.',
    ),
  ],
});
