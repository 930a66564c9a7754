/** What a connector has to show that joins the WPC, the same in every flow: each gives what was observed, or throws what was missing. */
import { routesOn } from '../actions/connect-client.ts';
import { connectorDevice, installConnector } from '../actions/install-connector.ts';
import type { AddedNetwork } from '../actions/add-network.ts';
import type { Administrator } from '../administrator.ts';
import { awaitCondition } from '../await-condition.ts';
import type { GatewayView } from '../gateway-view.ts';
import type { Host } from '../host.ts';
import { lineWith, routeDecision } from '../host-facts.ts';
import { expect } from '../scenario.ts';
import type { Region } from '../shapes/region.ts';
import type { SitePlan } from '../shapes/site.ts';

export type Wpc = { readonly region: Region; readonly gateway: GatewayView; readonly administrator: Administrator };

/** joinWpc installs a connector by the pasted line and looks where the gateway routes to it (RA-3, SS-3, SS-12). */
export async function joinWpc(
  { region, gateway, administrator }: Wpc,
  { connector }: AddedNetwork,
  plan: SitePlan,
  machine: Host,
  options = '',
): Promise<string> {
  await region.explain(installConnector(administrator, connector.id, machine, options));
  const device = await gateway.deviceOf(connector.address);
  expect(device !== undefined, `the gateway has no route to ${connector.address}`);
  const prefix = await gateway.deviceOf(plan.server);
  expect(prefix === device, `${plan.server} goes to ${prefix ?? 'nowhere'} on the gateway, not to ${device}`);
  return `ONLINE; on the gateway ${connector.address} and ${plan.prefix} go to ${device}`;
}

/** expectConnectorRoutes waits until a connector routes all these into its tunnel; its own LAN never goes there (RA-4, SS-4, SS-13). */
export async function expectConnectorRoutes(connector: Host, wanted: readonly string[], own: string): Promise<string> {
  const routes = await awaitCondition(`${wanted.join(', ')} by ${connectorDevice} on ${connector.name}`, async () => {
    const found = await routesOn(connector, connectorDevice);
    return wanted.every((route) => found.includes(route)) ? found : undefined;
  });
  expect(!routes.includes(own), 'the connector routes its own LAN into the tunnel');
  return `routes by ${connectorDevice}: ${routes.join(', ')}`;
}

/** expectTunnel demands an interface that carries packets both ways (RA-5, SS-5). */
export async function expectTunnel(connector: Host, address: string): Promise<string> {
  const { said } = await routeDecision(connector, '100.96.0.1');
  expect(said.includes(`dev ${connectorDevice}`) && said.includes(address), `100.96.0.1 goes: ${said}`);
  const ping = await connector.must(['ping', '-c', '2', '-i', '0.2', '-W', '2', '100.96.0.1']);
  return `${said}; ${lineWith(ping, 'received')}`;
}
