import type { Host } from '../host.ts';
import type { World } from '../world.ts';
import type { Internet } from './internet.ts';
import { connectToInternet } from './internet.ts';

/**
 * buildNatRouter makes the usual router of a home or a small site: forwards, hides its LAN behind its public address, lets nothing in
 * from outside. Its NAT matches its LAN's prefix only, as most do (NAT-EDGE-SCOPE in failures.md).
 */
export async function buildNatRouter(
  world: World,
  internet: Internet,
  name: string,
  { publicSubnet, lanAddress, lanPrefix, lan }: { publicSubnet: `${string}.`; lanAddress: string; lanPrefix: string; lan: Host },
): Promise<Host> {
  const router = await world.host(name);
  await connectToInternet(world, internet, router, publicSubnet);
  await world.plug({ host: router, device: 'lan0', addresses: [lanAddress] }, lan);
  await router.sysctl({ 'net/ipv4/ip_forward': 1 });
  await router.nft(`
    table ip router {
      set inside { type ipv4_addr; flags interval; elements = { ${lanPrefix} }; }
      chain forward {
        type filter hook forward priority filter; policy accept;
        iifname "wan0" ct state new drop
      }
      chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        oifname "wan0" ip saddr @inside masquerade
      }
    }`);
  return router;
}

/** widenNat makes a router also hide sources that are not of its LAN, as routed internet traffic needs it (tutorial.md 3, "which option"). */
export async function widenNat(router: Host, prefix: string): Promise<void> {
  await router.nft(`add element ip router inside { ${prefix} }`);
}

export async function narrowNat(router: Host, prefix: string): Promise<void> {
  await router.nft(`delete element ip router inside { ${prefix} }`);
}
