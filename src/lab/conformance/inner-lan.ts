import type { Host } from '../host.ts';
import type { Site } from '../shapes/site.ts';
import { headquarters, joinSite } from '../shapes/site.ts';
import type { World } from '../world.ts';

/**
 * InnerLan is a LAN of HQ behind a router of its own, which knows the two LANs and nothing else: neither a default route nor the WPC. So
 * it is also the wrong gateway for a server of HQ.
 */
export type InnerLan = { readonly router: Host; readonly server: Host };

export const innerLan = { prefix: '10.9.0.0/24', router: '10.0.0.2', server: '10.9.0.20' } as const;

export async function buildInnerLan(world: World, hq: Site): Promise<InnerLan> {
  const router = await world.host('hq-inner');
  const server = await world.host('hq-inner-srv');
  await joinSite(world, hq, headquarters, router, innerLan.router);
  await router.ip('route del default');
  await router.sysctl({
    'net/ipv4/ip_forward': 1,
    'net/ipv4/conf/all/send_redirects': 0,
    'net/ipv4/conf/lan0/send_redirects': 0,
  });
  await world.cable(
    { host: router, device: 'lan1', addresses: ['10.9.0.1/24'] },
    { host: server, device: 'lan0', addresses: [`${innerLan.server}/24`] },
  );
  await server.ip('route add default via 10.9.0.1');
  for (const host of [hq.connector, hq.router]) await host.ip(`route add ${innerLan.prefix} via ${innerLan.router}`);
  return { router, server };
}
