import { setNatMode } from '../actions/add-network.ts';
import { awaitNatMode } from '../actions/install-connector.ts';
import { chooseInternetAccess, markAsInternetGateway } from '../actions/internet-access.ts';
import { wpcRange } from '../shapes/connected-wpc.ts';
import { hideSources } from '../shapes/nat-router.ts';
import { headquarters } from '../shapes/site.ts';
import type { Mode, Standing } from './standing.ts';

/** enterMode brings the standing topology into a state in which everything works, whatever it was in. */
export async function enterMode(standing: Standing, mode: Mode): Promise<void> {
  switch (mode) {
    case 'masquerade':
      await handOver(standing, 'masquerade');
      await routeBack(standing, false);
      return internetByHq(standing, false);
    case 'routed':
      await handOver(standing, 'routed');
      await routeBack(standing, true);
      return internetByHq(standing, false);
    case 'internet':
      await handOver(standing, 'routed');
      await routeBack(standing, true);
      return internetByHq(standing, true);
  }
}

async function handOver({ administrator, networks, hq }: Standing, nat: 'masquerade' | 'routed'): Promise<void> {
  await setNatMode(administrator, networks.hq.id, nat);
  await awaitNatMode(hq.connector, nat);
}

async function routeBack({ hq }: Standing, known: boolean): Promise<void> {
  await hq.router.ip(known ? `route replace ${wpcRange} via ${headquarters.connector}` : `route flush exact ${wpcRange}`);
}

/** internetByHq says whether Bob's traffic for the internet leaves by HQ, with the widened NAT of its router, or by his own line. */
async function internetByHq({ administrator, networks, group, hq }: Standing, byHq: boolean): Promise<void> {
  await hideSources(hq.router, byHq ? [headquarters.prefix, wpcRange] : [headquarters.prefix]);
  await markAsInternetGateway(administrator, networks.hq.id, byHq);
  await chooseInternetAccess(administrator, group, { internetAccess: byHq ? 'SPLIT_TUNNEL_OFF' : 'SPLIT_TUNNEL_ON' });
}
