import type { Host } from '../host.ts';
import type { World } from '../world.ts';
import type { Internet } from './internet.ts';
import { buildNatRouter } from './nat-router.ts';

/** Site is a private network of tutorial.md: a LAN with its router, a machine for the connector, and a server. */
export type Site = { readonly lan: Host; readonly router: Host; readonly connector: Host; readonly server: Host };

export type SitePlan = {
  readonly name: string;
  readonly publicSubnet: `${string}.`;
  readonly prefix: string;
  readonly router: string;
  readonly connector: string;
  readonly server: string;
};

/** HQ of tutorial.md 1. */
export const headquarters: SitePlan = {
  name: 'hq',
  publicSubnet: '198.51.100.',
  prefix: '10.0.0.0/18',
  router: '10.0.0.1',
  connector: '10.0.0.10',
  server: '10.0.0.20',
};

/** buildSite sets up a site whose hosts all have the router as default route. The connector is a machine on which software is installed. */
export async function buildSite(world: World, internet: Internet, plan: SitePlan): Promise<Site> {
  const length = plan.prefix.slice(plan.prefix.indexOf('/'));
  const lan = await world.switch(`${plan.name}-lan`);
  const router = await buildNatRouter(world, internet, `${plan.name}-router`, {
    publicSubnet: plan.publicSubnet,
    lanAddress: `${plan.router}${length}`,
    lanPrefix: plan.prefix,
    lan,
  });
  const connector = await world.machine(`${plan.name}-connector`);
  const server = await world.host(`${plan.name}-server`);
  await world.plug({ host: connector, device: 'lan0', addresses: [`${plan.connector}${length}`] }, lan);
  await world.plug({ host: server, device: 'lan0', addresses: [`${plan.server}${length}`] }, lan);
  await Promise.all([connector, server].map((host) => host.ip(`route add default via ${plan.router}`)));
  return { lan, router, connector, server };
}
