import type { Host } from '../host.ts';
import type { World } from '../world.ts';

/** Internet is the provider that everybody's uplink leads to: one router that knows the public addresses and no private ones. */
export type Internet = {
  readonly router: Host;
  /** The router's device towards each host that has an uplink, by the host's name. */
  readonly uplinks: Map<string, string>;
};

/** The service on the internet of tutorial.md 1. */
export const internetServiceAddress = '107.3.152.27';

/** The same service by IPv6, a resolver, and a second service that people reach by their own line (tunnel bypass). */
export const internetServiceAddress6 = '2001:db8:ffff::27';
export const resolverAddress = '107.3.152.53';
export const bypassedAddress = '107.3.153.27';

export async function buildInternet(world: World): Promise<Internet> {
  const router = await world.host('internet');
  const addresses = [internetServiceAddress, resolverAddress, bypassedAddress];
  await router.ip(...addresses.map((address) => `addr add ${address}/32 dev lo`));
  await router.sysctl({ 'net/ipv4/ip_forward': 1 });
  return { router, uplinks: new Map() };
}

/**
 * connectToInternet gives a host its uplink `wan0` with a public address and its default route. Public addresses are those set aside for
 * documentation (RFC 5737), so that nothing in the lab can be mistaken for somebody's machine.
 */
export async function connectToInternet(world: World, internet: Internet, host: Host, subnet: `${string}.`): Promise<string> {
  const uplink = `up${internet.uplinks.size + 1}`;
  internet.uplinks.set(host.name, uplink);
  await world.cable(
    { host, device: 'wan0', addresses: [`${subnet}2/24`] },
    { host: internet.router, device: uplink, addresses: [`${subnet}1/24`] },
  );
  await host.ip(`route add default via ${subnet}1`);
  return `${subnet}2`;
}
