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
  await router.sysctl({
    'net/ipv4/ip_forward': 1,
    // As routers of sites are set up: a redirect would teach hosts another way for some minutes (RTR-REDIRECT in failures.md).
    'net/ipv4/conf/all/send_redirects': 0,
    'net/ipv4/conf/lan0/send_redirects': 0,
  });
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

/** hideSources says whose packets a router hides behind its public address, instead of what it hid before (tutorial.md 3, "which option"). */
export async function hideSources(router: Host, prefixes: readonly string[]): Promise<void> {
  await router.nft(`flush set ip router inside\nadd element ip router inside { ${prefixes.join(', ')} }`);
}
