import { z } from 'zod';
import type { Administrator } from '../administrator.ts';
import type { Host } from '../host.ts';
import type { AddedNetwork } from './add-network.ts';

const networks = z.object({ content: z.array(z.object({ id: z.string(), routes: z.array(z.object({ subnet: z.string() })) })) });

/** staticRoutesOf gives what a network's router has to send to the connector: the WPC's range and every other network's prefixes. */
export async function staticRoutesOf(administrator: Administrator, { id }: Pick<AddedNetwork, 'id'>): Promise<readonly string[]> {
  const { content } = await administrator.must(networks, 'GET', '/api/v1/networks?page=0&size=100');
  return [
    '100.96.0.0/11',
    ...content.filter((other) => other.id !== id).flatMap(({ routes }) => routes.map(({ subnet }) => subnet)),
  ];
}

/** giveStaticRoutes does on a router what its operator would, and gives what was done. `connector` is its address on the LAN. */
export async function giveStaticRoutes(
  administrator: Administrator,
  network: AddedNetwork,
  router: Host,
  connector: string,
): Promise<string> {
  const routes = await staticRoutesOf(administrator, network);
  await router.ip(...routes.map((destination) => `route replace ${destination} via ${connector}`));
  return `given to ${router.name}: ${routes.join(', ')} via ${connector}`;
}
