import type { AddedNetwork } from '../actions/add-network.ts';
import { Administrator } from '../administrator.ts';
import { GatewayView } from '../gateway-view.ts';
import type { Host } from '../host.ts';
import { startWebPage } from '../services/start-web-page.ts';
import type { World } from '../world.ts';
import { hrPage } from './connected-wpc.ts';
import type { Internet } from './internet.ts';
import { buildInternet } from './internet.ts';
import type { Region } from './region.ts';
import { buildRegion } from './region.ts';
import type { Site, SitePlan } from './site.ts';
import { branch, buildSite, computerAddress, headquarters, joinSite } from './site.ts';

/** EndOfSites is one of the two sites with what the flow asks of it: a computer of an employee, and the log of its server. */
export type EndOfSites = Site & {
  readonly plan: SitePlan;
  readonly computer: Host;
  readonly log: () => string;
  readonly nat: 'masquerade' | 'routed';
};

export type TwoSites = {
  readonly internet: Internet;
  readonly region: Region;
  readonly gateway: GatewayView;
  readonly administrator: Administrator;
  readonly hq: EndOfSites;
  readonly branch: EndOfSites;
};

/** ConnectedSites is where SS-16 ends: both sites have joined, and their routers have what they were told. */
export type ConnectedSites = TwoSites & { readonly networks: { readonly hq: AddedNetwork; readonly branch: AddedNetwork } };

export const financePage = 'Finance server';

/** buildTwoSites sets up hosts and product; nothing has joined yet. */
export async function buildTwoSites(world: World, hqNat: EndOfSites['nat']): Promise<TwoSites> {
  const internet = await buildInternet(world);
  const [region, hq, other] = await Promise.all([
    buildRegion(world, internet),
    buildSite(world, internet, headquarters),
    buildSite(world, internet, branch),
  ]);
  return {
    internet,
    region,
    gateway: new GatewayView(region),
    administrator: await Administrator.signIn(internet.router, region),
    hq: {
      ...hq,
      plan: headquarters,
      computer: await addComputer(world, hq, headquarters, computerAddress.hq),
      log: await startWebPage(hq.server, hrPage),
      nat: hqNat,
    },
    branch: {
      ...other,
      plan: branch,
      computer: await addComputer(world, other, branch, computerAddress.branch),
      log: await startWebPage(other.server, financePage),
      nat: 'routed',
    },
  };
}

async function addComputer(world: World, site: Site, plan: SitePlan, address: string): Promise<Host> {
  const computer = await world.host(`${plan.name}-computer`);
  await joinSite(world, site, plan, computer, address);
  return computer;
}
