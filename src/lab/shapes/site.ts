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

/** Branch of tutorial.md 1; its server is the Finance server. */
export const branch: SitePlan = {
  name: 'branch',
  publicSubnet: '198.18.0.',
  prefix: '192.168.0.0/22',
  router: '192.168.0.1',
  connector: '192.168.0.10',
  server: '192.168.0.20',
};

/** A computer of an employee at each site. */
export const computerAddress = { hq: '10.0.0.13', branch: '192.168.0.13' } as const;

/** buildSite sets up a site whose hosts all have the router as default route. The connector is a machine on which software is installed. */
export async function buildSite(world: World, internet: Internet, plan: SitePlan): Promise<Site> {
  const lan = await world.switch(`${plan.name}-lan`);
  const router = await buildNatRouter(world, internet, `${plan.name}-router`, {
    publicSubnet: plan.publicSubnet,
    lanAddress: `${plan.router}${lengthOf(plan)}`,
    lanPrefix: plan.prefix,
    lan,
  });
  const connector = await world.machine(`${plan.name}-connector`);
  const server = await world.host(`${plan.name}-server`);
  const site = { lan, router, connector, server };
  await joinSite(world, site, plan, connector, plan.connector);
  await joinSite(world, site, plan, server, plan.server);
  return site;
}

/** joinSite gives a host its place on a site's LAN, with the router as default route. */
export async function joinSite(
  world: World,
  { lan }: Pick<Site, 'lan'>,
  plan: SitePlan,
  host: Host,
  address: string,
): Promise<void> {
  await world.plug({ host, device: 'lan0', addresses: [`${address}${lengthOf(plan)}`] }, lan);
  await host.ip(`route add default via ${plan.router}`);
}

/** The address that the rest of the internet sees a site by. */
export function publicAddressOf({ publicSubnet }: SitePlan): string {
  return `${publicSubnet}2`;
}

function lengthOf({ prefix }: SitePlan): string {
  return prefix.slice(prefix.indexOf('/'));
}
