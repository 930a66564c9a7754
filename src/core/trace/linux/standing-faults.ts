import type { Quote, Unknown } from './known.ts';
import { needed, orUnknown } from './known.ts';
import type { LinuxHost, SysctlFact } from './linux-host.ts';
import { confOf } from './linux-host.ts';

/** ExpiringRouter is a default route of IPv6 that a router announced and that will not be renewed. */
export type ExpiringRouter = { readonly interface: string; readonly route: Quote; readonly acceptRa: SysctlFact };

/**
 * expiringRouters lists the default routes of IPv6 that the machine loses by forwarding: the kernel took them from router
 * advertisements, and an
 * interface that forwards accepts none with accept_ra=1 (ipv6_accept_ra). With 0 somebody else takes care of them, such as systemd-
 * networkd.
 */
export function expiringRouters(host: LinuxHost): readonly ExpiringRouter[] | Unknown {
  return orUnknown(() => {
    const { routes } = needed(host.routes[6]);
    const observedAt = host.routes[6].known ? host.routes[6].observedAt : '';
    return routes
      .filter(({ prefix, protocol, expires }) => prefix.length === 0 && protocol === 'ra' && expires)
      .flatMap(({ legs, text }) =>
        legs.flatMap(({ interface: device }) => {
          const acceptRa = confOf(host, 6, device, 'accept_ra');
          const lost = confOf(host, 6, device, 'forwarding').value !== 0 && acceptRa.value === 1;
          return lost ? [{ interface: device, route: { text, observedAt }, acceptRa }] : [];
        }),
      );
  });
}

/**
 * forwardingAfterReboot is what the files set ip_forward to, the last one read having the last word; null where none does, or that
 * cannot be told.
 */
export function forwardingAfterReboot(host: LinuxHost): 0 | 1 | null {
  const lines = host.sysctls.known ? host.sysctls.value.persisted : [];
  // A dash in front means: no error where the kernel refuses.
  const values = lines.flatMap((line) => /^\s*-?net[./]ipv4[./]ip_forward\s*=\s*(\d+)\s*$/.exec(line)?.[1] ?? []);
  const last = values.at(-1);
  return last === undefined ? null : Number(last) === 0 ? 0 : 1;
}
