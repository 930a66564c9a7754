import { writeFile } from 'node:fs/promises';
import { errorCode } from './data-directory.ts';

/**
 * Settings of a lane's tun. rp_filter 2: several lanes have the same address, and probes come back where the route does not point.
 * src_valid_mark: the reverse path of a packet from a site is only known in our own table, which its mark leads to. IPv6 is off because
 * tunnels carry IPv4 only, and what the kernel would send by itself has no place there.
 */
const perDevice = (device: string): [string, string][] => [
  [`ipv4/conf/${device}/rp_filter`, '2'],
  [`ipv4/conf/${device}/send_redirects`, '0'],
  [`ipv4/conf/${device}/accept_redirects`, '0'],
  [`ipv4/conf/${device}/src_valid_mark`, '1'],
  [`ipv6/conf/${device}/disable_ipv6`, '1'],
];

/**
 * Settings of the machine (of its network namespace). `all` is joined with the device's own value by OR for send_redirects, so a 0 on
 * the device alone does nothing; the other devices keep their own 1 and go on as before. fwmark_reflect: ICMP errors carry the mark of the
 * packet that they answer, without which a refusal never finds back to a LAN behind a connector; packets without marks are as before.
 */
const forAll: [string, string][] = [
  ['ipv4/ip_forward', '1'],
  ['ipv4/fwmark_reflect', '1'],
  ['ipv4/conf/all/send_redirects', '0'],
];

/**
 * applyDeviceSettings sets the fixed list for one lane's tun. The caller has checked the name. Throws with the settings that could not be
 * made (a container with a read-only /proc/sys); the others are made all the same.
 */
export async function applyDeviceSettings(device: string): Promise<void> {
  const failed: string[] = [];
  for (const [name, value] of [...forAll, ...perDevice(device)]) {
    try {
      await writeFile(`/proc/sys/net/${name}`, value);
    } catch (cause) {
      // No IPv6 in the kernel: nothing to switch off.
      if (name.startsWith('ipv6/') && errorCode(cause) === 'ENOENT') continue;
      failed.push(`${name}=${value} (${errorCode(cause) ?? String(cause)})`);
    }
  }
  if (failed.length > 0) throw new Error(`setting ${failed.join(', ')} of ${device} below /proc/sys/net`);
}
