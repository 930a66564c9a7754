import { readFile, writeFile } from 'node:fs/promises';
import { errorCode } from './data-directory.ts';

/** KernelSetting is a file below /proc/sys/net and what it has to hold. */
export type KernelSetting = { readonly name: string; readonly value: string };

/** Refused could not be set: what it holds instead, and the code of the error. */
type Refused = KernelSetting & { readonly is: string; readonly code: string };

/** Without it no packet passes from one tunnel to the next. */
export const forwarding = 'ipv4/ip_forward';

/**
 * Settings of the machine (of its network namespace). `all` is joined with the device's own value by OR for send_redirects, so a 0 on
 * the device alone does nothing; the other devices keep their own 1 and go on as before. fwmark_reflect: ICMP errors carry the mark of the
 * packet that they answer, without which a refusal never finds back to a LAN behind a connector; packets without marks are as before.
 */
export const machineSettings: readonly KernelSetting[] = [
  { name: forwarding, value: '1' },
  { name: 'ipv4/fwmark_reflect', value: '1' },
  { name: 'ipv4/conf/all/send_redirects', value: '0' },
];

/**
 * Settings of a lane's tun, whose name the caller has checked. rp_filter 2: several lanes have the same address, and probes come back where
 * the route does not point. src_valid_mark: the reverse path of a packet from a site is only known in our own table, which its mark leads
 * to. IPv6 is off because tunnels carry IPv4 only, and what the kernel would send by itself has no place there.
 */
export function deviceSettings(device: string): readonly KernelSetting[] {
  return [
    { name: `ipv4/conf/${device}/rp_filter`, value: '2' },
    { name: `ipv4/conf/${device}/send_redirects`, value: '0' },
    { name: `ipv4/conf/${device}/accept_redirects`, value: '0' },
    { name: `ipv4/conf/${device}/src_valid_mark`, value: '1' },
    { name: `ipv6/conf/${device}/disable_ipv6`, value: '1' },
  ];
}

/** What applyKernelSettings came to: names of what it changed, and what is not as it has to be. */
type AppliedSettings = { readonly changed: readonly string[]; readonly refused: readonly Refused[] };

/** applyKernelSettings writes those that differ. One that is refused does not keep the others from being set. Never throws. */
export async function applyKernelSettings(settings: readonly KernelSetting[]): Promise<AppliedSettings> {
  const changed: string[] = [];
  const refused: Refused[] = [];
  for (const setting of settings) {
    const { name, value } = setting;
    const file = `/proc/sys/net/${name}`;
    const is = (await readFile(file, 'utf8').catch(() => 'not there')).trim();
    if (is === value) continue;
    try {
      await writeFile(file, value);
      changed.push(dotted(name));
    } catch (cause) {
      // No IPv6 in the kernel, or a container's host that has it: openvpn has no route for what the kernel sends into the tunnel by itself.
      if (name.startsWith('ipv6/')) continue;
      refused.push({ ...setting, is, code: errorCode(cause) ?? String(cause) });
    }
  }
  return { changed, refused };
}

/** refusalText says what could not be set, and the command where that is allowed: the host of a container, in which /proc/sys is read-only. */
export function refusalText(refused: readonly Refused[]): string {
  const found = refused.map(({ name, is, code }) => `${dotted(name)} is ${is} (${code})`).join(', ');
  const command = refused.map(({ name, value }) => ` ${dotted(name)}=${value}`).join('');
  return `cannot be set here: ${found}. Where it can (for a container, on its host): sysctl -w${command}`;
}

function dotted(name: string): string {
  return `net.${name.replaceAll('/', '.')}`;
}
