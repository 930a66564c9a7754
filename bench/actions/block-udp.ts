import type { Host } from '../../src/lab/host.ts';

/** blockUdp makes a site's router one of a provider that lets no UDP pass: tunnels take the shared TCP lane. */
export async function blockUdp(router: Host): Promise<void> {
  await router.nft(`table ip provider {
    chain forward { type filter hook forward priority -10; meta l4proto udp drop; }
  }`);
}
