import type { Internet } from './internet.ts';
import { internetServiceAddress6 } from './internet.ts';
import type { Person } from './person.ts';

/** The home's own prefix, of those set aside for documentation (RFC 3849). */
const home = '2001:db8:b0b:';

/**
 * giveIpv6 makes a home dual-stack: its computer gets an IPv6 address of its own and reaches the internet with it, without any NAT. That
 * is the usual home today, and what leaks where a tunnel carries IPv4 only. nodad: nobody else can have the addresses.
 */
export async function giveIpv6(internet: Internet, { router, computer }: Person): Promise<void> {
  const uplink = internet.uplinks.get(router.name);
  if (uplink === undefined) throw new Error(`${router.name} has no uplink`);
  await internet.router.sysctl({ 'net/ipv6/conf/all/forwarding': 1 });
  await router.sysctl({ 'net/ipv6/conf/all/forwarding': 1 });
  await internet.router.ip(
    `addr add ${internetServiceAddress6}/128 dev lo nodad`,
    `addr add ${home}ffff::1/64 dev ${uplink} nodad`,
    `route add ${home}:/64 via ${home}ffff::2`,
  );
  await router.ip(
    `addr add ${home}ffff::2/64 dev wan0 nodad`,
    `addr add ${home}:1/64 dev lan0 nodad`,
    `route add default via ${home}ffff::1`,
  );
  await computer.ip(`addr add ${home}:20/64 dev lan0 nodad`, `route add default via ${home}:1`);
}
