import type { Host } from '../host.ts';
import type { World } from '../world.ts';

/** Internet is the provider that everybody's uplink leads to: one router that knows the public addresses and no private ones. */
export type Internet = { readonly router: Host; uplinks: number };

/** The service on the internet of tutorial.md 1. */
export const internetServiceAddress = '107.3.152.27';

export async function buildInternet(world: World): Promise<Internet> {
  const router = await world.host('internet');
  await router.ip(`addr add ${internetServiceAddress}/32 dev lo`);
  await router.sysctl({ 'net/ipv4/ip_forward': 1 });
  return { router, uplinks: 0 };
}

/**
 * connectToInternet gives a host its uplink `wan0` with a public address and its default route. Public addresses are those set aside for
 * documentation (RFC 5737), so that nothing in the lab can be mistaken for somebody's machine.
 */
export async function connectToInternet(world: World, internet: Internet, host: Host, subnet: `${string}.`): Promise<string> {
  internet.uplinks += 1;
  await world.cable(
    { host, device: 'wan0', addresses: [`${subnet}2/24`] },
    { host: internet.router, device: `up${internet.uplinks}`, addresses: [`${subnet}1/24`] },
  );
  await host.ip(`route add default via ${subnet}1`);
  return `${subnet}2`;
}
